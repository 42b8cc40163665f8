import type { Hono } from "hono";
import { generateSpecs, resolver } from "hono-openapi";
import { z } from "zod";
import { CUSTOMER_EVENTS, EVENT_VERSION, OPERATOR_EVENTS } from "../webhooks/event-catalogue";
import type { AppEnv } from "./context";

/** A response with a JSON body, for `describeRoute`. */
export function json(schema: z.ZodType, description: string) {
  return { description, content: { "application/json": { schema: resolver(schema) } } };
}

/** The document as the library makes it. */
export type OpenApiDocument = Awaited<ReturnType<typeof generateSpecs>>;

const INTRODUCTION = `Prepaid call credit at the edge.

Amounts named \`…_micros\` are integers in millionths of the currency unit: EUR 0.07 is 70000.
Times are ISO 8601 in UTC. Unknown fields and parameters are refused, as is plain http (403 \`https_required\`).
Without a good key an address may ask 100 times in ten seconds.
Every answer has an \`X-Request-Id\`; send your own to find a request again.`;

const documentation = {
  info: { title: "Ringfence", version: "1", description: INTRODUCTION },
  servers: [{ url: "/", description: "Here" }],
  tags: [
    { name: "Account", description: "Balance, usage, ledger and keys of one organization." },
    {
      name: "Buying credit",
      description: "Purchases by card, invoices, VAT, the saved card and auto top-up.",
    },
    { name: "Events", description: "Webhook endpoints, what was delivered, and alerts on the balance." },
    { name: "Calls", description: "Calls of one organization." },
    { name: "Edge", description: "What telephony nodes say before, during and after each call." },
    { name: "Admin", description: "What operators do." },
    { name: "Service", description: "The service itself." },
  ],
  components: {
    securitySchemes: {
      organizationKey: bearer("An organization's own key, `rf_live_…`."),
      edgeKey: bearer("A telephony node's key, `rf_edge_…`."),
      adminKey: bearer("An operator's key, `rf_admin_…`."),
    },
  },
};

function bearer(description: string) {
  return { type: "http" as const, scheme: "bearer", description };
}

const built = new WeakMap<Hono<AppEnv>, OpenApiDocument>();

/** The OpenAPI 3.1 document of all described routes, built when it is first asked for. */
export async function openApiDocument(app: Hono<AppEnv>): Promise<OpenApiDocument> {
  const known = built.get(app);
  if (known) return known;
  const described = await generateSpecs(app, { documentation, defaultValidationErrorResponse: false });
  const document = { ...described, webhooks: webhookDescriptions() as OpenApiDocument["webhooks"] };
  built.set(app, document);
  return document;
}

/** What endpoints get, by the type of event. */
function webhookDescriptions() {
  const types = Object.entries({ ...CUSTOMER_EVENTS, ...OPERATOR_EVENTS });
  return Object.fromEntries(types.map(([type, data]) => [type, { post: webhookDescription(type, data) }]));
}

function webhookDescription(type: string, data: z.ZodType) {
  const is_ops = type.startsWith("ops.");
  // Operators try their endpoints, too: that event is of no organization.
  const organization_id = type === "webhook.test" ? z.string().optional() : z.string();
  const event = z.strictObject({
    id: z.string().meta({ description: "The same in every delivery of this event." }),
    type: z.literal(type),
    version: z.literal(EVENT_VERSION),
    timestamp: z.iso.datetime().meta({ description: "When it happened." }),
    ...(is_ops ? {} : { organization_id }),
    data,
  });
  const { $schema: _, ...schema } = z.toJSONSchema(event, { io: "output" });
  return {
    operationId: `event.${type}`,
    tags: [is_ops ? "Admin" : "Events"],
    summary: type,
    requestBody: { required: true, content: { "application/json": { schema } } },
    responses: { "2XX": { description: "It was taken. Anything else: it is sent again." } },
  };
}
