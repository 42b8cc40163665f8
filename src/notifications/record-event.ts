import type { Bindings } from "../env";
import { openOrganization } from "../organizations/open-organization";
import {
  putOperatorEvent,
  removeOperatorEvents,
  waitingOperatorEvents,
} from "../storage/accounts/operator-events";
import { openDatabase } from "../storage/database";
import { SECOND_MS } from "../units/duration";
import { log } from "../units/log";
import { askWebhooks } from "../webhooks/client";
import type { NewEvent } from "../webhooks/event-catalogue";
import { eventId } from "../webhooks/event-id";
import { OPERATOR, OPERATOR_OWNER } from "../webhooks/operator";

/** How long the operators' object has to take an event before it waits in D1: it knows one that comes twice. */
const OPERATORS_PATIENCE_MS = 5 * SECOND_MS;

/** Waiting events that one run sends. */
const EVENTS_PER_RUN = 50;

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

/**
 * Sends operators an event that concerns no organization, straight to the object of their endpoints. While that is away the event
 * waits in D1 for `sendWaitingEvents`.
 */
export async function notifyOperators(env: Bindings, fact: string, draft: EventDraft): Promise<void> {
  const id = await eventId(OPERATOR, fact, draft.occurred_at_ms);
  const event = { id, ...draft } as NewEvent;
  try {
    await sendToOperators(env, [event]);
  } catch (error) {
    log.warn("operators_not_told", { event_id: id, type: draft.type, error });
    await putOperatorEvent(openDatabase(env), { event_id: id, event, at_ms: Date.now() });
  }
}

/** Sends operators what could not be sent when it happened, the oldest first. What fails again waits on. */
export async function sendWaitingEvents(env: Bindings): Promise<void> {
  const db = openDatabase(env);
  const waiting = await waitingOperatorEvents(db, EVENTS_PER_RUN);
  if (waiting.length === 0) return;
  const events = waiting.map(({ event }) => event as NewEvent);
  await sendToOperators(env, events);
  await removeOperatorEvents(
    db,
    waiting.map(({ event_id }) => event_id),
  );
}

function sendToOperators(env: Bindings, events: NewEvent[]): Promise<unknown> {
  return askWebhooks(env, OPERATOR_OWNER, OPERATORS_PATIENCE_MS, (webhooks) =>
    webhooks.take(OPERATOR_OWNER, events),
  );
}
