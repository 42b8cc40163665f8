import type { NewEvent } from "../event-catalogue";
import { eventId } from "../event-id";
import { OPERATOR } from "../operator";
import type { Endpoint } from "../types";

/**
 * Whether operators have yet to get the event that it was disabled, which its owner has not done. Operators see what becomes of their
 * own endpoints where they list them.
 */
export function isUnreported(
  organization_id: string,
  { state, disabled_because, operator_told }: Endpoint,
): boolean {
  return (
    organization_id !== OPERATOR && state === "disabled" && disabled_because !== "owner" && !operator_told
  );
}

/** That event, with the same id however often it is made; null when there is nothing to report. */
export async function disabledEvent(
  organization_id: string,
  endpoint: Endpoint,
  now_ms: number,
): Promise<NewEvent | null> {
  const { endpoint_id, disabled_because: reason, failing_since_ms } = endpoint;
  if (!isUnreported(organization_id, endpoint)) return null;
  if (reason === null || reason === "owner") return null;
  const id = await eventId(organization_id, `disabled:${endpoint_id}:${failing_since_ms ?? 0}`, now_ms);
  const data = { organization_id, endpoint_id, reason };
  return { id, type: "ops.endpoint_disabled", occurred_at_ms: now_ms, data };
}
