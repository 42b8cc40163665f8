import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { TestOrganization } from "../support/api/organizations";
import { linkOf, linksOf, rowsOf } from "../support/dashboard/html";
import { type Visitor, visitor } from "../support/dashboard/visitor";
import { newCustomer } from "../support/purchases/billing-profile";
import { bought, newBuyer } from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";

const INVOICES = "/billing/invoices";

function pdfsOf(page: string): string[] {
  return linksOf(page).flatMap(([href, text]) => (text === "PDF" ? [href] : []));
}

async function browserOf(organization: TestOrganization): Promise<Visitor> {
  return visitor(organization, "viewer");
}

/** Puts copies of an organization's one invoice into the records, each a second older than the one before. */
async function copyInvoice({ id }: TestOrganization, count: number): Promise<void> {
  const columns = "SELECT name FROM pragma_table_info('invoices')";
  const { results } = await env.DB.prepare(columns).all<{ name: string }>();
  const copied = results.map(({ name }) => {
    if (name === "id") return "id || n";
    if (name === "number") return "'COPY-' || n";
    return name === "issued_at_ms" ? "issued_at_ms - n * 1000" : name;
  });
  const numbers = "WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < ?)";
  const rows = `SELECT ${copied.join(", ")} FROM invoices, copies WHERE organization_id = ?`;
  await env.DB.prepare(`${numbers} INSERT INTO invoices ${rows}`).bind(count, id).run();
}

describe("invoices", () => {
  test("are listed with net, VAT and gross, credit notes with what they correct, and each has its file", async () => {
    const stripe = standInStripe();
    const organization = await newBuyer();
    const { payment_intent_id } = await bought(stripe, organization);
    stripe.controls.refund(payment_intent_id, { amount_cents: 1_210 });
    await stripe.controls.webhooks.deliverAll();
    const browser = await browserOf(organization);
    const page = await browser.page(INVOICES);
    // Both are of the same second, which is all that Stripe tells.
    const rows = rowsOf(page);
    const [invoice = [], note = []] = [/^Invoice/, /^Credit note/].map((kind) =>
      rows.find(([, , what = ""]) => kind.test(what)),
    );
    expect(invoice.slice(2)).toEqual(["Invoice", "€50.00", "€10.50 21%", "€60.50", "Paid", "PDF"]);
    expect(note.slice(2)).toEqual([
      `Credit note corrects ${invoice[0]}`,
      ...["€10.00", "€2.10 21%", "€12.10", "Issued", "PDF"],
    ]);
    for (const path of pdfsOf(page)) {
      const file = await browser.get(path);
      expect([file.status, file.headers.get("Content-Type")]).toEqual([200, "application/pdf"]);
      expect(file.headers.get("Content-Disposition")).toMatch(/^attachment; filename="[\w.-]+\.pdf"$/);
      expect(new TextDecoder().decode(await file.arrayBuffer())).toMatch(/^%PDF-/);
    }
  });

  test("without VAT say why", async () => {
    const stripe = standInStripe();
    const organization = await newCustomer();
    await bought(stripe, organization);
    const [invoice = []] = rowsOf(await (await browserOf(organization)).page(INVOICES));
    expect(invoice.slice(3, 6)).toEqual(["€50.00", "€0.00 reverse charge", "€50.00"]);
  });

  test("are paged, each once, the newest first", async () => {
    const stripe = standInStripe();
    const organization = await newBuyer();
    await bought(stripe, organization);
    await copyInvoice(organization, 50);
    const browser = await browserOf(organization);
    const first = await browser.page(INVOICES);
    const second = await browser.page(INVOICES + linkOf(first, "Older"));
    const numbers = [...rowsOf(first), ...rowsOf(second)].map(([number]) => number);
    expect(numbers.slice(1)).toEqual(Array.from({ length: 50 }, (_, at) => `COPY-${at + 1}`));
    expect(linkOf(second, "Older")).toBeUndefined();
    expect(linkOf(second, "Newest")).toBe(INVOICES);
  });

  test("of another organization, or of none, are not found", async () => {
    const stripe = standInStripe();
    const [one, other] = [await newBuyer(), await newBuyer()];
    await bought(stripe, one);
    const [path = ""] = pdfsOf(await (await browserOf(one)).page(INVOICES));
    const browser = await browserOf(other);
    for (const wrong of [path, `${INVOICES}/nobody/pdf`, `${INVOICES}/%00/pdf`, `${INVOICES}/..%2f/pdf`])
      expect([wrong, (await browser.get(wrong)).status]).toEqual([wrong, 404]);
    const id = path.split("/").at(-2);
    for (const before of ["nobody", "%00", id])
      expect(rowsOf(await browser.page(`${INVOICES}?before=${before}`))).toEqual([]);
  });

  test("whose file cannot be fetched say so, and are there again afterwards", async () => {
    const stripe = standInStripe();
    const organization = await newBuyer();
    await bought(stripe, organization);
    const browser = await browserOf(organization);
    const [path = ""] = pdfsOf(await browser.page(INVOICES));
    stripe.controls.failNext({ kind: "500", times: 50 });
    const away = await browser.get(path);
    expect(away.status).toBe(503);
    expect(await away.text()).toContain("Please try again in a moment.");
    stripe.controls.clearFaults();
    expect((await browser.get(path)).status).toBe(200);
  });
});
