import { env } from "cloudflare:workers";
import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { resumeTopUp } from "../../../src/purchases/auto-top-up/drive";
import { fulfilPurchase } from "../../../src/purchases/fulfil";
import { openDatabase } from "../../../src/storage/database";
import { findPurchase } from "../../../src/storage/purchases";
import type { FaultKind } from "../../stand-in/stripe/core/faults";
import { api } from "../../support/api/api";
import { stopClock } from "../../support/clock";
import { failD1 } from "../../support/failures/failing-d1";
import { failing, troubleLedger, well } from "../../support/failures/failing-ledger";
import { watchDriver } from "../../support/ledger/auto-top-up";
import {
  chargedCents,
  claimingBuyer,
  drive,
  invoicesOf,
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
import { sdkFor, standInStripe } from "../../support/purchases/stripe";

const EUR_50 = 50_000_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const ASKS_EVERY_TIME = "4000002760003184";
const FAILS_WHEN_CHARGED = "4000000000000341";

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

type Buyer = Awaited<ReturnType<typeof claimingBuyer>>;

/** What comes back to a claim until it has ended: the ledger's alarm, now and then. */
async function driveToItsEnd(buyer: Buyer): Promise<void> {
  for (let time = 0; time < 5 && (await topUpView(buyer)).claim; time++) {
    await drive(buyer).catch(() => {});
    clock.pass(2 * MINUTE_MS);
  }
}

async function setStatus(purchase_id: string, status: string): Promise<void> {
  await env.DB.prepare("UPDATE purchases SET status = ? WHERE id = ?").bind(status, purchase_id).run();
}

/** Makes a ledger fail that has been asked, before the draft and before the payment, whether auto top-up was stopped. */
function failAtCredit({ id }: Buyer): () => void {
  return troubleLedger(id, well, well, failing("Internal error (made by the test)")).mend;
}

/** How often Stripe was asked for this. */
function requestsTo(path: RegExp): number {
  const asked = vi
    .mocked(globalThis.fetch)
    .mock.calls.map(([input]) => new URL(new Request(input).url).pathname);
  return asked.filter((found) => path.test(found)).length;
}

const STEPS: Record<string, RegExp> = {
  draft: /^\/v1\/invoices$/,
  item: /^\/v1\/invoiceitems$/,
  number: /\/finalize$/,
  payment: /\/pay$/,
};
const KINDS: FaultKind[] = ["500", "500_after", "lost", "lost_after"];
/** The SDK repeats a request once: two are hit, so that the fault reaches us. */
const BOTH_TRIES = 2;

describe("one charge and one credit, whatever becomes of the request for the", () => {
  for (const [step, path] of Object.entries(STEPS))
    test.for(KINDS)(`${step}: %s`, async (kind) => {
      const stripe = standInStripe();
      const buyer = await claimingBuyer(stripe);
      stripe.controls.failNext({ method: "POST", path, kind, times: BOTH_TRIES });
      await driveToItsEnd(buyer);
      expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
      expect(chargedCents(stripe)).toEqual([6_050]);
      expect(invoicesOf(stripe, buyer.claim)).toMatchObject([
        { status: "paid", lines: { data: [{ amount: 5_000 }] } },
      ]);
    });

  test.for(KINDS)("withdrawal of the invoice after a decline: %s", async (kind) => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe, { card: FAILS_WHEN_CHARGED });
    stripe.controls.failNext({ method: "POST", path: /\/void$/, kind, times: BOTH_TRIES });
    await driveToItsEnd(buyer);
    expect(invoicesOf(stripe, buyer.claim)).toMatchObject([{ status: "void" }]);
    expect(requestsTo(/\/pay$/)).toBe(1);
    expect(stripe.controls.find("charge").length).toBe(1);
    expect(await topUpView(buyer)).toMatchObject({ claim: null, last_failure: { code: "card_declined" } });
  });

  test("state of the invoice, after a payment without an answer", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    stripe.controls.failNext({ method: "POST", path: STEPS.payment, kind: "lost_after", times: BOTH_TRIES });
    stripe.controls.failNext({ method: "GET", path: /^\/v1\/invoices\/in_/, kind: "lost", times: 6 });
    await drive(buyer).catch(() => {});
    expect(await postedMicros(buyer)).toBe(0);
    await driveToItsEnd(buyer);
    expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
    expect(chargedCents(stripe)).toEqual([6_050]);
  });
});

