import type { OpenAPIV3_1 } from "openapi-types";
import { z } from "zod";
import { PRODUCT_CALL_STATUSES } from "../../webhooks/event-body";
import { CUSTOMER_EVENTS, EVENT_VERSION, OPERATOR_EVENTS } from "../../webhooks/event-catalogue";
import { eventIdSchema } from "../webhooks/schema";
import { documentedSchema } from "./schemas";

/** The headers of a delivery, by their names in the document's components. */
const DELIVERY_HEADERS = {
  WebhookId: {
    name: "webhook-id",
    description: "The event's id: the same in every delivery of it. Drop one that was there before.",
    example: "evt_01k9z3v8qhe1w9m4c7d2x5n6tp",
  },
  WebhookTimestamp: {
    name: "webhook-timestamp",
    description: "When it was sent, in Unix seconds. Refuse what is older than five minutes.",
    example: "1795426860",
  },
  WebhookSignature: {
    name: "webhook-signature",
    description:
      "As Standard Webhooks has it: `v1,` and base 64 of the HMAC-SHA256 of `id.timestamp.body`. Two, with a space between them, while the secret is being replaced.",
    example: "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
  },
  XWebhookEvent: { name: "X-Webhook-Event", description: "The event's type.", example: "balance.low" },
  XWebhookTimestamp: {
    name: "X-Webhook-Timestamp",
    description: "The same as `webhook-timestamp`.",
    example: "1795426860",
  },
  XWebhookSignature: {
    name: "X-Webhook-Signature",
    description:
      "`sha256=` and the hexadecimal HMAC-SHA256 of `timestamp.body`, keyed with the text of the whole secret; with the previous secret while that is being replaced.",
    example: "sha256=8ab0f6c1b1a4c2f5d0b4bb7f9f1b3a0f7a5f2b6d9c3e1a7d5c2f9e8b7a6d5c4b",
  },
  XWebhookSignatureNext: {
    name: "X-Webhook-Signature-Next",
    required: false,
    description: "The same, keyed with the new secret, while the previous one is being replaced.",
    example: "sha256=0b2d4f6a8c0e1f3a5b7c9d0e2f4a6b8c0d1e3f5a7b9c0d2e4f6a8b0c1d3e5f7a",
  },
  XWebhookSignaturePrevious: {
    name: "X-Webhook-Signature-Previous",
    required: false,
    description: "The same as `X-Webhook-Signature`, while the secret is being replaced.",
    example: "sha256=1f0c2d3e4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0",
  },
};

/** The headers of a delivery, for the document's components. */
export function deliveryHeaders(): Record<string, OpenAPIV3_1.ParameterObject> {
  const made = Object.entries(DELIVERY_HEADERS).map(([id, stated]) => {
    const { example, ...parameter } = stated;
    const schema = { type: "string" as const, examples: [example] };
    return [id, { in: "header", required: true, ...parameter, schema }];
  });
  return Object.fromEntries(made);
}

/** What endpoints get, by the type of event, with the bodies by their names. */
export function eventDescriptions() {
  const types = Object.entries({ ...CUSTOMER_EVENTS, ...OPERATOR_EVENTS });
  const webhooks = types.map(([type]) => [type, { post: eventDescription(type) }]);
  const schemas = [
    ...types.map(([type, data]) => eventSchema(type, data)),
    documentedSchema(eventEnvelope).named,
    documentedSchema(productEventSchema).named,
  ];
  return {
    webhooks: Object.fromEntries(webhooks) as Record<string, { post: OpenAPIV3_1.OperationObject }>,
    schemas: Object.assign({}, ...schemas) as Record<string, OpenAPIV3_1.SchemaObject>,
  };
}

/** `call.settled` as `CallSettled`. */
function pascalCase(type: string): string {
  return type.replace(/(?:^|[._])(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function eventDescription(type: string): OpenAPIV3_1.OperationObject {
  const name = pascalCase(type);
  return {
    operationId: `send${name}Event`,
    tags: [type.startsWith("ops.") ? "Admin" : "Events"],
    summary: type,
    description: "At least once, and in no promised order.",
    security: [],
    parameters: Object.keys(DELIVERY_HEADERS).map((id) => ({ $ref: `#/components/parameters/${id}` })),
    requestBody: {
      required: true,
      content: {
        "application/json": {
          schema: {
            oneOf: [
              { $ref: `#/components/schemas/${name}Event` },
              { $ref: "#/components/schemas/ProductEvent" },
            ],
          },
        },
      },
    },
    responses: { "2XX": { $ref: "#/components/responses/Taken" } },
  };
}

const eventTime = z.iso.datetime().meta({ id: "EventTime", description: "When it happened." });

const bodyVersion = z
  .literal(EVENT_VERSION)
  .meta({ id: "BodyVersion", description: "Of the form of this body. A call's own is `call_version`." });

const versions = {
  body_version: bodyVersion,
  version: bodyVersion.meta({
    id: "FormerBodyVersion",
    deprecated: true,
    description: "The same as `body_version`.",
  }),
};

/** The body of every event at an endpoint whose format is `product`. */
const productEventSchema = z
  .strictObject({
    message: z.strictObject({
      type: z.string().meta({ description: "The event's type, such as `call.settled`." }),
      timestamp: eventTime,
      call: z
        .strictObject({
          id: z.string(),
          type: z.enum(["inbound_phone_call", "outbound_phone_call"]),
          status: z.enum(PRODUCT_CALL_STATUSES),
        })
        .nullable()
        .meta({ description: "The call that it is about, null where it is about none." }),
      phone_number: z.strictObject({
        id: z.null(),
        number: z.string().nullable().meta({ description: "The organization's side of the call." }),
      }),
      customer: z.strictObject({
        number: z.string().nullable().meta({ description: "The other side of the call." }),
      }),
      id: eventIdSchema,
      ...versions,
      organization_id: z.string().optional(),
      data: z.record(z.string(), z.unknown()).meta({ description: "As in the standard body of the event." }),
    }),
  })
  .meta({ id: "ProductEvent", description: "Any event, for an endpoint whose `format` is `product`." });

/** What every event has; said once, because there are many. */
const eventEnvelope = z
  .object({ id: eventIdSchema, ...versions, timestamp: eventTime })
  .meta({ id: "EventEnvelope" });

/** The body of one type of event, with the schemas that it refers to, by their names. */
function eventSchema(type: string, data: z.ZodType) {
  // Operators try their endpoints, too: that event is of no organization.
  const organization_id = type === "webhook.test" ? z.string().optional() : z.string();
  const name = `${pascalCase(type)}Event`;
  const own = z
    .object({ type: z.literal(type), ...(type.startsWith("ops.") ? {} : { organization_id }), data })
    .meta({ id: name });
  const { named } = documentedSchema(own);
  const allOf = [{ $ref: "#/components/schemas/EventEnvelope" }];
  return { ...named, [name]: { ...named[name], allOf, unevaluatedProperties: false } };
}
