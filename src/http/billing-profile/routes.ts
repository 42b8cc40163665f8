import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { saveBillingProfile } from "../../customers/billing-profile";
import { billingProfileInputSchema, toBillingProfile } from "../../customers/billing-profile-schema";
import { findBillingProfile } from "../../storage/accounts/billing-profiles";
import { openDatabase } from "../../storage/database";
import { actorOf, checkKeyAtLedger, organizationKey } from "../authenticate";
import type { AppEnv } from "../context";
import { ApiError, BODY_ERRORS, errorResponses, ORGANIZATION_KEY_ERRORS } from "../errors";
import { json } from "../openapi";
import { validJson } from "../validate";
import { billingProfileBody } from "./present";
import { billingProfileSchema } from "./schema";

const common = { tags: ["Buying credit"], security: [{ organizationKey: [] }] };

/** Who buys: what stands on invoices, and what VAT depends on. */
export const billingProfile = new Hono<AppEnv>()
  .get(
    "/billing_profile",
    describeRoute({
      ...common,
      operationId: "getBillingProfile",
      summary: "Who buys, and how that is taxed",
      description:
        "What invoices will say, the state of the VAT ID, and the VAT that a purchase would bear now. 404 before it was first set.",
      responses: {
        200: json(billingProfileSchema, "The billing profile."),
        ...errorResponses("not_found", "records_unavailable", ...ORGANIZATION_KEY_ERRORS),
      },
    }),
    organizationKey("read"),
    async (c) => {
      await checkKeyAtLedger(c);
      const row = await findBillingProfile(openDatabase(c.env), c.var.organization_id);
      if (!row) throw new ApiError("not_found", "There is no billing profile yet.");
      const { seller_country } = c.var.settings;
      return c.json(billingProfileBody(row, { seller_country, now_ms: Date.now(), obstacle: null }));
    },
  )
  .put(
    "/billing_profile",
    describeRoute({
      ...common,
      operationId: "putBillingProfile",
      summary: "Say who buys",
      description:
        "Takes the place of what was there. The VAT ID is checked at once, and again from time to time. One that is malformed or not found valid is kept and shown: VAT is charged then. Pages of payment that are open are closed when they would be taxed otherwise.",
      responses: {
        200: json(billingProfileSchema, "The billing profile as it stands now."),
        ...errorResponses(...BODY_ERRORS, "records_unavailable", ...ORGANIZATION_KEY_ERRORS),
      },
    }),
    organizationKey("billing"),
    validJson(billingProfileInputSchema),
    async (c) => {
      await checkKeyAtLedger(c);
      const stated = toBillingProfile(c.req.valid("json"));
      const { organization_id, settings } = c.var;
      const { profile, obstacle } = await saveBillingProfile(c.env, actorOf(c), organization_id, stated);
      const { seller_country } = settings;
      return c.json(billingProfileBody(profile, { seller_country, now_ms: Date.now(), obstacle }));
    },
  );
