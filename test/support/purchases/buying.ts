import { env, exports } from "cloudflare:workers";
import { expect } from "vitest";
import { returnAddress, type Way } from "../../../src/purchases/return-pages";
import { sweepPurchases } from "../../../src/purchases/sweep";
import type { StripeStandIn } from "../../stand-in/stripe/stand-in";
import { type Answer, type ApiRequest, api, type Json } from "../api/api";
import { adminKey, newOrganization, type TestOrganization } from "../api/organizations";

export const GOOD_CARD = "4242424242424242";
export const DECLINED_CARD = "4000000000000002";

/** A business in Amsterdam: it pays 21 % VAT to the seller there. */
export const AMSTERDAM: Json = {
  company_name: "Example Trading B.V.",
  email: "billing@example.com",
  address: { line1: "Damrak 1", postal_code: "1012 LG", city: "Amsterdam", country: "NL" },
  is_business: true,
};

/** An organization that can buy. */
export async function newBuyer(profile: Json = AMSTERDAM): Promise<TestOrganization> {
  const organization = await newOrganization();
  const saved = await api("PUT", "/api/v1/billing_profile", { key: organization.key, body: profile });
  expect(saved.status, JSON.stringify(saved.body)).toBe(200);
  return organization;
}

let keys = 0;

/** Asks for a purchase, under a key of its own unless one is given. */
export function buy(
  { key }: TestOrganization,
  body: Json = {},
  { idempotency_key = `buy-${++keys}`, ...request }: ApiRequest & { idempotency_key?: string } = {},
): Promise<Answer> {
  const headers = { "Idempotency-Key": idempotency_key };
  return api("POST", "/api/v1/purchases", { key, headers, body: { net_cents: 5_000, ...body }, ...request });
}

/** The session at Stripe that a purchase is paid in. */
export function sessionOf(stripe: StripeStandIn, purchase_id: string) {
  const [session] = stripe.controls.find(
    "checkout.session",
    ({ metadata }) => metadata?.purchase_id === purchase_id,
  );
  if (!session) throw new Error(`Purchase ${purchase_id} has no session.`);
  return session;
}

/** Opens a purchase and pays it on the page. Nothing has told us of that yet. */
export async function buyAndPay(
  stripe: StripeStandIn,
  buyer: TestOrganization,
  body: Json = {},
  card = GOOD_CARD,
): Promise<{ purchase_id: string; session_id: string; payment_intent_id: string }> {
  const created = await buy(buyer, body);
  expect(created.status, JSON.stringify(created.body)).toBe(201);
  const { id } = sessionOf(stripe, created.body.id);
  expect(stripe.controls.payCheckout(id, { card })).toEqual({ status: "paid" });
  const payment_intent_id = String(sessionOf(stripe, created.body.id).payment_intent);
  return { purchase_id: created.body.id, session_id: id, payment_intent_id };
}

/** As `buyAndPay`, and the credit is there. */
export async function bought(
  stripe: StripeStandIn,
  buyer: TestOrganization,
  body: Json = {},
  card = GOOD_CARD,
) {
  const paid = await buyAndPay(stripe, buyer, body, card);
  await stripe.controls.webhooks.deliverAll();
  return paid;
}

export async function postedMicros({ key }: TestOrganization): Promise<number> {
  return (await api("GET", "/api/v1/account", { key })).body.balance.posted_micros;
}

export async function purchaseOf({ key }: TestOrganization, id: string): Promise<Json> {
  return (await api("GET", `/api/v1/purchases/${id}`, { key })).body;
}

/** Kinds and amounts of the organization's entries, the oldest first. */
export async function entriesOf({ id }: TestOrganization): Promise<[kind: string, amount_micros: number][]> {
  const { body } = await api("GET", `/api/v1/admin/organizations/${id}/ledger?limit=500`, {
    key: await adminKey(),
  });
  return body.entries.map(({ kind, amount_micros }: Json) => [kind, amount_micros]).reverse();
}

/** Makes purchases look as if they had been left alone for a while, and lets the cron take them up. */
export async function sweep(): Promise<void> {
  await env.DB.prepare("UPDATE purchases SET checked_at_ms = checked_at_ms - 600000").run();
  await sweepPurchases(env);
}

/** The query of the address that leads back from a page of Stripe. */
export async function returnQuery(way: Way): Promise<Record<string, string>> {
  return Object.fromEntries(new URL(await returnAddress(env, way)).searchParams);
}

/** A browser that comes back from the payment page. */
export function comeBack(session: { success_url: string | null; id: string }): Promise<Response> {
  const url = String(session.success_url).replace("{CHECKOUT_SESSION_ID}", session.id);
  return exports.default.fetch(url, { redirect: "manual" });
}

/** Where a purchase stands in D1, without a look at Stripe. */
export async function storedStatus(id: string): Promise<string> {
  const row = await env.DB.prepare("SELECT status FROM purchases WHERE id = ?")
    .bind(id)
    .first<{ status: string }>();
  if (!row) throw new Error("There is no such purchase.");
  return row.status;
}
