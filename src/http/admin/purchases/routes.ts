import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { readSettings } from "../../../env";
import { refundPurchase } from "../../../purchases/refunds/refund";
import { refundTax } from "../../../purchases/refunds/refund-tax";
import { resolvePurchase } from "../../../purchases/refunds/resolve";
import { actorOf } from "../../authenticate";
import type { AppEnv } from "../../context";
import { ApiError, BODY_ERRORS, errorResponses } from "../../errors";
import { json } from "../../openapi";
import { purchasePage } from "../../purchases/list";
import { purchaseBody } from "../../purchases/present";
import {
  idempotencyHeader,
  purchasePageQuery,
  purchasePageSchema,
  purchaseSchema,
  reversalSchema,
} from "../../purchases/schema";
import { unwrap } from "../../refusals";
import { idempotencyKey, validJson, validParam, validQuery } from "../../validate";
import { about, OF_AN_ORGANIZATION, requireOrganization } from "../context";
import { organizationPath } from "../organizations/schema";
import { reversalBody, taxRefundBody } from "./present";
import { newRefund, newResolution, newTaxRefund, purchasePath, taxRefundSchema } from "./schema";

/** What operators do with purchases. */
export const adminPurchases = new Hono<AppEnv>()
  .get(
    "/organizations/:organization_id/purchases",
    describeRoute({
      ...about("listOrganizationPurchases", "An organization's purchases, the newest first"),
      description: "As they are known here, those that wait for a decision (`mismatch`) among them.",
      responses: {
        ...errorResponses(...OF_AN_ORGANIZATION),
        200: json(purchasePageSchema, "A page of purchases."),
      },
    }),
    validParam(organizationPath),
    validQuery(purchasePageQuery),
    async (c) => {
      const { organization_id: id } = c.req.valid("param");
      const { limit } = c.req.valid("query");
      await requireOrganization(c, id);
      return c.json(await purchasePage(c, id, limit));
    },
  )
  .post(
    "/organizations/:organization_id/purchases/:purchase_id/refunds",
    describeRoute({
      ...about("refundPurchase", "Give money back for a purchase"),
      description:
        "With its credit note, and the credit is taken back; the balance may go below zero. What the customer's balance at Stripe had paid of an accepted mismatch goes back there, after the card's part has gone back to the card. A repeat with the same Idempotency-Key is the same refund.",
      parameters: [idempotencyHeader("a new one for each refund")],
      responses: {
        ...errorResponses(
          ...BODY_ERRORS,
          ...OF_AN_ORGANIZATION,
          "idempotency_conflict",
          "request_in_progress",
          "unprocessable",
          "payments_unavailable",
        ),
        201: json(reversalSchema, "The refund."),
      },
    }),
    validParam(purchasePath),
    validJson(newRefund),
    async (c) => {
      const { organization_id: id, purchase_id } = c.req.valid("param");
      const { net_cents = null, reason } = c.req.valid("json");
      const request_key = idempotencyKey(c);
      if (request_key === null)
        throw new ApiError("missing_field", "Missing required header: Idempotency-Key.", "Idempotency-Key");
      await requireOrganization(c, id);
      const order = { organization_id: id, purchase_id, net_cents, reason, request_key };
      const { reversals } = unwrap(await refundPurchase(c.env, actorOf(c), order));
      return c.json(reversalBody(reversals), 201);
    },
  )
  .post(
    "/organizations/:organization_id/purchases/:purchase_id/resolve",
    describeRoute({
      ...about("resolvePurchase", "Resolve a purchase whose money came otherwise than asked"),
      description:
        "Of a purchase that is `mismatch`. Until it is resolved auto top-up buys nothing. The same resolution again answers the same; another one afterwards is refused.",
      responses: {
        ...errorResponses(
          ...BODY_ERRORS,
          ...OF_AN_ORGANIZATION,
          "already_resolved",
          "request_in_progress",
          "unprocessable",
          "payments_unavailable",
          "purchases_unavailable",
        ),
        200: json(purchaseSchema, "The purchase as it is now: `credited`, `refunded` or `closed`."),
      },
    }),
    validParam(purchasePath),
    validJson(newResolution),
    async (c) => {
      const { organization_id: id, purchase_id } = c.req.valid("param");
      const { resolution, reason = "" } = c.req.valid("json");
      await requireOrganization(c, id);
      if (!readSettings(c.env).stripe) throw new ApiError("purchases_unavailable");
      const order = { organization_id: id, purchase_id, resolution, reason };
      const { purchase } = unwrap(await resolvePurchase(c.env, actorOf(c), order));
      return c.json(purchaseBody(purchase));
    },
  )
  .post(
    "/organizations/:organization_id/purchases/:purchase_id/tax_refund",
    describeRoute({
      ...about("refundPurchaseTax", "Give back VAT that was charged while the VAT ID could not be checked"),
      description:
        "Once the register has confirmed the VAT ID, and while nothing of the purchase went back. The credit stays. The invoice is credited whole, and one with reverse charge takes its place. A repeat answers the same; after a refund that failed it makes a new one.",
      responses: {
        ...errorResponses(
          ...BODY_ERRORS,
          ...OF_AN_ORGANIZATION,
          "tax_not_refundable",
          "request_in_progress",
          "payments_unavailable",
          "purchases_unavailable",
        ),
        200: json(taxRefundSchema, "The refund of the VAT, with its documents."),
      },
    }),
    validParam(purchasePath),
    validJson(newTaxRefund),
    async (c) => {
      const { organization_id: id, purchase_id } = c.req.valid("param");
      const { reason } = c.req.valid("json");
      await requireOrganization(c, id);
      if (!readSettings(c.env).stripe) throw new ApiError("purchases_unavailable");
      const order = { organization_id: id, purchase_id, reason };
      const { tax_refund } = unwrap(await refundTax(c.env, actorOf(c), order));
      return c.json(taxRefundBody(tax_refund));
    },
  );
