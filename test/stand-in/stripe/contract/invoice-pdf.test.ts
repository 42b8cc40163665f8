import { exports } from "cloudflare:workers";
import { beforeAll, describe, expect, it, test } from "vitest";
import { api, type Json } from "../../../support/api/api";
import { BERLIN, newCustomer } from "../../../support/purchases/billing-profile";
import { bought } from "../../../support/purchases/buying";
import { standInStripe } from "../../../support/purchases/stripe";
import type { InvoiceDocument, InvoiceParty } from "../documents/invoice-document";
import { renderInvoicePdf } from "../documents/invoice-pdf";
import { fontsInBundle, pagesOf } from "./read-pdf";

const fonts = fontsInBundle();

const TODAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" }).format(Date.now());

/** What stands on the files of a customer's documents, the newest first, as their own key reads them. */
async function filesOf(profile: Json, { refund_cents }: { refund_cents?: number } = {}): Promise<string[]> {
  const stripe = standInStripe({ pdf: (document) => renderInvoicePdf(document, fonts) });
  const { key, ...customer } = await newCustomer(profile);
  const { payment_intent_id } = await bought(stripe, { key, ...customer });
  if (refund_cents) stripe.controls.refund(payment_intent_id, { amount_cents: refund_cents });
  await stripe.controls.webhooks.deliverAll();
  const { body } = await api("GET", "/api/v1/invoices", { key });
  // One after the other: the program that writes fonts has one queue of work for all requests, which workerd forbids.
  const files: string[] = [];
  for (const { id } of body.invoices) files.push(await fileOf(id, key));
  return files;
}

async function fileOf(id: string, key: string): Promise<string> {
  const url = `https://ringfence.test/api/v1/invoices/${id}/pdf`;
  const file = await exports.default.fetch(url, { headers: { Authorization: `Bearer ${key}` } });
  expect(file.headers.get("Content-Type")).toBe("application/pdf");
  const [page = "", ...more] = await pagesOf(new Uint8Array(await file.arrayBuffer()));
  expect(more).toEqual([]);
  return page.replaceAll(/\s+/g, " ");
}

/** That each of these stands on the page, and in this order, however lines are broken. */
function expectInOrder(page: string, parts: string[]): void {
  const places = parts.map((part) => [part, page.indexOf(part)] as const);
  expect(places.filter(([, place]) => place < 0)).toEqual([]);
  expect(places.toSorted(([, a], [, b]) => a - b)).toEqual(places);
}

const REVERSE_CHARGE =
  "Reverse charge: VAT to be accounted for by the recipient (Article 196, Council Directive 2006/112/EC).";

// The program that reads PDF takes seconds to load, once.
beforeAll(async () => void (await textOf(documentOf())));

describe("the file of an invoice says all that the law asks for", () => {
  test("to a Polish business with a VAT ID, which owes the VAT itself", async () => {
    const [page = ""] = await filesOf({
      company_name: "Spółka Przykładowa Żółć Sp. z o.o.",
      address: { line1: "ul. Świętokrzyska 14/7", postal_code: "90-001", city: "Łódź", country: "PL" },
      vat_id: "PL 856-734-62-15",
    });
    expectInOrder(page, [
      "Invoice number STANDIN-0001",
      `Date of issue ${TODAY}`,
      `Date paid ${TODAY}`,
      "From Example Voice B.V.",
      "1015 BA Amsterdam",
      "VAT ID NL000099998B57",
      "Bill to",
      "Spółka Przykładowa Żółć Sp. z o.o.",
      "ul. Świętokrzyska 14/7",
      "90-001 Łódź",
      "Poland",
      "VAT ID PL8567346215",
      "Prepaid call credit",
      "Total excluding VAT €50.00",
      "VAT 0%, reverse charge €0.00",
      "Total including VAT €50.00",
      REVERSE_CHARGE,
    ]);
  });

  test("to a Greek consumer, with the Greek rate", async () => {
    const [page = ""] = await filesOf({
      company_name: "Παράδειγμα Εμπορική Α.Ε.",
      address: { line1: "Λεωφόρος Κηφισίας 12", postal_code: "105 57", city: "Αθήνα", country: "GR" },
      is_business: false,
      vat_id: null,
    });
    expectInOrder(page, [
      "Παράδειγμα Εμπορική Α.Ε.",
      "Λεωφόρος Κηφισίας 12",
      "105 57 Αθήνα",
      "Greece",
      "Total excluding VAT €50.00",
      "VAT 24% €12.00",
      "Total including VAT €62.00",
      "Amount paid €62.00",
    ]);
    expect(page).not.toMatch(/reverse charge/i);
  });

  test("to a Belgian business whose VAT ID is not valid, with the Belgian rate and without that VAT ID", async () => {
    const [page = ""] = await filesOf({
      company_name: "Example Trading BV",
      address: { line1: "Koningsstraat 1", postal_code: "1000", city: "Brussel", country: "BE" },
      vat_id: "BE0428759498",
    });
    expectInOrder(page, [
      "Example Trading BV",
      "1000 Brussel",
      "VAT 21% €10.50",
      "Total including VAT €60.50",
    ]);
    expect(page).not.toContain("0428759498");
  });

  test("to a business in Switzerland, without VAT and without the words of reverse charge", async () => {
    const [page = ""] = await filesOf({
      address: { line1: "Bahnhofstrasse 1", postal_code: "8001", city: "Zürich", country: "CH" },
      vat_id: "CHE-100.155.212 MWST",
    });
    expectInOrder(page, [
      "8001 Zürich",
      "VAT ID CHE-100.155.212 MWST",
      "No VAT due €0.00",
      "Total including VAT €50.00",
    ]);
    expect(page).not.toMatch(/reverse charge/i);
  });
});

