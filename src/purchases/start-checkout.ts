import {
  isCurrentProfile,
  type ProfileRefusal,
  type ReadyToBuy,
  readyToBuy,
} from "../customers/billing-profile";
import { deploymentName } from "../customers/deployment";
import { type Bindings, readSettings } from "../env";
import type { Actor } from "../organizations/actor";
import { audited } from "../organizations/audit-log";
import { type InProgress, withRequestLockOf } from "../organizations/request-lock";
import { findOrganization } from "../storage/accounts/organizations";
import { openDatabase } from "../storage/database";
import { movePurchase, updatePurchase } from "../storage/purchases/purchase-moves";
import {
  findPurchaseByRequest,
  insertPurchase,
  type NewPurchase,
  type PurchaseRow,
} from "../storage/purchases/purchases";
import { closeCheckout, findCheckout, openCheckout } from "../stripe/checkout";
import { type Stripe, stripeClient, stripeFailure } from "../stripe/client";
import { decideTax, type TaxDecision } from "../tax/decide-tax";
import type { AuditFact } from "../units/audit-fact";
import { HOUR_MS, MINUTE_MS } from "../units/duration";
import { newId } from "../units/id";
import { log } from "../units/log";
import { CURRENCY } from "../units/money";
import { isRefused, type Refusal, refuse } from "../units/refusal";
import { returnAddress } from "./return-pages";

/** What a customer asks for. `request_key` is the caller's Idempotency-Key: the same one is the same purchase. */
export interface PurchaseRequest {
  organization_id: string;
  request_key: string;
  net_cents: number;
  save_card: boolean;
  /** Where the buyer's browser goes when it comes back from paying. */
  return_url: string | null;
}

export type PurchaseRefusal =
  | Refusal<"purchases_unavailable" | "payments_unavailable" | "organization_closed">
  | Refusal<"idempotency_conflict" | "out_of_bounds" | "payment_refused">
  | InProgress
  | ProfileRefusal;

export type PurchaseAnswer = { outcome: "purchase"; purchase: PurchaseRow } | PurchaseRefusal;

/** Net amounts that are offered, in cents. */
export const PRESETS_CENTS = [1_000, 2_500, 5_000, 10_000, 25_000, 50_000];

/** Stripe keeps a page open for a day at most, counted by its own clock. */
const OPEN_FOR_MS = 23 * HOUR_MS;

/**
 * Opens a page on which credit can be bought, once for each request key: the row comes first, and everything that Stripe is
 * sent comes from the row, so that a repeat after any failure leads to the same page and never to a second payment.
 */
export async function startPurchase(
  env: Bindings,
  actor: Actor,
  request: PurchaseRequest,
): Promise<PurchaseAnswer> {
  const { stripe } = readSettings(env);
  if (!stripe) return refuse("purchases_unavailable");
  const { organization_id, request_key, net_cents, save_card } = request;
  const asked = { action: "purchase.start", organization_id, detail: { net_cents, save_card } } as const;
  return withRequestLockOf(env, { organization_id, scope: "purchase", request_key }, async () => {
    // A purchase that is made stays made, whatever becomes of its page: what is refused ends here.
    const known = await audited(env, actor, asked, (fact) => knownPurchase(env, request, fact));
    return isRefused(known) ? known : goOn(env, stripeClient(stripe), known.purchase);
  });
}

/** The purchase that was asked for with this key, made now if it is a new one; nothing of it is at Stripe yet. */
async function knownPurchase(
  env: Bindings,
  request: PurchaseRequest,
  fact: AuditFact,
): Promise<PurchaseAnswer> {
  const db = openDatabase(env);
  const request_fingerprint = JSON.stringify([request.net_cents, request.save_card, request.return_url]);
  const known = await findPurchaseByRequest(db, request.organization_id, request.request_key);
  const prepared = known
    ? ({ outcome: "purchase", purchase: known } as const)
    : await preparePurchase(env, request, { request_fingerprint, fact });
  if (isRefused(prepared)) return prepared;
  if (prepared.purchase.request_fingerprint !== request_fingerprint)
    return refuse("idempotency_conflict", {
      message: "The same Idempotency-Key was used before for another purchase.",
      param: "Idempotency-Key",
    });
  return prepared;
}

async function goOn(env: Bindings, stripe: Stripe, purchase: PurchaseRow): Promise<PurchaseAnswer> {
  if (purchase.status === "failed") return paymentRefused(purchase.failure_message);
  if (purchase.status !== "created") return { outcome: "purchase", purchase };
  return open(env, stripe, purchase);
}

