import { env } from "cloudflare:workers";
import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openDatabase } from "../../../src/storage/database";
import { findPurchase } from "../../../src/storage/purchases/purchases";
import { api } from "../../support/api/api";
import { stopClock } from "../../support/clock";
import { watchDriver } from "../../support/ledger/auto-top-up";
import {
  BOTH_TRIES,
  chargedCents,
  claimingBuyer,
  drive,
  failAtCredit,
  invoicesOf,
  STEPS,
  topUpView,
} from "../../support/purchases/auto-top-up";
import {
  AMSTERDAM,
  entriesOf,
  GOOD_CARD,
  postedMicros,
  purchaseOf,
  sweep,
} from "../../support/purchases/buying";
import { standInStripe } from "../../support/purchases/stripe";

const EUR_50 = 50_000_000;
const HOUR_MS = 3_600_000;
const ASKS_EVERY_TIME = "4000002760003184";

let clock: ReturnType<typeof stopClock>;
beforeEach(() => {
  clock = stopClock();
  watchDriver();
  for (const method of ["warn", "error"] as const) vi.spyOn(console, method).mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

async function setStatus(purchase_id: string, status: string): Promise<void> {
  await env.DB.prepare("UPDATE purchases SET status = ? WHERE id = ?").bind(status, purchase_id).run();
}

describe("money that came", () => {
  test("in the last moment is credited, and the invoice is not withdrawn", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe, { card: ASKS_EVERY_TIME });
    await drive(buyer);
    const [invoice] = invoicesOf(stripe, buyer.claim);
    stripe.controls.payInvoicePage(invoice?.id ?? "", GOOD_CARD);
    clock.pass(24 * HOUR_MS);
    await sweep();
    expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
    expect(await purchaseOf(buyer, buyer.claim.purchase_id)).toMatchObject({
      status: "credited",
      failure: null,
    });
    expect(await topUpView(buyer)).toMatchObject({ claim: null, last_failure: null });
  });

  test("for a purchase that was given up is credited all the same, and counts in the month", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    stripe.controls.failNext({ method: "POST", path: STEPS.payment, kind: "lost", times: BOTH_TRIES });
    await drive(buyer);
    const [invoice] = invoicesOf(stripe, buyer.claim);
    await env.LEDGER.getByName(buyer.id).closeTopUp(buyer.claim.purchase_id, {
      code: "expired",
      message: "Late.",
    });
    await setStatus(buyer.claim.purchase_id, "expired");
    stripe.controls.payInvoicePage(invoice?.id ?? "", GOOD_CARD);
    await stripe.controls.webhooks.deliverAll();
    expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
    expect(await topUpView(buyer)).toMatchObject({ used_this_month_cents: 5_000, last_failure: null });
  });

  test.for<[string, (invoice: Stripe.Invoice, intent: Stripe.PaymentIntent) => unknown]>([
    ["livemode", (invoice) => Object.assign(invoice, { livemode: true })],
    ["purchase", (invoice) => Object.assign(invoice, { metadata: { purchase_id: "pur_another" } })],
    ["customer", (invoice) => Object.assign(invoice, { customer: "cus_another" })],
    ["currency", (invoice) => Object.assign(invoice, { currency: "usd" })],
    ["net", (invoice) => Object.assign(invoice, { total_excluding_tax: 4_999 })],
    ["gross", (invoice) => Object.assign(invoice, { total_taxes: [] })],
    ["paid_in_full", (invoice) => Object.assign(invoice, { amount_paid: 6_049 })],
    ["received", (_, intent) => Object.assign(intent, { amount_received: 6_049 })],
    ["received", (_, intent) => Object.assign(intent, { status: "processing" })],
  ])("with another %s than was asked is not credited", async ([what, spoil]) => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    const mend = failAtCredit(buyer);
    await drive(buyer).catch(() => {});
    mend();
    await setStatus(buyer.claim.purchase_id, "open");
    const [invoice] = invoicesOf(stripe, buyer.claim);
    const [intent] = stripe.controls.find("payment_intent");
    if (!invoice || !intent) throw new Error("Nothing was paid.");
    spoil(invoice, intent);
    await drive(buyer);
    expect(await postedMicros(buyer)).toBe(0);
    const purchase = await findPurchase(openDatabase(env), buyer.claim.purchase_id);
    expect(purchase).toMatchObject({ status: "mismatch", failure_message: what });
  });

  test("otherwise than by a payment of the full amount is not credited, and nothing more is bought until people have looked", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    stripe.controls.failNext({ method: "POST", path: STEPS.payment, kind: "lost", times: BOTH_TRIES });
    await drive(buyer);
    for (const invoice of invoicesOf(stripe, buyer.claim))
      Object.assign(invoice, { status: "paid", amount_paid: 6_050 });
    await drive(buyer);
    await sweep();
    expect(await postedMicros(buyer)).toBe(0);
    expect(await purchaseOf(buyer, buyer.claim.purchase_id)).toMatchObject({ status: "mismatch" });
    expect(await topUpView(buyer)).toMatchObject({ claim: null, obstacle: "purchase_mismatch" });
  });
});

test("an invoice by a billing profile that was changed meanwhile is withdrawn before anything is charged", async () => {
  const stripe = standInStripe();
  const buyer = await claimingBuyer(stripe);
  stripe.controls.failNext({ method: "POST", path: STEPS.payment, kind: "lost", times: BOTH_TRIES });
  await drive(buyer);
  const body = { ...AMSTERDAM, company_name: "Other Trading B.V." };
  expect((await api("PUT", "/api/v1/billing_profile", { key: buyer.key, body })).status).toBe(200);
  await drive(buyer);
  expect(chargedCents(stripe)).toEqual([]);
  expect(invoicesOf(stripe, buyer.claim)).toMatchObject([{ status: "void" }]);
  expect((await topUpView(buyer)).last_failure).toMatchObject({ code: "billing_profile_changed" });
});

test("an invoice that does not come out as it was asked for is withdrawn before anything is charged", async () => {
  const stripe = standInStripe();
  const buyer = await claimingBuyer(stripe);
  stripe.controls.failNext({ method: "POST", path: STEPS.number, kind: "lost", times: BOTH_TRIES });
  await drive(buyer);
  for (const { lines } of invoicesOf(stripe, buyer.claim)) for (const line of lines.data) line.amount = 9_900;
  await drive(buyer);
  expect(chargedCents(stripe)).toEqual([]);
  expect(invoicesOf(stripe, buyer.claim)).toMatchObject([{ status: "void" }]);
  expect((await topUpView(buyer)).last_failure).toMatchObject({ code: "invoice_wrong" });
});
