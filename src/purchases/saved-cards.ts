import { type ProfileRefusal, readyToBuy } from "../customers/billing-profile";
import { deploymentName } from "../customers/deployment";
import { requireStripe } from "../customers/require-stripe";
import { type Bindings, readSettings } from "../env";
import type { TopUpClaim } from "../ledger/core/credit/auto-top-up";
import type { Actor } from "../organizations/actor";
import { recordAudit } from "../organizations/audit-log";
import { type OrganizationHandle, openOrganization } from "../organizations/open-organization";
import { type InProgress, withRequestLockOf } from "../organizations/request-lock";
import { openDatabase } from "../storage/database";
import { isAwaitingPayment } from "../storage/purchase-state";
import { findPurchase } from "../storage/purchases";
import {
  dropSavedCards,
  findSavedCard,
  findSavedCardBesideDefault,
  findSavedCardByMethod,
  findSavedCardOfCustomer,
  recordDefaultCard,
  type SavedCardRow,
  updateSavedCard,
  upsertSavedCard,
} from "../storage/saved-cards";
import {
  type CardSetup,
  defaultCardOf,
  detachCards,
  findCardSetup,
  offSessionSetup,
  openCardSetup,
  readCard,
  readCardSetup,
  setDefaultCard,
} from "../stripe/cards";
import { type Stripe, stripeClient, stripeFailure } from "../stripe/client";
import { AUTHENTICATION_REQUIRED } from "../units/card-failures";
import { sha256Hex } from "../units/digest";
import { log } from "../units/log";
import { type Refusal, refuse } from "../units/refusal";
import { abandonTopUp } from "./auto-top-up/abandon";
import { returnAddress } from "./return-pages";

/** The words by which a customer lets a card be kept. */
export const CARD_CONSENT =
  "I agree that this card is kept and charged for the call credit that I buy with it later, and for automatic top-ups while I have turned them on, until I remove it.";

/** An organization, as far as its card goes. */
type Ours = Pick<OrganizationHandle, "organization_id" | "ledger">;

/** What was agreed to: which card of which customer, when, and by which purchase or page. */
interface Consent {
  organization_id: string;
  customer_id: string;
  payment_method_id: string;
  reference: string;
  consent_at_ms: number;
}

/**
 * Keeps the card of a purchase for later payments, unless a later one is kept. Any number of times; a card that was taken
 * away from its customer meanwhile is left alone. `reference` is the purchase by which the buyer agreed.
 */
export async function saveCard(
  env: Bindings,
  organization_id: string,
  payment_method_id: string,
  reference: string,
): Promise<void> {
  const purchase = await findPurchase(openDatabase(env), reference);
  if (purchase?.organization_id !== organization_id) throw new Error(`There is no purchase ${reference}.`);
  const { stripe_customer_id: customer_id, created_at_ms: consent_at_ms } = purchase;
  await storeCard(env, { organization_id, customer_id, payment_method_id, reference, consent_at_ms });
}

/** Keeps the card that was entered on a page of `startCardSetup`. `not_ours`: the page is somebody else's. */
export async function saveCardOfSetup(env: Bindings, session_id: string): Promise<"saved" | "not_ours"> {
  return (await finishCardSetup(env, session_id)) ? "saved" : "not_ours";
}

/** As `saveCardOfSetup`; answers the page as it stands. Null: it is not ours. */
export async function finishCardSetup(env: Bindings, session_id: string): Promise<CardSetup | null> {
  const is_live = readSettings(env).stripe?.is_live ?? false;
  const setup = await readCardSetup(requireStripe(env), session_id, {
    is_live,
    deployment: await deploymentName(env),
  });
  if (!setup) return null;
  const { organization_id, customer_id, payment_method_id, created_at_ms: consent_at_ms } = setup;
  if (payment_method_id)
    await storeCard(env, {
      organization_id,
      customer_id,
      payment_method_id,
      reference: session_id,
      consent_at_ms,
    });
  return setup;
}

/** What a customer asks for. `request_key` is the caller's Idempotency-Key: the same one is the same page. */
export interface CardSetupRequest {
  organization_id: string;
  request_key: string | null;
  /** Where the page leads to afterwards, null for a page of ours. */
  return_url: string | null;
}

export type CardSetupAnswer =
  | { outcome: "page"; url: string; expires_at_ms: number }
  | Refusal<"purchases_unavailable" | "payments_unavailable" | "idempotency_conflict">
  | InProgress
  | ProfileRefusal;

/** How often a page is asked for whose key Stripe has stored a failure of its own under: each time under another. */
const MAX_ATTEMPTS = 3;

