import { OPERATOR_EVENT_TYPES } from "../../../webhooks/event-catalogue";
import { OPERATOR_OWNER } from "../../../webhooks/operator";
import { ADMIN_ERRORS } from "../../errors";
import { webhookRoutes } from "../../webhooks/endpoint-routes";

/** The operators' endpoints: for what they are told of all organizations. The admin key was checked before. */
export const adminWebhooks = webhookRoutes({
  tags: ["Admin"],
  security: [{ adminKey: [] }],
  operation_ids: "operator",
  errors: ADMIN_ERRORS,
  events: OPERATOR_EVENT_TYPES,
  guard: () => (_, next) => next(),
  ownerOf: async (c) => ({
    owner: OPERATOR_OWNER,
    ledger: null,
    own_host: new URL(c.req.url).hostname,
    sees_urls: true,
  }),
});
