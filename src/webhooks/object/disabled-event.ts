import type { NewEvent } from "../event-catalogue";
import { eventId } from "../event-id";
import { OPERATOR } from "../operator";
import type { Endpoint } from "../types";

/** Whether operators have to be told that it was disabled, since its owner has not done it. */
export function isUnreported({ state, disabled_because, operator_told }: Endpoint): boolean {
  return state === "disabled" && disabled_because !== "owner" && !operator_told;
}

/** The event that says so, the same one however often it is made; null when there is nothing to tell. */
export async function disabledEvent(
  organization_id: string,
  endpoint: Endpoint,
  now_ms: number,
): Promise<NewEvent | null> {
  const { endpoint_id, disabled_because: reason, failing_since_ms } = endpoint;
  // What befalls the operators' own endpoints they see there.
  if (organization_id === OPERATOR || !isUnreported(endpoint)) return null;
  if (reason === null || reason === "owner") return null;
  const id = await eventId(organization_id, `disabled:${endpoint_id}:${failing_since_ms ?? 0}`, now_ms);
  const data = { organization_id, endpoint_id, reason };
  return { id, type: "ops.endpoint_disabled", occurred_at_ms: now_ms, data };
}
