import { describe, expect, test } from "vitest";
import { api } from "../support/api/api";
import {
  adjust,
  adminKey,
  authorize,
  call,
  manyCalls,
  newOrganization,
  node,
} from "../support/api/organizations";
import { linkOf, linksOf, rowsOf } from "../support/dashboard/html";
import { type Visitor, visitor } from "../support/dashboard/visitor";
import { bought, newBuyer } from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";

const EUR = 1_000_000;

/** The entries of a page: what, amount, balance after. */
async function entriesOf(browser: Visitor, path = "/billing/ledger"): Promise<string[][]> {
  return rowsOf(await browser.page(path)).map(([, , ...cells]) => cells);
}

describe("the ledger", () => {
  test("shows every kind of entry with its cause and the balance after it", async () => {
    const stripe = standInStripe();
    const organization = await newBuyer();
    const browser = await visitor(organization);
    const { payment_intent_id, purchase_id } = await bought(stripe, organization);
    await api("POST", `/api/v1/admin/organizations/${organization.id}/adjustments`, {
      key: await adminKey(),
      headers: { "Idempotency-Key": "gift" },
      body: { amount_micros: 2 * EUR, reason: "For trying it", kind: "promotion" },
    });
    await adjust(organization, -EUR);
    await call(organization, "a/call", 6_000);
    await node(organization, "a%2Fcall/correct", { correction_id: "c1", duration_ms: 3_000, reason: "CDR" });
    stripe.controls.refund(payment_intent_id, { amount_cents: 1_210 });
    await stripe.controls.webhooks.deliverAll();
    stripe.controls.openDispute(payment_intent_id, { amount_cents: 605 });
    await stripe.controls.webhooks.deliverAll();
    const page = await browser.page("/billing/ledger");
    expect(await entriesOf(browser)).toEqual([
      ["Disputed payment purchase", "-€5.00", "€35.9965"],
      ["Refund purchase", "-€10.00", "€40.9965"],
      ["Correction of a call receipt CDR", "+€0.0035", "€50.9965"],
      ["Call receipt The caller hung up", "-€0.007", "€50.993"],
      ["Adjustment Test", "-€1.00", "€51.00"],
      ["Free credit For trying it", "+€2.00", "€52.00"],
      ["Credit bought purchase", "+€50.00", "€50.00"],
    ]);
    expect(linkOf(page, "receipt")).toBe("/billing/usage/calls/a%2Fcall");
    expect(linkOf(page, "purchase")).toBe(`/billing/credits/result?purchase_id=${purchase_id}`);
    for (const [href, text] of linksOf(page))
      if (text === "receipt" || text === "purchase") expect((await browser.get(href)).status).toBe(200);
  });

  test("is paged: each entry once, also while new ones are posted", async () => {
    const organization = await newOrganization(10 * EUR);
    const browser = await visitor(organization);
    await manyCalls(
      organization,
      Array.from({ length: 119 }, (_, at) => `call-${at}`),
      6_000,
    );
    const numbers: number[] = [];
    let path: string | undefined = "/billing/ledger";
    for (let turn = 0; path && turn < 10; turn++) {
      const page = await browser.page(path);
      numbers.push(...rowsOf(page).map(([number]) => Number(number)));
      const older = linkOf(page, "Older");
      path = older && `/billing/ledger${older}`;
      await adjust(organization, EUR);
    }
    expect(numbers).toEqual(Array.from({ length: 120 }, (_, at) => 120 - at));
    const last = await browser.page("/billing/ledger?before=21");
    expect(linkOf(last, "Older")).toBeUndefined();
    expect(linkOf(last, "Newest")).toBe("/billing/ledger");
  });

  test("says of a page that there cannot be that it is none", async () => {
    const browser = await visitor(await newOrganization(EUR));
    for (const before of ["0", "-1", "x", "1.5", "1e3", "9".repeat(16), "%00", "01", ""]) {
      const answer = await browser.get(`/billing/ledger?before=${before}`);
      const page = await answer.text();
      expect([before, answer.status]).toEqual([before, 400]);
      expect(page).toContain("There is no such page of entries");
      expect(linkOf(page, "Newest")).toBe("/billing/ledger");
    }
    expect(await entriesOf(browser, "/billing/ledger?before=1")).toEqual([]);
  });

  test("shows a debt as one, and only the organization's own entries", async () => {
    const [one, other] = [await newOrganization(10_000), await newOrganization(EUR)];
    await authorize(one, "long");
    await node(one, "long/settle", { duration_ms: 60_000, end_reason: "caller_hangup" });
    expect(await entriesOf(await visitor(one))).toEqual([
      ["Call receipt The caller hung up", "-€0.07", "-€0.06"],
      ["Adjustment Test", "+€0.01", "€0.01"],
    ]);
    expect(await entriesOf(await visitor(other))).toEqual([["Adjustment Test", "+€1.00", "€1.00"]]);
  });

  test("says the causes in the language of the page", async () => {
    const stripe = standInStripe();
    const organization = await newBuyer();
    const { payment_intent_id } = await bought(stripe, organization);
    stripe.controls.refund(payment_intent_id, {});
    await stripe.controls.webhooks.deliverAll();
    const causes = async (language: "nl" | "de") =>
      (await entriesOf(await visitor(organization, "viewer", language))).map(([cause]) => cause);
    expect(await causes("nl")).toEqual(["Terugbetaling aankoop", "Tegoed gekocht aankoop"]);
    expect(await causes("de")).toEqual(["Erstattung Kauf", "Guthaben gekauft Kauf"]);
  });
});
