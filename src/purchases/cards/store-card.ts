import { requireStripe } from "../../customers/require-stripe";
import type { Bindings } from "../../env";
import { STRIPE } from "../../organizations/actor";
import { auditFact } from "../../organizations/audit-log";
import { type OrganizationHandle, openOrganization } from "../../organizations/open-organization";
import { openDatabase } from "../../storage/database";
import { findPurchase } from "../../storage/purchases/purchases";
import {
  dropSavedCards,
  recordDefaultCard,
  type SavedCardRow,
  updateSavedCard,
  upsertSavedCard,
} from "../../storage/purchases/saved-cards";
import { defaultCardOf, offSessionSetup, readCard, setDefaultCard } from "../../stripe/cards";
import { abandonUnconfirmed, removeLedgerCard, setLedgerCard } from "./ledger-card";

/** The words by which a customer lets a card be kept. */
const CARD_CONSENT =
  "I agree that this card is kept and charged for the call credit that I buy with it later, and for automatic top-ups while I have turned them on, until I remove it.";

/** What was agreed to: which card of which customer, when, and by which purchase or page. */
export interface Consent {
  organization_id: string;
  customer_id: string;
  payment_method_id: string;
  reference: string;
  consent_at_ms: number;
}

/**
 * Keeps the card of a purchase for later payments, unless a later one is kept. Any number of times; a card that was detached
 * from its customer since is left alone. `purchase_id` is the purchase by which the buyer agreed.
 */
export async function saveCard(
  env: Bindings,
  organization_id: string,
  payment_method_id: string,
  purchase_id: string,
): Promise<void> {
  const purchase = await findPurchase(openDatabase(env), purchase_id);
  if (purchase?.organization_id !== organization_id) throw new Error(`There is no purchase ${purchase_id}.`);
  const { stripe_customer_id: customer_id, created_at_ms: consent_at_ms } = purchase;
  await storeCard(env, {
    organization_id,
    customer_id,
    payment_method_id,
    reference: purchase_id,
    consent_at_ms,
  });
}

/**
 * Keeps a card that its holder has agreed to, as the one that is charged: in D1, as default at Stripe, in the ledger, in this
 * order. Any number of times. One that Stripe does not take as default is treated as `syncCard` does.
 */
export async function storeCard(env: Bindings, consent: Consent): Promise<void> {
  const { organization_id, customer_id, payment_method_id, reference, consent_at_ms } = consent;
  const organization = await requireOrganization(env, organization_id);
  const stripe = requireStripe(env);
  const card = await readCard(stripe, customer_id, payment_method_id);
  if (!card) return;
  const { brand, last4 } = card;
  const saved = {
    action: "payment_method.save",
    organization_id,
    detail: { brand, last4, reference },
  } as const;
  const row = {
    ...card,
    organization_id,
    stripe_customer_id: customer_id,
    consent_at_ms,
    consent_reference: reference,
    consent_text: CARD_CONSENT,
    saved_at_ms: Date.now(),
    default_not_charged: null,
  };
  const kept = await upsertSavedCard(openDatabase(env), row, auditFact(STRIPE, saved));
  if (await setDefaultCard(stripe, kept.stripe_customer_id, kept.payment_method_id))
    await setLedgerCard(env, organization, kept);
  else await syncCard(env, kept);
}

/**
 * Brings what is stored of the charged card in line with what Stripe has of it. A card that is gone gives way to the chosen
 * default, if that may be charged, else to none.
 */
export async function syncCard(env: Bindings, row: SavedCardRow): Promise<void> {
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

/**
 * Charges the default card that the customer has chosen at Stripe, when its holder has let it be charged off session; else
 * records it beside the one that is charged. Answers whether another card is charged from now on.
 */
export async function syncDefaultCard(env: Bindings, row: SavedCardRow): Promise<boolean> {
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

async function requireOrganization(env: Bindings, organization_id: string): Promise<OrganizationHandle> {
  const organization = await openOrganization(env, organization_id);
  if (!organization) throw new Error(`There is no organization ${organization_id}.`);
  return organization;
}
