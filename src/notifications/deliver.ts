import { type Bindings, readSettings } from "../env";
import { log } from "../units/log";
import { openWebhooks } from "../webhooks/client";
import { resolvesToPrivate } from "../webhooks/dns";
import { sendMessages } from "../webhooks/send";
import type { DeliveryBatch } from "../webhooks/types";
import { endpointUrlProblem } from "../webhooks/url-policy";

/**
 * Claims a batch of the queue and answers the sending of it, which may last as long as a receiver does: the consumer does not
 * await it. What is cut off is sent again by the organization's object.
 * @throws when the object cannot be asked: the queue delivers the batch again
 */
export async function runBatch(env: Bindings, batch: DeliveryBatch): Promise<() => Promise<void>> {
  const job = await openWebhooks(env, batch).begin(batch);
  return async () => {
    if (job.messages.length === 0) return;
    try {
      const results = await sendMessages(job, { refusal: (url) => checkEndpointUrl(env, url) });
      await openWebhooks(env, batch).report(batch, results);
    } catch (error) {
      const { organization_id, endpoint_id } = batch;
      const detail = { organization_id, endpoint_id, error };
      log.error("webhook_errand_unfinished", detail);
    }
  };
}

/**
 * Why a URL may not be an endpoint, or may not be called now, in words for its owner; null when it may. Checked at
 * registration and before every try, since a name may lead elsewhere by then. `reached_by` are names by which this deployment
 * was reached just now: without PUBLIC_URL it does not know its name.
 */
export async function checkEndpointUrl(
  env: Bindings,
  url: string,
  reached_by: readonly string[] = [],
): Promise<string | null> {
  const { webhooks } = readSettings(env);
  const own_hosts = [...webhooks.own_hosts, ...reached_by];
  const refusal = endpointUrlProblem(url, { ...webhooks, own_hosts });
  if (refusal || !webhooks.resolver_url) return refusal;
  const is_private = await resolvesToPrivate(new URL(url).hostname, webhooks.resolver_url);
  return is_private ? "The address leads into a private network." : null;
}
