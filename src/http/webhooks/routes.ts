import { organizationRef } from "../../organizations/directory";
import { CUSTOMER_EVENT_TYPES, OPERATOR_EVENT_TYPES } from "../../webhooks/event-catalogue";
import { OPERATOR_OWNER } from "../../webhooks/operator";
import { checkKeyAtLedger, ledgerOf, organizationKey } from "../authenticate";
import { ADMIN_ERRORS, ORGANIZATION_KEY_ERRORS } from "../errors";
import { webhookRoutes } from "./endpoint-routes";

/** An organization's own endpoints. */
export const webhooks = webhookRoutes({
  tags: ["Events"],
  security: [{ organizationKey: [] }],
  prefix: "",
  errors: [...ORGANIZATION_KEY_ERRORS, "records_unavailable"],
  events: CUSTOMER_EVENT_TYPES,
  guard: organizationKey,
  async ownerOf(c) {
    await checkKeyAtLedger(c);
    const owner = await organizationRef(c.env, c.var.organization_id);
    return { owner, ledger: await ledgerOf(c), own_host: new URL(c.req.url).hostname };
  },
});

/** The operators' endpoints: for what they are told of all organizations. The admin key was checked before. */
export const adminWebhooks = webhookRoutes({
  tags: ["Admin"],
  security: [{ adminKey: [] }],
  prefix: "Operator",
  errors: ADMIN_ERRORS,
  events: OPERATOR_EVENT_TYPES,
  guard: () => (_, next) => next(),
  ownerOf: async (c) => ({
    owner: OPERATOR_OWNER,
    ledger: null,
    own_host: new URL(c.req.url).hostname,
  }),
});
