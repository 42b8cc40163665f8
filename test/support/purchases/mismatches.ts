import { env } from "cloudflare:workers";
import type Stripe from "stripe";
import { afterEach, beforeEach, expect, vi } from "vitest";
import { reconcile } from "../../../src/admin/reconcile";
import { EventRelay } from "../../../src/ledger/object/event-relay";
import type { StripeStandIn } from "../../stand-in/stripe/stand-in";
import { type Answer, api } from "../api/api";
import { adminKey, type TestOrganization } from "../api/organizations";
import { stopClock } from "../clock";
import { notedOf, watchDriver } from "../ledger/auto-top-up";
import { claimingBuyer, drive, invoicesOf } from "./auto-top-up";
import { buyAndPay, newBuyer, purchaseOf, sessionOf } from "./buying";
import { sdkFor, standInStripe } from "./stripe";

const FINALIZE = /\/finalize$/;

/** Time stands, auto top-ups are driven by the test, and the log is quiet: for every test of the file that calls it. */
export function watchPurchases(): void {
  beforeEach(() => {
    stopClock();
    watchDriver();
    // What is to be told stays where it was noted.
    vi.spyOn(EventRelay.prototype, "flush").mockResolvedValue(true);
    vi.spyOn(console, "error").mockImplementation(() => {});
    vi.spyOn(console, "warn").mockImplementation(() => {});
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });
}

/** Resolves a mismatch as an operator does. */
export async function resolve(
  { id }: TestOrganization,
  purchase_id: string,
  resolution: string,
): Promise<Answer> {
  const path = `/api/v1/admin/organizations/${id}/purchases/${purchase_id}/resolve`;
  return api("POST", path, { key: await adminKey(), body: { resolution, reason: "Looked into" } });
}

/** The one customer at this Stripe. */
export function onlyCustomer(stripe: StripeStandIn): Stripe.Customer {
  const [customer] = stripe.controls.find("customer");
  if (!customer) throw new Error("There is no customer.");
  return customer;
}

/** Gives the one customer a balance at Stripe: credit below 0. */
export function setBalance(stripe: StripeStandIn, amount: number) {
  const { id } = onlyCustomer(stripe);
  return sdkFor(stripe).customers.createBalanceTransaction(id, { amount, currency: "eur" });
}

/** What the ledger has noted to tell of. */
export const noted = ({ id }: TestOrganization) => notedOf({ stub: () => env.LEDGER.getByName(id) });

/** Drives a claim as far as its draft: Stripe does not get to hear that it is to be finalized. */
export async function leaveDraft(stripe: StripeStandIn, buyer: Parameters<typeof drive>[0]): Promise<void> {
  stripe.controls.failNext({ method: "POST", path: FINALIZE, kind: "lost", times: 10 });
  await drive(buyer);
  stripe.controls.clearFaults();
}

/** What reconciliation says of an organization. */
export async function differencesOf({ id }: TestOrganization): Promise<unknown[]> {
  const report = await reconcile(env, Date.now() + 3_600_000);
  return (report?.differences ?? []).filter(({ organization_id }) => organization_id === id);
}

/** An auto top-up whose invoice the customer's balance has paid, in whole or in part, after we had looked at it. */
export async function mixed(balance_cents: number) {
  const stripe = standInStripe();
  const buyer = await claimingBuyer(stripe);
  await leaveDraft(stripe, buyer);
  const [draft] = invoicesOf(stripe, buyer.claim);
  await setBalance(stripe, balance_cents);
  await sdkFor(stripe).invoices.finalizeInvoice(draft?.id ?? "", { auto_advance: false });
  if (-balance_cents < 6_050) stripe.controls.payInvoicePage(draft?.id ?? "", "4242424242424242");
  await drive(buyer);
  const { purchase_id } = buyer.claim;
  expect((await purchaseOf(buyer, purchase_id)).status).toBe("mismatch");
  return { stripe, buyer, purchase_id };
}

/** A purchase of EUR 50 for whose page another amount was paid than was asked for. */
export async function paidOtherwise(net_cents = 4_000) {
  const stripe = standInStripe();
  const buyer = await newBuyer();
  const paid = await buyAndPay(stripe, buyer);
  const tax = Math.round(net_cents * 0.21);
  const [intent] = stripe.controls.find("payment_intent");
  const session = sessionOf(stripe, paid.purchase_id);
  Object.assign(session, { amount_subtotal: net_cents, amount_total: net_cents + tax });
  Object.assign(session.total_details ?? {}, { amount_tax: tax });
  Object.assign(intent ?? {}, { amount_received: net_cents + tax });
  await stripe.controls.webhooks.deliverAll();
  return { stripe, buyer, ...paid };
}
