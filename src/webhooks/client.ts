import { within } from "../runtime/deadline";
import type { OrganizationRef } from "../units/organization-ref";
import type { WebhooksRpc } from "./rpc";

/** The object could not be asked in time. Nothing is lost by it: events wait in the ledger, deliveries in the object. */
export class WebhooksUnavailable extends Error {}

/** The webhooks of an organization, or of the operators (`OPERATOR_OWNER`). */
export function openWebhooks(env: Env, { organization_id, jurisdiction }: OrganizationRef): WebhooksRpc {
  const namespace = jurisdiction
    ? env.WEBHOOKS.jurisdiction(jurisdiction as DurableObjectJurisdiction)
    : env.WEBHOOKS;
  return namespace.getByName(organization_id);
}

/**
 * Asks the object for a request that waits at most `deadline_ms` for it.
 * @throws WebhooksUnavailable when there was no answer in time, or the object could not be asked
 */
export async function askWebhooks<Answer>(
  env: Env,
  owner: OrganizationRef,
  deadline_ms: number,
  request: (webhooks: WebhooksRpc) => Promise<Answer>,
): Promise<Answer> {
  const late = () => new WebhooksUnavailable("The webhooks did not answer in time.");
  try {
    return await within(deadline_ms, () => request(openWebhooks(env, owner)), late);
  } catch (error) {
    throw error instanceof WebhooksUnavailable
      ? error
      : new WebhooksUnavailable(String(error), { cause: error });
  }
}
