import { requireStripe } from "../../customers/require-stripe";
import type { Bindings } from "../../env";
import type { Actor } from "../../organizations/actor";
import { auditFact } from "../../organizations/audit-log";
import { openDatabase } from "../../storage/database";
import { dropSavedCards, findSavedCard } from "../../storage/purchases/saved-cards";
import { detachCards } from "../../stripe/cards";
import { stripeFailure } from "../../stripe/client";
import { log } from "../../units/log";
import { type Refusal, refuse } from "../../units/refusal";
import { abandonUnconfirmed, type CardHolder, removeLedgerCard } from "./ledger-card";

export type CardRemoval = { outcome: "removed" } | Refusal<"payments_unavailable">;

/**
 * Removes the card, and audits it: from the ledger first, so that nothing is charged whatever happens next; then at Stripe,
 * every card of the customer; the row in D1 last, so that a repeat finds what is left to do. Any number of times.
 */
export async function removeCard(
  env: Bindings,
  actor: Actor,
  organization: CardHolder,
): Promise<CardRemoval> {
  const { organization_id } = organization;
  // The ledger and the records write one row between them, whichever comes first to a change.
  const fact = auditFact(actor, { action: "payment_method.remove", organization_id, detail: {} });
  const db = openDatabase(env);
  const claim = await removeLedgerCard(organization, null, fact);
  const card = await findSavedCard(db, organization_id);
  try {
    await abandonUnconfirmed(env, claim, null);
    const detached = card ? await detachCards(requireStripe(env), card.stripe_customer_id) : [];
    if (card) await dropSavedCards(db, organization_id, [card.payment_method_id, ...detached], fact);
    return { outcome: "removed" };
  } catch (error) {
    const failure = stripeFailure(error);
    log.warn("card_not_removed", { organization_id, kind: failure.kind, error });
    return refuse("payments_unavailable");
  }
}
