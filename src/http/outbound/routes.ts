import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { type OutboundAnswer, placeOutboundCall } from "../../calls/place-outbound-call";
import { type Accepted, isRefused } from "../../units/refusal";
import { ledgerOf, organizationKey } from "../authenticate";
import { type AppContext, type AppEnv, unwrapAuthenticated } from "../context";
import { ApiError, BODY_ERRORS, errorResponses, ORGANIZATION_KEY_ERRORS } from "../errors";
import { json } from "../openapi";
import { refusalError } from "../refusals";
import { idempotencyKey, validJson } from "../validate";
import { DIALER_CALLBACK } from "./dialer-callback";
import { outboundRequest } from "./request";
import { outboundCallSchema, statedOutboundCall } from "./schema";

/** Calls that an organization places by itself. */
export const outbound = new Hono<AppEnv>().post(
  "/calls/outbound",
  describeRoute({
    tags: ["Calls"],
    security: [{ organizationKey: [] }],
    operationId: "placeOutboundCall",
    summary: "Place an outbound call",
    description:
      "Holds credit for the call and hands it to the dialer. What it costs is for the node to say that takes it. With an Idempotency-Key the request may be repeated: it is answered the same and rings once.",
    callbacks: { dial: DIALER_CALLBACK },
    parameters: [
      {
        in: "header",
        name: "Idempotency-Key",
        description: "Of your own choice, a new one for each call.",
        schema: { type: "string", minLength: 1, maxLength: 255, pattern: "^[\\x21-\\x7e]+$" },
      },
    ],
    responses: {
      201: json(outboundCallSchema, "The call is being placed."),
      ...errorResponses(
        ...BODY_ERRORS,
        "insufficient_credits",
        "destination_blocked",
        "organization_suspended",
        "organization_closed",
        "idempotency_conflict",
        "request_in_progress",
        "unprocessable",
        ...ORGANIZATION_KEY_ERRORS,
        "dialer_unavailable",
      ),
    },
  }),
  organizationKey("calls"),
  validJson(statedOutboundCall),
  async (c) => {
    const { organization_id, caller } = c.var;
    const key = idempotencyKey(c);
    const { numbering: plan, dialer } = c.var.settings;
    const request = outboundRequest(c.req.valid("json"), { plan, sip_hosts: dialer?.sip_hosts ?? [] });
    const customer = { organization_id, caller, ledger: await ledgerOf(c) };
    const answer = await placeOutboundCall(c.env, customer, request, key);
    // The ledger has not looked at the key yet: that is done before anything is said.
    if (isRefused(answer) && answer.code === "request_in_progress") throw refusalError(answer);
    return answerOutbound(c, unwrapAuthenticated(c, answer));
  },
);

function answerOutbound(c: AppContext, answer: Accepted<OutboundAnswer>) {
  if (answer.outcome === "dialer_unavailable") throw new ApiError("dialer_unavailable");
  if (answer.outcome === "dialer_refused")
    throw new ApiError("unprocessable", "The dialer does not take this call as it was asked for.");
  if (answer.outcome === "dialing")
    return c.json({ success: true as const, call_id: answer.call_id, status: "dialing" as const }, 201);
  // Credit that live calls hold is no credit for this one: the call's own record says which it was.
  throw new ApiError(answer.reason === "credit_in_use" ? "insufficient_credits" : answer.reason);
}
