import type { Bindings } from "../env";
import { reachOrganization } from "../organizations/open-organization";
import { openWebhooks } from "../webhooks/client";
import type { NewEvent } from "../webhooks/event-catalogue";
import { eventId } from "../webhooks/event-id";
import { OPERATOR, OPERATOR_OWNER } from "../webhooks/operator";

/** An event without its id, which is made of what it is about. */
export type Told = NewEvent extends infer Event
  ? Event extends NewEvent
    ? Omit<Event, "id">
    : never
  : never;

/**
 * Notes what is to be told of an organization in its ledger, whose outbox tells it. `fact` names what happened: noted
 * again, it is the same event, so that it can be noted before the step that it is about is written down.
 * @throws LedgerUnavailable
 */
export async function noteEvent(
  env: Bindings,
  organization_id: string,
  fact: string,
  told: Told,
): Promise<void> {
  const organization = await reachOrganization(env, organization_id);
  const id = await eventId(organization_id, fact, told.occurred_at_ms);
  await organization?.ledger.ask(async (object) => object.noteEvent({ id, ...told } as NewEvent));
}

/** Tells the operators of something that is no organization's. */
export async function tellOperators(env: Bindings, fact: string, told: Told): Promise<void> {
  const id = await eventId(OPERATOR, fact, told.occurred_at_ms);
  await openWebhooks(env, OPERATOR_OWNER).take(OPERATOR_OWNER, [{ id, ...told } as NewEvent]);
}
