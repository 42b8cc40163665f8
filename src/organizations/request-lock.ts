import type { Bindings } from "../env";
import { type LedgerHandle, LedgerUnavailable } from "../ledger/client";
import { pause } from "../runtime/deadline";
import { SECOND_MS } from "../units/duration";
import { newId } from "../units/id";
import { type Refusal, refuse } from "../units/refusal";
import { openOrganization } from "./open-organization";

/** How long a request has its key to itself when its end is never told: it was cut off. Longer than most others ask around. */
const LEASE_MS = 40 * SECOND_MS;

/** How long a repeat waits for the first: most are over by then, such as somebody's second click. */
const MAX_WAIT_MS = 2 * SECOND_MS;
const POLL_INTERVAL_MS = 200;

/** The same request is being worked on: what it comes to is not known yet. */
export type InProgress = Refusal<"request_in_progress">;

/** Writes that ask somebody else, each with the keys of its callers for itself. */
type Scope = "outbound" | "purchase" | "refund" | "resolution" | "card_setup";

/**
 * Does what a request under a caller's key asks for, once no other with that key is being worked on: two at once would ask
 * a dialer or Stripe at once, and could be told different things. When the first is over, a repeat finds what it has made;
 * one that has waited for a while is told to come again. Without a key there are no repeats.
 * @throws LedgerUnavailable with nothing done
 */
export async function withRequestLock<Answer>(
  ledger: LedgerHandle,
  scope: Scope,
  request_key: string | null,
  work: () => Promise<Answer>,
): Promise<Answer | InProgress> {
  if (request_key === null) return work();
  const key = JSON.stringify([scope, request_key]);
  const token = newId("req");
  const begin = () => ledger.ask(async (object) => object.beginRequest(key, token, LEASE_MS));
  const end = () => ledger.ask(async (object) => object.endRequest(key, token)).catch(endsByItself);
  try {
    for (let waited_ms = 0; (await begin()).outcome === "in_progress"; waited_ms += POLL_INTERVAL_MS) {
      if (waited_ms >= MAX_WAIT_MS) return refuse("request_in_progress");
      await pause(POLL_INTERVAL_MS);
    }
    return await work();
  } finally {
    // Also when the answer to the beginning was lost. It ends no other's.
    await end();
  }
}

/** As `withRequestLock`, for a caller that has not opened the organization's ledger yet. */
export async function withRequestLockOf<Answer>(
  env: Bindings,
  { organization_id, scope, request_key }: { organization_id: string; scope: Scope; request_key: string },
  work: () => Promise<Answer>,
): Promise<Answer | InProgress> {
  const organization = await openOrganization(env, organization_id);
  if (!organization) throw new Error(`There is no organization ${organization_id}.`);
  return withRequestLock(organization.ledger, scope, request_key, work);
}

function endsByItself(error: unknown): void {
  if (!(error instanceof LedgerUnavailable)) throw error;
}