test("the file of a credit note names the invoice that it corrects", async () => {
  const pages = await filesOf({ ...BERLIN, is_business: false }, { refund_cents: 1_190 });
  const note = pages.find((page) => page.startsWith("Credit note")) ?? "";
  expectInOrder(note, [
    "Credit note number STANDIN-0001-CN-01",
    `Corrects invoice STANDIN-0001 of ${TODAY}`,
    "Example Handel GmbH",
    `€11.90 refunded on ${TODAY}`,
    "Total excluding VAT €10.00",
    "VAT 19% €1.90",
    "Total credited €11.90",
  ]);
});

const party = (name: string, address_lines: string[] = []): InvoiceParty => ({
  name,
  address_lines,
  vat_id: null,
  email: null,
});

function documentOf(changes: Partial<InvoiceDocument> = {}): InvoiceDocument {
  return {
    kind: "invoice",
    number: "STANDIN-0042",
    issued_at_ms: Date.UTC(2026, 10, 24),
    corrects: null,
    payment: { state: "due", due_at_ms: Date.UTC(2026, 11, 8) },
    seller: party("Example Voice B.V."),
    buyer: party("Example Handel GmbH"),
    currency: "EUR",
    lines: [{ description: "Prepaid call credit", quantity: 1, unit_net_cents: 5_000, net_cents: 5_000 }],
    net_cents: 5_000,
    tax_rate_basis_points: 2_550,
    tax_cents: 1_275,
    gross_cents: 6_275,
    reverse_charge: false,
    notes: [],
    ...changes,
  };
}

const textOf = async (document: InvoiceDocument) => pagesOf(await renderInvoicePdf(document, fonts));

describe("on a page", () => {
  it.each([
    ["Polish", "Zażółć gęślą jaźń ZAŻÓŁĆ GĘŚLĄ JAŹŃ"],
    ["Czech and Slovak", "Příliš žluťoučký kůň ĎŤŇĽŔ ďťňľŕ"],
    ["Romanian", "Ștefan Țară ăâîșț ŞŢ"],
    ["Hungarian", "Győr árvíztűrő ŐŰ"],
    ["Greek", "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία ΆΈΉΊΌΎΏ"],
    ["Bulgarian", "Жълтата дюля беше щастлива"],
    ["Baltic", "āčēģīķļņšūž ąęėįųū õäöü"],
    ["Nordic", "æøå ÆØÅ ðþ Ðþ äö"],
    ["Maltese, Turkish and Welsh", "ġħż ĠĦŻ ğış ĞİŞ ŵŷ"],
    ["German and French", "ÄÖÜäöüß ẞ œŒ çéèêëïîôùûÿ « »"],
    ["decomposed", "Łódź Győr".normalize("NFD")],
  ])("every letter can be read and copied: %s", async (_, name) => {
    const [page] = await textOf(documentOf({ buyer: party(name) }));
    expect(page?.replaceAll(/\s+/g, " ")).toContain(name.normalize("NFC"));
  });

  it("amounts of any size stand on one line", async () => {
    const [page] = await textOf(
      documentOf({ net_cents: 99_999_999_99, gross_cents: 12_549_999_987, tax_cents: 1 }),
    );
    expect(page).toContain("Total excluding VAT €99,999,999.99");
    expect(page).toContain("Total including VAT €125,499,999.87");
    expect(page).toContain("VAT 25.5%");
  });

  it("what is too long goes on on the next line, and on the next page under its heading", async () => {
    const name = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";
    const lines = Array.from({ length: 60 }, (_, index) => ({
      description: `Prepaid call credit, number ${index}`,
      quantity: 1,
      unit_net_cents: 1,
      net_cents: 1,
    }));
    const pages = await textOf(documentOf({ buyer: party(name, ["Street ".repeat(30).trim()]), lines }));
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.join("").replaceAll(/\s/g, "")).toContain(name);
    for (const [index, page] of pages.entries()) {
      expect(page).toContain(`Page ${index + 1} of ${pages.length}`);
      expect(page).toContain("Net amount");
    }
    for (const { description } of lines) expect(pages.join("\n")).toContain(description);
  });

  it("what was not paid yet says until when, and what is void that it is", async () => {
    expect((await textOf(documentOf()))[0]).toContain("€62.75 due on 8 December 2026");
    expect((await textOf(documentOf({ payment: { state: "void" } })))[0]).toContain("€62.75, void");
  });
});

test("the same document is the same file, to the byte", async () => {
  expect(await renderInvoicePdf(documentOf(), fonts)).toEqual(await renderInvoicePdf(documentOf(), fonts));
});