describe("a claim is brought to its end", () => {
  test("by the cron and the webhook alone, when the ledger's own way is lost after the first step", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    stripe.controls.failNext({ method: "POST", path: STEPS.draft, kind: "lost", times: BOTH_TRIES });
    await drive(buyer);
    await sweep();
    await stripe.controls.webhooks.deliver({ times: 2, order: "reversed" });
    expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
    expect((await topUpView(buyer)).claim).toBeNull();
  });

  test("once, by any number of triggers at once", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    const { purchase_id } = buyer.claim;
    stripe.controls.failNext({ method: "POST", path: STEPS.draft, kind: "lost", times: BOTH_TRIES });
    await drive(buyer);
    const purchase = await findPurchase(openDatabase(env), purchase_id);
    if (!purchase) throw new Error("There is no purchase.");
    await Promise.allSettled([
      drive(buyer),
      drive(buyer),
      resumeTopUp(env, purchase),
      fulfilPurchase(env, purchase_id),
      sweep(),
      stripe.controls.webhooks.deliver({ times: 2 }),
    ]);
    await driveToItsEnd(buyer);
    expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
    expect(chargedCents(stripe)).toEqual([6_050]);
    expect(invoicesOf(stripe, buyer.claim).length).toBe(1);
    expect(stripe.controls.find("invoiceitem").length).toBe(1);
  });

  test("under another key, when Stripe answers the same failure for ever under the first", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    stripe.controls.failNext({ method: "POST", path: STEPS.draft, kind: "500_after" });
    stripe.controls.failNext({ method: "GET", path: STEPS.draft, kind: "lost", times: 2 * BOTH_TRIES });
    await drive(buyer).catch(() => {});
    for (const { id } of invoicesOf(stripe, buyer.claim)) await sdkFor(stripe).invoices.del(id);
    await driveToItsEnd(buyer);
    expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
    expect(chargedCents(stripe)).toEqual([6_050]);
  });

  test("when D1 was away at the start, and when the ledger was away at the credit", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    const repair = failD1();
    await expect(drive(buyer)).rejects.toThrow();
    repair();
    const mend = failAtCredit(buyer);
    await expect(drive(buyer)).rejects.toThrow();
    expect(chargedCents(stripe)).toEqual([6_050]);
    mend();
    expect(await purchaseOf(buyer, buyer.claim.purchase_id)).toMatchObject({ status: "paid" });
    await drive(buyer);
    expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
    expect((await topUpView(buyer)).claim).toBeNull();
  });

  test("as failed when nobody could come back to it for a day, and nothing was charged", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    clock.pass(24 * HOUR_MS);
    await drive(buyer);
    expect(stripe.controls.find("invoice")).toEqual([]);
    expect(await topUpView(buyer)).toMatchObject({ claim: null, last_failure: { code: "expired" } });
  });

  test("after the one before it, when the ledger was set back to a time before that", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    stripe.controls.failNext({ method: "POST", path: STEPS.payment, kind: "lost", times: BOTH_TRIES });
    await drive(buyer);
    const again = { ...buyer, claim: { ...buyer.claim, purchase_id: "pur_01k9z3v8qhe1w9m4c7d2x5n6tp" } };
    await expect(drive(again)).rejects.toThrow("under way");
    await sweep();
    await drive(again);
    expect(chargedCents(stripe)).toEqual([6_050, 6_050]);
  });
});

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
