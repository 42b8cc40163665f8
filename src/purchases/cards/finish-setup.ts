import { deploymentName } from "../../customers/deployment";
import { requireStripe } from "../../customers/require-stripe";
import { type Bindings, readSettings } from "../../env";
import { READ_PATIENCE_MS, soonOr } from "../../runtime/deadline";
import { type CardSetup, readCardSetup } from "../../stripe/cards";
import { stripeFailure } from "../../stripe/client";
import { log } from "../../units/log";
import { type Refusal, refuse } from "../../units/refusal";
import { storeCard } from "./store-card";

/**
 * Keeps the card that was entered on a page of `startCardSetup`, and answers the page as it stands. Any number of times. Null:
 * the page is of another deployment.
 * @throws StripeError, LedgerUnavailable or D1's error: call it again
 */
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

export type CardReturn = { outcome: "finished"; setup: CardSetup | null } | Refusal<"payments_unavailable">;

/**
 * As `finishCardSetup`, for the browser that comes back from the page. What Stripe does not say soon is left to the webhook,
 * which keeps the card as well.
 */
export async function returnFromCardSetup(env: Bindings, session_id: string): Promise<CardReturn> {
  const finish = async (): Promise<CardReturn> => ({
    outcome: "finished",
    setup: await finishCardSetup(env, session_id),
  });
  try {
    return await soonOr(READ_PATIENCE_MS, finish, refuse("payments_unavailable"));
  } catch (error) {
    log.warn("card_setup_failed", { kind: stripeFailure(error).kind, error });
    return refuse("payments_unavailable");
  }
}
