import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { presentBuyer } from "../../customers/billing-profile";
import { refreshPurchaseThrottled } from "../../purchases/refresh";
import { PRESETS_CENTS, refuseAmount, startPurchase, taxOn } from "../../purchases/start-checkout";
import { openDatabase } from "../../storage/database";
import { findPurchase } from "../../storage/purchases/purchases";
import { CURRENCY, centsToMicros, minutesOf } from "../../units/money";
import { ownAccount } from "../account/routes";
import { actorOf, checkKeyAtLedger, organizationKey } from "../authenticate";
import type { AppEnv } from "../context";
import { ApiError, BODY_ERRORS, type ErrorCode, errorResponses, ORGANIZATION_KEY_ERRORS } from "../errors";
import { json } from "../openapi";
import { refusalError, unwrap } from "../refusals";
import { idempotencyKey, validJson, validParam, validQuery } from "../validate";
import { purchasePage } from "./list";
import { purchaseBody, taxBody } from "./present";
import {
  idempotencyHeader,
  newPurchase,
  purchaseOptionsSchema,
  purchasePageQuery,
  purchasePageSchema,
  purchasePath,
  purchasePreview,
  purchasePreviewSchema,
  purchaseSchema,
} from "./schema";

const common = { tags: ["Buying credit"], security: [{ organizationKey: [] }] };

/** What is answered instead of the price of a sale. */
const PREVIEW_ERRORS = [
  ...BODY_ERRORS,
  "unprocessable",
  "billing_profile_incomplete",
  "records_unavailable",
  ...ORGANIZATION_KEY_ERRORS,
] as const satisfies readonly ErrorCode[];

/** What is answered instead of a sale. */
const SALE_ERRORS = [
  ...PREVIEW_ERRORS,
  "billing_address_invalid",
  "payments_unavailable",
  "purchases_unavailable",
] as const satisfies readonly ErrorCode[];

/** Buying credit by card. */
export const purchases = new Hono<AppEnv>()
  .get(
    "/purchases/options",
    describeRoute({
      ...common,
      operationId: "getPurchaseOptions",
      summary: "What can be bought",
      description: "Amounts of credit before VAT. Any amount within the bounds can be bought.",
      responses: {
        200: json(purchaseOptionsSchema, "Amounts that are offered, and the bounds of a free amount."),
        ...errorResponses(...ORGANIZATION_KEY_ERRORS),
      },
    }),
    organizationKey("read"),
    async (c) => {
      await checkKeyAtLedger(c);
      const { purchase_min_cents: min_cents, purchase_max_cents: max_cents } = c.var.settings;
      const presets_cents = PRESETS_CENTS.filter((cents) => cents >= min_cents && cents <= max_cents);
      return c.json({ currency: CURRENCY, min_cents, max_cents, presets_cents });
    },
  )
  .post(
    "/purchases/preview",
    describeRoute({
      ...common,
      operationId: "previewPurchase",
      summary: "What a purchase would cost with VAT",
      description:
        "By the billing profile as it stands now. Buys nothing and promises nothing: VAT is decided when the purchase is made.",
      responses: {
        200: json(purchasePreviewSchema, "Net, VAT and gross."),
        ...errorResponses(...PREVIEW_ERRORS),
      },
    }),
    organizationKey("read"),
    validJson(purchasePreview),
    async (c) => {
      const { net_cents } = c.req.valid("json");
      const account = await ownAccount(c);
      const refusal = refuseAmount(c.env, net_cents);
      if (refusal) throw refusalError(refusal);
      const buyer = await presentBuyer(c.env, c.var.organization_id);
      if (!buyer) throw new ApiError("billing_profile_incomplete");
      const { tax_cents, gross_cents, ...tax } = taxOn(c.env, { buyer }, net_cents, Date.now());
      const { price_micros_per_minute } = account.voice_rate;
      const minutes = minutesOf(centsToMicros(net_cents), price_micros_per_minute);
      return c.json({ currency: CURRENCY, net_cents, tax_cents, gross_cents, tax: taxBody(tax), minutes });
    },
  )
  .post(
    "/purchases",
    describeRoute({
      ...common,
      operationId: "createPurchase",
      summary: "Buy credit",
      description:
        "Answers `pay_url`: send the buyer's browser there. The credit is there when the payment is; read the purchase to see it. A repeat with the same Idempotency-Key is the same purchase.",
      parameters: [idempotencyHeader("a new one for each purchase")],
      responses: {
        201: json(purchaseSchema, "The purchase, open to be paid."),
        ...errorResponses(
          ...SALE_ERRORS,
          "idempotency_conflict",
          "request_in_progress",
          "organization_closed",
        ),
      },
    }),
    organizationKey("billing"),
    validJson(newPurchase),
    async (c) => {
      const { net_cents, save_card = false, return_url = null } = c.req.valid("json");
      const request_key = idempotencyKey(c);
      if (request_key === null)
        throw new ApiError("missing_field", "Missing required header: Idempotency-Key.", "Idempotency-Key");
      await checkKeyAtLedger(c);
      const { organization_id } = c.var;
      const request = { organization_id, request_key, net_cents, save_card, return_url };
      const { purchase } = unwrap(await startPurchase(c.env, actorOf(c), request));
      return c.json(purchaseBody(purchase), 201);
    },
  )
  .get(
    "/purchases",
    describeRoute({
      ...common,
      operationId: "listPurchases",
      summary: "Purchases, the newest first",
      description: "As they are known here: payment is looked up by reading one purchase.",
      responses: {
        200: json(purchasePageSchema, "A page of purchases."),
        ...errorResponses(...ORGANIZATION_KEY_ERRORS, "records_unavailable"),
      },
    }),
    organizationKey("read"),
    validQuery(purchasePageQuery),
    async (c) => {
      const { limit } = c.req.valid("query");
      await checkKeyAtLedger(c);
      return c.json(await purchasePage(c, c.var.organization_id, limit));
    },
  )
  .get(
    "/purchases/:purchase_id",
    describeRoute({
      ...common,
      operationId: "getPurchase",
      summary: "One purchase as it stands",
      description: "While it is under way, the payment provider is asked: no webhook needs to have come.",
      responses: {
        200: json(purchaseSchema, "The purchase."),
        ...errorResponses(...ORGANIZATION_KEY_ERRORS, "not_found", "records_unavailable"),
      },
    }),
    organizationKey("read"),
    validParam(purchasePath),
    async (c) => {
      const { purchase_id } = c.req.valid("param");
      await checkKeyAtLedger(c);
      const found = await findPurchase(openDatabase(c.env), purchase_id);
      if (found?.organization_id !== c.var.organization_id)
        throw new ApiError("not_found", "There is no such purchase.");
      return c.json(purchaseBody(await refreshPurchaseThrottled(c.env, found)));
    },
  );
