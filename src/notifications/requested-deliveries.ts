import type { Bindings } from "../env";
import type { Repeatable } from "../units/repeatable";
import { eventId } from "../webhooks/event-id";
import type { DeliveryAnswer, FailedResent } from "../webhooks/rpc";
import { ask, type EndpointOwner, recordAbout } from "./endpoint-owner";

/** Sends an endpoint a test event. Refuses with `not_found` or `endpoint_disabled`. A repeat of `request` sends no other. */
export async function sendTestEvent(
  env: Bindings,
  of: EndpointOwner,
  { endpoint_id, request }: { endpoint_id: string; request: Repeatable | null },
): Promise<DeliveryAnswer> {
  const now_ms = Date.now();
  const id = await eventId(of.owner.organization_id, `test:${crypto.randomUUID()}`, now_ms);
  const data = { message: "This is a test. Events of this endpoint look like it and are signed like it." };
  const event = { id, type: "webhook.test", occurred_at_ms: now_ms, data } as const;
  return ask(env, of, (webhooks) => webhooks.sendTest(endpoint_id, event, recordAbout(env, request, id)));
}

/** Sends one event again, whatever came of it. A repeat of `request` does not. */
export function resendDelivery(
  env: Bindings,
  of: EndpointOwner,
  { endpoint_id, event_id, request }: { endpoint_id: string; event_id: string; request: Repeatable | null },
): Promise<DeliveryAnswer> {
  const record = recordAbout(env, request, event_id);
  return ask(env, of, (webhooks) => webhooks.resend(endpoint_id, event_id, record));
}

/** Sends again what was given up since an instant. A repeat of `request` does not, and answers the same. */
export function resendFailed(
  env: Bindings,
  of: EndpointOwner,
  { endpoint_id, since_ms, request }: { endpoint_id: string; since_ms: number; request: Repeatable | null },
): Promise<FailedResent> {
  const record = recordAbout(env, request, endpoint_id);
  return ask(env, of, (webhooks) => webhooks.resendFailed(endpoint_id, since_ms, record));
}
