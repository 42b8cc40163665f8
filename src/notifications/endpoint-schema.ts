import { z } from "zod";
import { SECOND_MS } from "../units/duration";
import { typedText } from "../units/text-schema";
import type { EventType } from "../webhooks/event-catalogue";
import { ENDPOINT_FORMATS, MAX_OVERLAP_MS } from "../webhooks/types";

/** Characters in what people may write of an endpoint. */
export const MAX_DESCRIPTION_LENGTH = 200;

/** Characters in the address of an endpoint. */
export const MAX_URL_LENGTH = 2_048;

/** Where events are sent to, as text: whether it may be an endpoint is for `createEndpoint` and `changeEndpoint` to say. */
export const endpointUrl = z
  .string()
  .min(1)
  .max(MAX_URL_LENGTH)
  .meta({
    id: "EndpointUrl",
    description: "An https address that the public can reach.",
    examples: ["https://example.com/ringfence"],
  });

/** What an endpoint is for, as people wrote it; may be empty. */
export const endpointDescription = typedText({ min: 0, max: MAX_DESCRIPTION_LENGTH }).meta({
  description: "For people.",
  examples: ["Billing alerts"],
});

/** The envelope in which an endpoint gets events. */
export const endpointFormat = z.enum(ENDPOINT_FORMATS).meta({
  id: "EndpointFormat",
  description:
    "`standard`: `{id, type, body_version, timestamp, organization_id, data}`. `product`: the same facts as `{message: {type, timestamp, call, phone_number, customer, …}}`, for handlers of the product's other webhooks.",
  examples: ["standard"],
});

/** The longest that a replaced secret goes on signing, in seconds, and how long it does unless its owner says otherwise. */
export const MOST_KEPT_SECONDS = MAX_OVERLAP_MS / SECOND_MS;

/** How long the secret before signs beside a new one, in seconds; 0 ends it at once, and any that it has replaced. */
export const keepPreviousSeconds = z
  .int()
  .min(0)
  .max(MOST_KEPT_SECONDS)
  .default(MOST_KEPT_SECONDS)
  .meta({
    description:
      "How long the secret before goes on signing. 0 ends it now, and does so while another rotation is under way, too.",
    examples: [3_600],
  });

/** Which of `types` an endpoint gets; null for all of them and those that will be added. */
export function endpointEvents<Type extends EventType>(types: readonly Type[]) {
  return z.array(z.enum(types)).min(1).max(50).nullable();
}
