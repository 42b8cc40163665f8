import { within } from "../runtime/deadline";
import type { OrganizationWebhooks } from "./object/organization-webhooks";
import type { Owner } from "./object/store";

/** The object could not be asked in time. Nothing is lost by it: what is to be told waits. */
export class WebhooksUnavailable extends Error {}

type Stub = DurableObjectStub<OrganizationWebhooks>;

/** The webhooks of an organization, or of the operators (`OPERATOR_OWNER`). */
export function openWebhooks(env: Env, { organization_id, jurisdiction }: Owner): Stub {
  const namespace = jurisdiction
    ? env.WEBHOOKS.jurisdiction(jurisdiction as DurableObjectJurisdiction)
    : env.WEBHOOKS;
  return namespace.getByName(organization_id);
}

/**
 * Asks the object on behalf of somebody who waits.
 * @throws WebhooksUnavailable when there was no answer in time
 */
export async function askWebhooks<Answer>(
  env: Env,
  owner: Owner,
  deadline_ms: number,
  request: (webhooks: Stub) => Promise<Answer>,
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