async function preparePurchase(
  env: Bindings,
  request: PurchaseRequest,
  { request_fingerprint, fact }: { request_fingerprint: string; fact: AuditFact },
): Promise<PurchaseAnswer> {
  const { organization_id, request_key, net_cents, save_card, return_url } = request;
  const out_of_bounds = refuseAmount(env, net_cents);
  if (out_of_bounds) return out_of_bounds;
  const db = openDatabase(env);
  if ((await findOrganization(db, organization_id))?.state === "closed") return refuse("organization_closed");
  const ready = await readyToBuy(env, organization_id);
  if (isRefused(ready)) return ready;
  const now_ms = Date.now();
  const id = newId("pur");
  const row: NewPurchase = {
    id,
    organization_id,
    kind: "checkout",
    status: "created",
    request_key,
    request_fingerprint,
    currency: CURRENCY,
    net_cents,
    tax_decision: storedDecision(ready, taxOn(env, ready, net_cents, now_ms)),
    stripe_customer_id: ready.stripe_customer_id,
    return_url,
    save_card,
    attempt: 1,
    created_at_ms: now_ms,
    expires_at_ms: now_ms + OPEN_FOR_MS,
    checked_at_ms: now_ms,
    deployment: await deploymentName(env),
    created_by: fact.key_id,
  };
  const made = { ...fact, detail: { ...fact.detail, purchase_id: id } };
  return { outcome: "purchase", purchase: await insertPurchase(db, row, made) };
}

/** Why an amount is not sold, null when it is. */
export function refuseAmount(env: Bindings, net_cents: number): PurchaseRefusal | null {
  const { purchase_min_cents: min, purchase_max_cents: max } = readSettings(env);
  if (net_cents >= min && net_cents <= max) return null;
  return refuse("out_of_bounds", { message: `Must be from ${min} to ${max}.`, param: "net_cents" });
}

/** How a sale to this buyer is taxed now: what the preview shows is what the purchase keeps. */
export function taxOn(
  env: Bindings,
  { buyer }: Pick<ReadyToBuy, "buyer">,
  net_cents: number,
  at_ms: number,
): TaxDecision {
  return decideTax({ seller_country: readSettings(env).seller_country, buyer, net_cents, at_ms });
}

/** The decision on VAT with what it rests on, as a purchase keeps it. */
export function storedDecision(ready: ReadyToBuy, decision: TaxDecision): PurchaseRow["tax_decision"] {
  const { profile } = ready;
  return {
    treatment: decision.treatment,
    reason: decision.reason,
    rate_basis_points: decision.rate_basis_points,
    tax_cents: decision.tax_cents,
    footer: decision.footer,
    country: profile.country,
    vat_id: profile.vat_id,
    vat_id_state: profile.vat_id_state,
    vat_id_checked_at_ms: profile.vat_id_checked_at_ms,
    vat_id_consultation_number: profile.vat_id_consultation_number,
    profile_version: profile.version,
  };
}

/** No decision on VAT was made, or none is known any more. */
export function undecidedTax(reason: string): PurchaseRow["tax_decision"] {
  return {
    treatment: "not_supported",
    reason,
    rate_basis_points: 0,
    tax_cents: 0,
    country: "",
    vat_id: null,
    vat_id_state: "none",
    vat_id_checked_at_ms: null,
    vat_id_consultation_number: null,
    profile_version: 0,
    footer: null,
  };
}

/** Makes the page, or finds the one that an earlier try has made without hearing of it. */
async function open(env: Bindings, stripe: Stripe, purchase: PurchaseRow): Promise<PurchaseAnswer> {
  const db = openDatabase(env);
  const { id } = purchase;
  try {
    const is_repeat = Date.now() - purchase.created_at_ms > MINUTE_MS || purchase.attempt > 1;
    const page =
      (is_repeat ? await findCheckout(stripe, purchase) : null) ??
      (await openCheckout(stripe, purchase, await returnAddress(env, `purchases/${id}`)));
    const { session_id: stripe_session_id, pay_url, tax_cents } = page;
    const expected_cents = purchase.tax_decision.tax_cents;
    if (tax_cents !== expected_cents)
      log.error("tax_mismatch", { purchase_id: id, tax_cents, expected_cents });
    const opened = await movePurchase(db, id, {
      to: "open",
      only_from: "created",
      change: { stripe_session_id, pay_url },
    });
    const { organization_id, tax_decision } = purchase;
    if (await isCurrentProfile(env, organization_id, tax_decision.profile_version))
      return { outcome: "purchase", purchase: opened };
    // The billing profile was saved while the page was made: that save may have closed open pages before this one was there.
    await closeCheckout(stripe, stripe_session_id);
    await movePurchase(db, id, { to: "failed", change: PROFILE_CHANGED });
    return paymentRefused(PROFILE_CHANGED.failure_message);
  } catch (error) {
    const failure = stripeFailure(error);
    log.warn("checkout_failed", { purchase_id: id, kind: failure.kind, error });
    if (failure.kind === "refused" || failure.kind === "missing") {
      const { code: failure_code, message: failure_message } = failure;
      await movePurchase(db, id, {
        to: "failed",
        only_from: "created",
        change: { failure_code, failure_message },
      });
      return paymentRefused(failure_message);
    }
    // The next try looks whether the page was made after all, then asks under another key.
    if (failure.kind === "unknown" && failure.is_stored)
      await updatePurchase(db, id, { attempt: purchase.attempt + 1 });
    return refuse("payments_unavailable");
  }
}

const PROFILE_CHANGED = {
  failure_code: "billing_profile_changed",
  failure_message: "The billing profile was changed meanwhile. Please buy again.",
};

function paymentRefused(message: string | null): PurchaseRefusal {
  return refuse("payment_refused", { message: message ?? "The payment was refused." });
}
