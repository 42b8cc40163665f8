import { env } from "cloudflare:workers";
import type Stripe from "stripe";
import { expect } from "vitest";
import type { CallCommand } from "../../../src/ledger/core/calls/commands";
import type { TopUpClaim, TopUpView } from "../../../src/ledger/core/credit/auto-top-up";
import { driveAutoTopUp } from "../../../src/purchases/auto-top-up/drive";
import type { StripeStandIn } from "../../stand-in/stripe/stand-in";
import { api, type Json } from "../api/api";
import type { TestOrganization } from "../api/organizations";
import { failing, troubleLedger, well } from "../failures/failing-ledger";
import { use } from "../ledger/auto-top-up";
import { AMSTERDAM, GOOD_CARD, newBuyer } from "./buying";

/** Buys EUR 50 when less than EUR 5 remains. */
export const AUTO_TOP_UP: Json = {
  enabled: true,
  threshold_micros: 5_000_000,
  net_cents: 5_000,
  max_per_day: 3,
  monthly_cap_cents: 50_000,
  consent: true,
};

/** Saves a card on the page for that; Stripe tells us of it. */
export async function saveCardOnPage(
  stripe: StripeStandIn,
  { key }: TestOrganization,
  card = GOOD_CARD,
): Promise<void> {
  const { body, status } = await api("POST", "/api/v1/payment_method/setup", { key, body: {} });
  expect(status, JSON.stringify(body)).toBe(201);
  const [session] = stripe.controls.find("checkout.session", ({ url }) => url === body.url);
  expect(stripe.controls.payCheckout(session?.id ?? "", { card, authenticate: true })).toEqual({
    status: "saved",
  });
  await stripe.controls.webhooks.deliverAll();
}

export async function turnOn({ key }: TestOrganization, changes: Json = {}): Promise<Json> {
  const body = { ...AUTO_TOP_UP, ...changes };
  const answer = await api("PUT", "/api/v1/auto_top_up", { key, body });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
}

/** A buyer without credit and with a saved card, on which auto top-up is on: something is claimed at once. */
export async function claimingBuyer(
  stripe: StripeStandIn,
  { card = GOOD_CARD, profile = AMSTERDAM }: { card?: string; profile?: Json } = {},
): Promise<TestOrganization & { claim: TopUpClaim }> {
  const buyer = await newBuyer(profile);
  await saveCardOnPage(stripe, buyer, card);
  await turnOn(buyer);
  return { ...buyer, claim: await standingClaim(buyer) };
}

export async function topUpView({ id }: Pick<TestOrganization, "id">): Promise<TopUpView> {
  const answer = await env.LEDGER.getByName(id).autoTopUp(null);
  if (answer.outcome !== "auto_top_up") throw new Error(answer.code);
  return answer.top_up;
}

export async function standingClaim(buyer: Pick<TestOrganization, "id">): Promise<TopUpClaim> {
  const { claim } = await topUpView(buyer);
  if (!claim) throw new Error("Nothing is claimed.");
  return claim;
}

/** Lets the Worker go on with a claim, as the ledger does. */
export function drive({ id, claim }: { id: string; claim: TopUpClaim }): Promise<void> {
  return driveAutoTopUp(env, id, claim);
}

/** The invoices that Stripe has for a claim. */
export function invoicesOf(stripe: StripeStandIn, { purchase_id }: TopUpClaim): Stripe.Invoice[] {
  return stripe.controls.find("invoice", ({ metadata }) => metadata?.purchase_id === purchase_id);
}

/** What was taken from cards, in cents. */
export function chargedCents(stripe: StripeStandIn): number[] {
  return stripe.controls.find("charge", ({ paid }) => paid).map(({ amount }) => amount);
}

/** Uses this much credit by a call. */
export function useCredit({ id }: Pick<TestOrganization, "id">, micros: number): Promise<void> {
  const send = async (command: CallCommand) => {
    const [answer] = await env.LEDGER.getByName(id).operate([command]);
    if (!answer) throw new Error("The ledger gave no answer.");
    return answer;
  };
  return use({ send }, micros);
}

/** What Stripe is asked for to charge once by itself. */
export const STEPS: Record<string, RegExp> = {
  draft: /^\/v1\/invoices$/,
  item: /^\/v1\/invoiceitems$/,
  number: /\/finalize$/,
  payment: /\/pay$/,
};

/** The SDK repeats a request once: two are hit, so that the fault reaches us. */
export const BOTH_TRIES = 2;

/** Makes a ledger fail that has been asked, before the draft and before the payment, whether auto top-up was stopped. */
export function failAtCredit({ id }: TestOrganization): () => void {
  return troubleLedger(id, well, well, failing("Internal error (made by the test)")).mend;
}
