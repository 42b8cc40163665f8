import type { describeRoute } from "hono-openapi";
import { documentedSchema } from "../document/schemas";
import { dialerCallSchema } from "./schema";

const signature = (name: string, description: string) => ({
  in: "header" as const,
  name,
  required: true,
  description,
  schema: { type: "string" as const },
});

type Callback = NonNullable<Parameters<typeof describeRoute>[0]["callbacks"]>[string];

const { schema: handed } = documentedSchema(dialerCallSchema);

/** What the deployment's dialer (`DIALER_URL`) is asked, for `describeRoute`. */
export const DIALER_CALLBACK = {
  "https://dialer.example.com/calls": {
    post: {
      operationId: "dialCall",
      security: [],
      tags: ["Calls"],
      summary: "What the dialer is asked",
      description:
        "Sent to `DIALER_URL`, signed as events are, with `DIALER_SECRET`. Have a node ring, which authorizes the call under `call_id` with the same `from` and `to` and the terms that it is charged at.",
      parameters: [
        signature("Idempotency-Key", "The `call_id`."),
        signature("webhook-id", "The `call_id`."),
        signature("webhook-timestamp", "Unix seconds. Refuse what is older than five minutes."),
        signature("webhook-signature", "Standard Webhooks: `v1,` and base 64; the secret's text is the key."),
        signature("X-Webhook-Event", "`call.dial`"),
        signature("X-Webhook-Timestamp", "As `webhook-timestamp`."),
        signature("X-Webhook-Signature", "`sha256=` and hexadecimal HMAC-SHA256 of `timestamp.body`."),
      ],
      requestBody: { required: true, content: { "application/json": { schema: handed } } },
      responses: {
        "2XX": { description: "It is being dialed." },
        "400": { description: "Not as it was asked for: the customer is answered 422, the call is void." },
        "422": { description: "As 400." },
        "4XX": { description: "Not now: the customer is answered 503, the call is void. Not so 408." },
        "5XX": {
          description:
            "As no answer in time: it may ring, so the customer is answered 201. The hold ends with the report or the ring time-out.",
        },
      },
    },
  },
} as Callback;
