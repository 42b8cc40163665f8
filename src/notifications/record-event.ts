import type { Bindings } from "../env";
import { openOrganization } from "../organizations/open-organization";
import { openWebhooks } from "../webhooks/client";
import type { NewEvent } from "../webhooks/event-catalogue";
import { eventId } from "../webhooks/event-id";
import { OPERATOR, OPERATOR_OWNER } from "../webhooks/operator";

/** An event without its id, which is made of what it is about. */
export type EventDraft = NewEvent extends infer Event
  ? Event extends NewEvent
    ? Omit<Event, "id">
    : never
  : never;

/**
 * Records an event of an organization in the outbox of its ledger, which relays it. `fact` names what happened: recorded
 * again, it is the same event, so that it can be recorded before the step that it is about is written.
 * @throws LedgerUnavailable
 */
export async function recordEvent(
  env: Bindings,
  organization_id: string,
  fact: string,
  draft: EventDraft,
): Promise<void> {
  const organization = await openOrganization(env, organization_id);
  const id = await eventId(organization_id, fact, draft.occurred_at_ms);
  await organization?.ledger.ask(async (object) => object.noteEvent({ id, ...draft } as NewEvent));
}

/** Sends operators an event that concerns no organization, straight to the object of their endpoints. */
export async function notifyOperators(env: Bindings, fact: string, draft: EventDraft): Promise<void> {
  const id = await eventId(OPERATOR, fact, draft.occurred_at_ms);
  await openWebhooks(env, OPERATOR_OWNER).take(OPERATOR_OWNER, [{ id, ...draft } as NewEvent]);
}
