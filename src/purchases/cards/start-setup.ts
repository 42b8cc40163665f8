import { type ProfileRefusal, readyToBuy } from "../../customers/billing-profile";
import { deploymentName } from "../../customers/deployment";
import { type Bindings, readSettings } from "../../env";
import type { Actor } from "../../organizations/actor";
import { audited, recordDoneOnce } from "../../organizations/audit-log";
import { type InProgress, withRequestLockOf } from "../../organizations/request-lock";
import { findCardSetup, openCardSetup } from "../../stripe/cards";
import { type Stripe, stripeClient, stripeFailure } from "../../stripe/client";
import { sha256Hex } from "../../units/digest";
import { log } from "../../units/log";
import { isRefused, type Refusal, refuse } from "../../units/refusal";
import { returnAddress } from "../return-pages";

/** What a customer asks for. `request_key` is the caller's Idempotency-Key: the same one is the same page. */
export interface CardSetupRequest {
  organization_id: string;
  request_key: string | null;
  /** Where the page leads to afterwards, null for a page of this Worker. */
  return_url: string | null;
}

export type CardSetupAnswer =
  | { outcome: "page"; url: string; expires_at_ms: number }
  | Refusal<"purchases_unavailable" | "payments_unavailable" | "idempotency_conflict">
  | InProgress
  | ProfileRefusal;

/** How often a page is asked for whose key Stripe has stored a failure of its own under: each time under another. */
const MAX_ATTEMPTS = 3;

/** Opens a page of Stripe on which a card can be entered and kept, without buying anything. Audited, each page once. */
export async function startCardSetup(
  env: Bindings,
  actor: Actor,
  request: CardSetupRequest,
): Promise<CardSetupAnswer> {
  const { stripe } = readSettings(env);
  if (!stripe) return refuse("purchases_unavailable");
  const { organization_id, request_key } = request;
  const asked = { action: "payment_method.set_up", organization_id, detail: {} } as const;
  const work = () =>
    audited(env, actor, asked, async () => {
      const answer = await startAlone(env, stripeClient(stripe), request);
      if (!isRefused(answer))
        await recordDoneOnce(env, actor, asked, `card_page ${await sha256Hex(answer.url)}`);
      return answer;
    });
  return request_key === null
    ? work()
    : withRequestLockOf(env, { organization_id, scope: "card_setup", request_key }, work);
}

async function startAlone(
  env: Bindings,
  stripe: Stripe,
  { organization_id, request_key, return_url }: CardSetupRequest,
): Promise<CardSetupAnswer> {
  const ready = await readyToBuy(env, organization_id);
  if (isRefused(ready)) return ready;
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
      log.warn("card_setup_failed", { organization_id, kind: failure.kind, error });
      if (!request || failure.kind !== "unknown" || !failure.is_stored) break;
    }
  }
  return refuse("payments_unavailable", { message: "The page could not be opened." });
}