/** Opens a page on which a card can be entered and kept, without buying anything. */
export async function startCardSetup(env: Bindings, request: CardSetupRequest): Promise<CardSetupAnswer> {
  const { stripe } = readSettings(env);
  if (!stripe) return refuse("purchases_unavailable");
  const { organization_id, request_key } = request;
  const work = () => startAlone(env, stripeClient(stripe), request);
  return request_key === null
    ? work()
    : withRequestLockOf(env, organization_id, "card_setup", request_key, work);
}

async function startAlone(
  env: Bindings,
  stripe: Stripe,
  { organization_id, request_key, return_url }: CardSetupRequest,
): Promise<CardSetupAnswer> {
  const ready = await readyToBuy(env, organization_id);
  if (ready.outcome === "refused") return ready;
  const page = await returnAddress(env, `payment_method/${organization_id}`);
  const { stripe_customer_id: customer_id } = ready;
  const request = request_key && (await sha256Hex(JSON.stringify([organization_id, request_key])));
  const setup = {
    organization_id,
    deployment: await deploymentName(env),
    customer_id,
    return_url,
    request,
    success_url: `${page}&session_id={CHECKOUT_SESSION_ID}`,
    cancel_url: return_url ?? `${page}&cancelled=true`,
  };
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    try {
      const found = request && (await findCardSetup(stripe, customer_id, request));
      const key = request ? `card_setup:${request}:${attempt}` : undefined;
      const opened = found || (await openCardSetup(stripe, setup, key));
      if (opened.return_url !== return_url)
        return refuse("idempotency_conflict", { param: "Idempotency-Key" });
      return { outcome: "page", url: opened.url, expires_at_ms: opened.expires_at_ms };
    } catch (error) {
      const failure = stripeFailure(error);
      log.warn("card_setup_failed", { organization_id, ...failure });
      if (!request || failure.kind !== "unknown" || !failure.is_stored) break;
    }
  }
  return refuse("payments_unavailable", { message: "The page could not be opened." });
}

export type CardRemoval = { outcome: "removed" } | Refusal<"payments_unavailable">;

/**
 * Takes the card away, and audits it: from the ledger first, so that nothing is charged whatever happens next; then at Stripe, every card
 * of the customer; our row last, so that a repeat finds what is left to do. Any number of times.
 */
export async function removeCard(env: Bindings, actor: Actor, organization: Ours): Promise<CardRemoval> {
  const { organization_id } = organization;
  await recordAudit(env, actor, { action: "payment_method.remove", organization_id });
  const db = openDatabase(env);
  const claim = await removeLedgerCard(organization, null);
  const card = await findSavedCard(db, organization_id);
  try {
    await abandonUnconfirmed(env, claim, null);
    const detached = card ? await detachCards(requireStripe(env), card.stripe_customer_id) : [];
    if (card) await dropSavedCards(db, organization_id, [card.payment_method_id, ...detached]);
    return { outcome: "removed" };
  } catch (error) {
    const failure = stripeFailure(error);
    log.warn("card_not_removed", { organization_id, ...failure });
    return refuse("payments_unavailable");
  }
}

/** Stripe says that a card was taken from its customer: nothing may count on it any more. */
export async function onCardDetached(env: Bindings, payment_method_id: string): Promise<void> {
  await syncPaymentMethod(env, payment_method_id);
}

/** Stripe says that a card is not what it was: its bank has replaced it, or its date has changed. */
export async function onCardUpdated(env: Bindings, payment_method_id: string): Promise<void> {
  await syncPaymentMethod(env, payment_method_id);
}

/** Brings everything in line that is known of a card: the one that is charged, and the default that is not. */
async function syncPaymentMethod(env: Bindings, payment_method_id: string): Promise<void> {
  const db = openDatabase(env);
  const charged = await findSavedCardByMethod(db, payment_method_id);
  if (charged) await syncCard(env, charged);
  const beside = await findSavedCardBesideDefault(db, payment_method_id);
  if (beside) await syncDefaultCard(env, beside);
}

/**
 * Stripe says that a customer has changed: the card that they have chosen on Stripe's page is charged from now on, when its
 * holder has let it be charged without them there. Without that it is not: the one before stays, and it is noted beside it.
 */
export async function onCustomerUpdated(env: Bindings, customer_id: string): Promise<void> {
  const row = await findSavedCardOfCustomer(openDatabase(env), customer_id);
  if (row) await syncDefaultCard(env, row);
}

