import type { Bindings } from "../env";
import type { Actor } from "../organizations/actor";
import { audited } from "../organizations/audit-log";
import type { Repeatable } from "../units/repeatable";
import { eventId } from "../webhooks/event-id";
import type { DeliveryAnswer, FailedResent } from "../webhooks/rpc";
import { ask, auditedOrganization, type EndpointOwner, recordAbout } from "./endpoint-owner";

/** Which endpoint is to be sent something, and what a repeat is known by. */
interface Asked {
  endpoint_id: string;
  request: Repeatable | null;
}

/**
 * Sends an endpoint a test event, and audits it; a repeat of `request` sends no other. Refuses with `not_found`,
 * `endpoint_disabled` or `idempotency_conflict`.
 */
export async function sendTestEvent(
  env: Bindings,
  actor: Actor,
  of: EndpointOwner,
  { endpoint_id, request }: Asked,
): Promise<DeliveryAnswer> {
  const now_ms = Date.now();
  const id = await eventId(of.owner.organization_id, `test:${crypto.randomUUID()}`, now_ms);
  const data = { message: "This is a test. Events of this endpoint look like it and are signed like it." };
  const event = { id, type: "webhook.test", occurred_at_ms: now_ms, data } as const;
  const detail = { endpoint_id };
  const organization_id = auditedOrganization(of);
  const asked = { action: "webhook_delivery.test", organization_id, detail } as const;
  return audited(env, actor, asked, (fact) =>
    ask(env, of, (webhooks) => webhooks.sendTest(endpoint_id, event, recordAbout(env, request, id), fact)),
  );
}

/**
 * Sends one delivery again, whatever became of it, and audits it; a repeat of `request` does not. Refuses as `sendTestEvent`.
 */
export async function resendDelivery(
  env: Bindings,
  actor: Actor,
  of: EndpointOwner,
  { endpoint_id, event_id, request }: Asked & { event_id: string },
): Promise<DeliveryAnswer> {
  const detail = { endpoint_id, event_id };
  const organization_id = auditedOrganization(of);
  const asked = { action: "webhook_delivery.resend", organization_id, detail } as const;
  const record = recordAbout(env, request, event_id);
  return audited(env, actor, asked, (fact) =>
    ask(env, of, (webhooks) => webhooks.resend(endpoint_id, event_id, record, fact)),
  );
}

/**
 * Sends again what was given up since an instant (ms since 1970), and audits it; a repeat of `request` does not, and answers the
 * same. Refuses as `sendTestEvent`.
 */
export async function resendFailed(
  env: Bindings,
  actor: Actor,
  of: EndpointOwner,
  { endpoint_id, since_ms, request }: Asked & { since_ms: number },
): Promise<FailedResent> {
  const detail = { endpoint_id, since_ms };
  const organization_id = auditedOrganization(of);
  const asked = { action: "webhook_delivery.resend_failed", organization_id, detail } as const;
  const record = recordAbout(env, request, endpoint_id);
  return audited(env, actor, asked, (fact) =>
    ask(env, of, (webhooks) => webhooks.resendFailed(endpoint_id, since_ms, record, fact)),
  );
}
