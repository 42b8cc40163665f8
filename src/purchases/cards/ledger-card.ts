import type { Bindings } from "../../env";
import type { TopUpClaim } from "../../ledger/core/credit/auto-top-up";
import type { OrganizationHandle } from "../../organizations/open-organization";
import { openDatabase } from "../../storage/database";
import { isAwaitingPayment } from "../../storage/purchases/purchase-state";
import { findPurchase } from "../../storage/purchases/purchases";
import type { SavedCardRow } from "../../storage/purchases/saved-cards";
import type { AuditFact } from "../../units/audit-fact";
import { AUTHENTICATION_REQUIRED } from "../../units/card-failures";
import { isRefused } from "../../units/refusal";
import { abandonTopUp } from "../auto-top-up/abandon";

/** An organization, as far as its card goes. */
export type CardHolder = Pick<OrganizationHandle, "organization_id" | "ledger">;

/** Lets the ledger charge this card for auto top-ups, and gives up one that waits for the holder of another. @throws LedgerUnavailable */
export async function setLedgerCard(env: Bindings, { ledger }: CardHolder, row: SavedCardRow): Promise<void> {
  const { payment_method_id, consent_at_ms } = row;
  const card = { payment_method_id, consent_at_ms, fingerprint: row.fingerprint ?? payment_method_id };
  const answer = await ledger.ask(async (object) => object.putTopUpCard(card));
  if (isRefused(answer)) throw new Error(answer.message);
  await abandonUnconfirmed(env, answer.top_up.claim, payment_method_id);
}

/**
 * Lets the ledger charge no card any more, or no longer this one. Answers the claim that stands all the same.
 * @throws LedgerUnavailable
 */
export async function removeLedgerCard(
  { ledger }: CardHolder,
  payment_method_id: string | null,
  fact?: AuditFact,
): Promise<TopUpClaim | null> {
  const answer = await ledger.ask(async (object) => object.removeTopUpCard(payment_method_id, fact));
  if (isRefused(answer)) throw new Error(answer.message);
  return answer.top_up.claim;
}

/**
 * Gives up a top-up that waits for the holder of its card to confirm, when another card is charged now. `payment_method_id`: that
 * card, null when there is none.
 */
export async function abandonUnconfirmed(
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