/** Answers whether another card was chosen that may be charged. */
async function syncDefaultCard(env: Bindings, row: SavedCardRow): Promise<boolean> {
  const { organization_id, stripe_customer_id: customer_id } = row;
  const stripe = requireStripe(env);
  const db = openDatabase(env);
  const payment_method_id = await defaultCardOf(stripe, customer_id);
  const is_other = payment_method_id !== null && payment_method_id !== row.payment_method_id;
  const chosen = is_other ? await readCard(stripe, customer_id, payment_method_id) : null;
  if (payment_method_id === null || chosen === null) {
    if (row.default_not_charged) await recordDefaultCard(db, row, null);
    return false;
  }
  const reference = await offSessionSetup(stripe, customer_id, payment_method_id);
  if (reference === null) {
    const { brand, last4 } = chosen;
    await recordDefaultCard(db, row, { payment_method_id, brand, last4 });
    return false;
  }
  const consent_at_ms = Math.max(Date.now(), row.consent_at_ms + 1);
  await storeCard(env, { organization_id, customer_id, payment_method_id, reference, consent_at_ms });
  return true;
}

/** Brings what we keep of a card in line with what Stripe has of it now. */
async function syncCard(env: Bindings, row: SavedCardRow): Promise<void> {
  const { organization_id, payment_method_id, stripe_customer_id } = row;
  const organization = await requireOrganization(env, organization_id);
  const card = await readCard(requireStripe(env), stripe_customer_id, payment_method_id);
  const db = openDatabase(env);
  if (card) {
    const { payment_method_id: _, ...facts } = card;
    await updateSavedCard(db, payment_method_id, facts);
    await setLedgerCard(env, organization, { ...row, ...facts });
    return;
  }
  if (await syncDefaultCard(env, row)) return;
  await abandonUnconfirmed(env, await removeLedgerCard(organization, payment_method_id), null);
  await dropSavedCards(db, organization_id, [payment_method_id]);
}

async function storeCard(env: Bindings, consent: Consent): Promise<void> {
  const { organization_id, customer_id, payment_method_id, reference, consent_at_ms } = consent;
  const organization = await requireOrganization(env, organization_id);
  const stripe = requireStripe(env);
  const card = await readCard(stripe, customer_id, payment_method_id);
  if (!card) return;
  const kept = await upsertSavedCard(openDatabase(env), {
    ...card,
    organization_id,
    stripe_customer_id: customer_id,
    consent_at_ms,
    consent_reference: reference,
    consent_text: CARD_CONSENT,
    saved_at_ms: Date.now(),
    default_not_charged: null,
  });
  if (await setDefaultCard(stripe, kept.stripe_customer_id, kept.payment_method_id))
    await setLedgerCard(env, organization, kept);
  else await syncCard(env, kept);
}

async function setLedgerCard(env: Bindings, { ledger }: Ours, row: SavedCardRow): Promise<void> {
  const { payment_method_id, consent_at_ms } = row;
  const card = { payment_method_id, consent_at_ms, fingerprint: row.fingerprint ?? payment_method_id };
  const answer = await ledger.ask(async (object) => object.putTopUpCard(card));
  if (answer.outcome === "refused") throw new Error(answer.message);
  await abandonUnconfirmed(env, answer.top_up.claim, payment_method_id);
}

/** Answers the claim that stands all the same. */
async function removeLedgerCard(
  { ledger }: Ours,
  payment_method_id: string | null,
): Promise<TopUpClaim | null> {
  const answer = await ledger.ask(async (object) => object.removeTopUpCard(payment_method_id));
  if (answer.outcome === "refused") throw new Error(answer.message);
  return answer.top_up.claim;
}

/** A top-up that waits for its holder to confirm is not waited for when its card was replaced or taken away. */
async function abandonUnconfirmed(
  env: Bindings,
  claim: TopUpClaim | null,
  payment_method_id: string | null,
): Promise<void> {
  const purchase = claim && (await findPurchase(openDatabase(env), claim.purchase_id));
  const needs_holder =
    purchase?.failure_code === AUTHENTICATION_REQUIRED && isAwaitingPayment(purchase.status);
  if (!needs_holder || purchase.payment_method_id === payment_method_id) return;
  await abandonTopUp(env, purchase, {
    code: AUTHENTICATION_REQUIRED,
    message: "The payment was not confirmed by the card's holder.",
  });
}

async function requireOrganization(env: Bindings, organization_id: string): Promise<OrganizationHandle> {
  const organization = await openOrganization(env, organization_id);
  if (!organization) throw new Error(`There is no organization ${organization_id}.`);
  return organization;
}
