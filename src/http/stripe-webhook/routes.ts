import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { takeStripeEvent } from "../../purchases/stripe-events";
import { utf8Text } from "../../units/web-text";
import type { AppContext, AppEnv } from "../context";
import { ApiError, errorResponses } from "../errors";
import { requiresProof } from "../middleware/anonymous-limit";
import { json } from "../openapi";
import { readBytes } from "../validate";
import { receivedSchema } from "./schema";

/** Stripe's largest events are far below. */
const MAX_EVENT_BYTES = 512 * 1_024;

/** Where Stripe tells what has happened. Anything but 200 makes it come again, for three days. */
export const stripeWebhook = new Hono<AppEnv>().post(
  "/stripe/webhook",
  describeRoute({
    operationId: "takeStripeEvent",
    tags: ["Service"],
    summary: "Events from Stripe",
    description: "Signed by Stripe in the header Stripe-Signature. Nobody else has a reason to call this.",
    security: [],
    responses: {
      200: json(receivedSchema, "Its effect is there, or it is about nothing of ours."),
      ...errorResponses(
        "invalid_request",
        "payload_too_large",
        "internal",
        "ledger_unavailable",
        "records_unavailable",
        "purchases_unavailable",
        "payments_unavailable",
      ),
    },
  }),
  requiresProof(async (c: AppContext) => {
    const signature = c.req.header("Stripe-Signature") ?? "";
    const text = utf8Text(await readBytes(c, MAX_EVENT_BYTES)) ?? "";
    const outcome = await takeStripeEvent(c.env, text, signature);
    if (outcome === "unavailable") throw new ApiError("purchases_unavailable");
    if (outcome === "unsigned")
      throw new ApiError(
        "invalid_request",
        "No valid signature, or one that is too old.",
        "Stripe-Signature",
      );
    return c.json({ received: true as const, outcome });
  }),
);
