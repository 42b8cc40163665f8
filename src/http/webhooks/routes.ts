import { organizationRef } from "../../organizations/directory";
import { CUSTOMER_EVENT_TYPES } from "../../webhooks/event-catalogue";
import { checkKeyAtLedger, ledgerOf, organizationKey } from "../authenticate";
import { ORGANIZATION_KEY_ERRORS } from "../errors";
import { webhookRoutes } from "./endpoint-routes";

/** An organization's own endpoints. */
export const webhooks = webhookRoutes({
  tags: ["Events"],
  security: [{ organizationKey: [] }],
  operation_ids: "organization",
  errors: [...ORGANIZATION_KEY_ERRORS, "records_unavailable"],
  events: CUSTOMER_EVENT_TYPES,
  guard: organizationKey,
  async ownerOf(c) {
    const { scopes } = await checkKeyAtLedger(c);
    const owner = await organizationRef(c.env, c.var.organization_id);
    return {
      owner,
      ledger: await ledgerOf(c),
      own_host: new URL(c.req.url).hostname,
      sees_urls: scopes.includes("billing"),
    };
  },
});
