import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { removeCard } from "../../purchases/cards/remove-card";
import { startCardSetup } from "../../purchases/cards/start-setup";
import { openDatabase } from "../../storage/database";
import { findSavedCard } from "../../storage/purchases/saved-cards";
import { isoTime } from "../../units/duration";
import { actorOf, checkKeyAtLedger, organizationKey, ownOrganization } from "../authenticate";
import type { AppEnv } from "../context";
import { BODY_ERRORS, errorResponses, ORGANIZATION_KEY_ERRORS } from "../errors";
import { json } from "../openapi";
import { idempotencyHeader } from "../purchases/schema";
import { unwrap } from "../refusals";
import { idempotencyKey, validJson } from "../validate";
import { cardBody } from "./present";
import { cardSetupSchema, newCardSetup, paymentMethodSchema } from "./schema";

const common = { tags: ["Buying credit"], security: [{ organizationKey: [] }] };

/** The card that a customer has let us charge. */
export const paymentMethod = new Hono<AppEnv>()
  .get(
    "/payment_method",
    describeRoute({
      ...common,
      operationId: "getPaymentMethod",
      summary: "The saved card",
      description: "What auto top-up charges, and a default card that it may not charge.",
      responses: {
        200: json(paymentMethodSchema, "The card, null when none is saved."),
        ...errorResponses(...ORGANIZATION_KEY_ERRORS, "records_unavailable"),
      },
    }),
    organizationKey("read"),
    async (c) => {
      await checkKeyAtLedger(c);
      const row = await findSavedCard(openDatabase(c.env), c.var.organization_id);
      const other = row?.default_not_charged;
      return c.json({
        card: row ? cardBody(row) : null,
        default_not_charged: other ? { brand: other.brand, last4: other.last4 } : null,
      });
    },
  )
  .post(
    "/payment_method/setup",
    describeRoute({
      ...common,
      operationId: "setUpPaymentMethod",
      summary: "Save a card without buying anything",
      description:
        "Answers the address of a page on which the customer enters a card. It takes the place of the one that was saved before. A repeat with the same Idempotency-Key is the same page.",
      parameters: [{ ...idempotencyHeader("a new one for each page"), required: false }],
      responses: {
        201: json(cardSetupSchema, "The page."),
        ...errorResponses(
          ...BODY_ERRORS,
          "billing_profile_incomplete",
          "billing_address_invalid",
          "idempotency_conflict",
          "request_in_progress",
          "payments_unavailable",
          "purchases_unavailable",
          "records_unavailable",
          ...ORGANIZATION_KEY_ERRORS,
        ),
      },
    }),
    organizationKey("billing"),
    validJson(newCardSetup),
    async (c) => {
      const { return_url = null } = c.req.valid("json");
      await checkKeyAtLedger(c);
      const { organization_id } = c.var;
      const request = { organization_id, request_key: idempotencyKey(c), return_url };
      const answer = unwrap(await startCardSetup(c.env, actorOf(c), request));
      return c.json({ url: answer.url, expires_at: isoTime(answer.expires_at_ms) }, 201);
    },
  )
  .delete(
    "/payment_method",
    describeRoute({
      ...common,
      operationId: "removePaymentMethod",
      summary: "Remove the saved card",
      description: "Also turns auto top-up off. Repeat it after a 503: nothing is charged meanwhile.",
      responses: {
        204: { description: "There is no saved card." },
        ...errorResponses("payments_unavailable", "records_unavailable", ...ORGANIZATION_KEY_ERRORS),
      },
    }),
    organizationKey("billing"),
    async (c) => {
      await checkKeyAtLedger(c);
      unwrap(await removeCard(c.env, actorOf(c), await ownOrganization(c)));
      return c.body(null, 204);
    },
  );
