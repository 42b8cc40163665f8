import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { openBillingPortal } from "../../customers/billing-portal";
import { actorOf, checkKeyAtLedger, organizationKey } from "../authenticate";
import type { AppEnv } from "../context";
import { BODY_ERRORS, errorResponses, ORGANIZATION_KEY_ERRORS } from "../errors";
import { json } from "../openapi";
import { unwrap } from "../refusals";
import { validJson } from "../validate";
import { newPortal, portalSchema } from "./schema";

/** The payment provider's own page for a customer. */
export const billingPortal = new Hono<AppEnv>().post(
  "/billing_portal",
  describeRoute({
    tags: ["Buying credit"],
    security: [{ organizationKey: [] }],
    operationId: "openBillingPortal",
    summary: "The payment provider's page for cards and invoices",
    description: "Answers its address, good for a few minutes: send the customer's browser there.",
    responses: {
      201: json(portalSchema, "The page."),
      ...errorResponses(
        ...BODY_ERRORS,
        "billing_profile_incomplete",
        "billing_address_invalid",
        "payments_unavailable",
        "purchases_unavailable",
        "records_unavailable",
        ...ORGANIZATION_KEY_ERRORS,
      ),
    },
  }),
  organizationKey("billing"),
  validJson(newPortal),
  async (c) => {
    const { return_url = null } = c.req.valid("json");
    await checkKeyAtLedger(c);
    const { url } = unwrap(await openBillingPortal(c.env, actorOf(c), c.var.organization_id, return_url));
    return c.json({ url }, 201);
  },
);
