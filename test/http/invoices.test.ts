import { expect, test } from "vitest";
import { api } from "../support/api/api";
import { bought, newBuyer } from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";

async function invoiced() {
  const stripe = standInStripe();
  const buyer = await newBuyer();
  await bought(stripe, buyer);
  const { body } = await api("GET", "/api/v1/invoices", { key: buyer.key });
  return { stripe, buyer, invoice: body.invoices[0] };
}

test("every purchase has an invoice with its number, net, VAT and gross", async () => {
  const { buyer, invoice } = await invoiced();
  expect(invoice).toMatchObject({
    kind: "invoice",
    status: "paid",
    number: "STANDIN-0001",
    net_cents: 5_000,
    tax_cents: 1_050,
    gross_cents: 6_050,
    rate_percent: 21,
    reverse_charge: false,
  });
  expect((await api("GET", `/api/v1/invoices/${invoice.id}`, { key: buyer.key })).body).toEqual(invoice);
});

test("its file comes through us", async () => {
  const { buyer, invoice } = await invoiced();
  const file = await api("GET", `/api/v1/invoices/${invoice.id}/pdf`, { key: buyer.key });
  expect(file).toMatchObject({ status: 200, body: "%PDF-1.7 STANDIN-0001" });
  expect(file.headers.get("Content-Disposition")).toBe('attachment; filename="STANDIN-0001.pdf"');
  expect(file.headers.get("Cache-Control")).toBe("private, no-store");
});

test("another organization's does not exist", async () => {
  const { invoice } = await invoiced();
  const { key } = await newBuyer();
  for (const path of [`/api/v1/invoices/${invoice.id}`, `/api/v1/invoices/${invoice.id}/pdf`])
    expect((await api("GET", path, { key })).status).toBe(404);
});

test("a file that Stripe cannot give now is to be asked for again", async () => {
  const { stripe, buyer, invoice } = await invoiced();
  const [kept] = stripe.controls.find("invoice", ({ id }) => id === invoice.id);
  if (kept) kept.invoice_pdf = "http://files.elsewhere.test/invoice.pdf";
  const file = await api("GET", `/api/v1/invoices/${invoice.id}/pdf`, { key: buyer.key });
  expect(file).toMatchObject({ status: 503, body: { error: { code: "payments_unavailable" } } });
});

test("an invoice that comes later than the credit is found", async () => {
  const stripe = standInStripe();
  const buyer = await newBuyer();
  stripe.controls.invoicesWait = true;
  await bought(stripe, buyer);
  expect((await api("GET", "/api/v1/invoices", { key: buyer.key })).body.invoices).toEqual([]);
  stripe.controls.makeInvoices();
  await stripe.controls.webhooks.deliverAll();
  expect((await api("GET", "/api/v1/invoices", { key: buyer.key })).body.invoices).toHaveLength(1);
});

test("the list goes on where a page ended", async () => {
  const stripe = standInStripe();
  const buyer = await newBuyer();
  for (let count = 0; count < 3; count++) await bought(stripe, buyer);
  const first = await api("GET", "/api/v1/invoices?limit=2", { key: buyer.key });
  expect(first.body).toMatchObject({ has_more: true });
  const second = await api("GET", `/api/v1/invoices?limit=2&cursor=${first.body.next_cursor}`, {
    key: buyer.key,
  });
  const numbers = [...first.body.invoices, ...second.body.invoices].map(({ number }) => number);
  expect(new Set(numbers).size).toBe(3);
});
