import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { MAX_ORGANIZATIONS } from "../../calls/execute-operations";
import { edgeKey } from "../authenticate";
import { receiptSchema } from "../calls/schema";
import type { AppEnv } from "../context";
import { ApiError, BODY_ERRORS, type ErrorCode, errorResponses, PLATFORM_KEY_ERRORS } from "../errors";
import { json } from "../openapi";
import { validEnvelope, validJson, validParam } from "../validate";
import {
  decisionSchema,
  forbiddenSchema,
  grantSchema,
  outboundRejectionSchema,
  resultsSchema,
} from "./answer-schema";
import { edgeLimit } from "./limit";
import { shedLoad } from "./load-shedding";
import { edgeLiveCalls } from "./node-calls/routes";
import { answerBatch, answerOne } from "./operate";
import {
  answeredBody,
  authorizeBody,
  batchBody,
  batchEnvelope,
  callPath,
  correctBody,
  renewBody,
  settleBody,
  voidBody,
} from "./schema";

const MAX_BATCH_BYTES = 1_048_576;

const ALWAYS = [...PLATFORM_KEY_ERRORS, ...BODY_ERRORS] as const satisfies readonly ErrorCode[];
const OF_A_CALL = [...ALWAYS, "not_found", "idempotency_conflict"] as const satisfies readonly ErrorCode[];

/** What telephony nodes say before, during and after each call. */
export const edge = new Hono<AppEnv>();

edge.use("*", shedLoad, edgeKey(), edgeLimit());

edge.route("/", edgeLiveCalls);

edge.post(
  "/calls/authorize",
  describeRoute({
    ...about("authorizeCall", "May this call start?"),
    description: `Holds credit and says how long the call may run. A repeat holds no more and answers the same. An outbound call to
an emergency number, in any spelling, is always allowed: for a day at once, free, without renewals, and also while its ledger is away.`,
    responses: {
      ...errorResponses(...OF_A_CALL, "unprocessable", "call_already_settled"),
      200: json(decisionSchema, "It may run this long; or an inbound call is refused."),
      402: json(outboundRejectionSchema, "An outbound call is refused: the credit does not cover it."),
      403: json(forbiddenSchema, "The key or the organization may not do this."),
    },
  }),
  validJson(authorizeBody),
  (c) => answerOne(c, { op: "authorize", ...c.req.valid("json") }),
);

edge.post(
  "/calls/:call_id/answered",
  describeRoute({
    ...about("answerCall", "The call was answered"),
    description: `Optional: the first report wins, and a renewal or a settle with a duration implies it. A time that cannot
be is kept beside the ledger's.`,
    responses: {
      ...errorResponses(...OF_A_CALL, "call_already_settled"),
      200: json(grantSchema, "The call's present right to run."),
    },
  }),
  validParam(callPath),
  validJson(answeredBody),
  (c) => answerOne(c, { op: "answered", ...c.req.valid("param"), ...c.req.valid("json") }),
);

edge.post(
  "/calls/:call_id/renew",
  describeRoute({
    ...about("renewCall", "The call lives on"),
    description: "Proof of life. Extends the quota, or says that it was the last.",
    responses: {
      ...errorResponses(...OF_A_CALL, "unprocessable", "call_already_settled", "stale_request"),
      200: json(grantSchema, "The call's right to run."),
    },
  }),
  validParam(callPath),
  validJson(renewBody),
  (c) => answerOne(c, { op: "renew", ...c.req.valid("param"), ...c.req.valid("json") }),
);

edge.post(
  "/calls/:call_id/settle",
  describeRoute({
    ...about("settleCall", "The call is over"),
    description: `Charges what it cost and releases the rest. Exactly one of \`duration_ms\` and \`duration_sec\`. A call
that was never authorized also needs \`direction\`, \`from\`, \`to\` and \`ended_at\`, and its times must agree with its duration.
A second report whose duration and times differ by at most 2 s, and that says nothing new, has the same answer; provider costs that the first left open
are charged as a correction. 503 says that the ledger's clock has not come so far: report it again.`,
    responses: {
      ...errorResponses(...OF_A_CALL, "unprocessable", "call_already_settled"),
      200: json(receiptSchema, "What the call cost and why."),
      202: json(receiptSchema, "Taken, and charged when an operator has accepted it."),
    },
  }),
  validParam(callPath),
  validJson(settleBody),
  (c) => answerOne(c, { op: "settle", ...c.req.valid("param"), ...c.req.valid("json") }),
);

edge.post(
  "/calls/:call_id/void",
  describeRoute({
    ...about("voidCall", "The call was never answered"),
    description: "Releases its hold, free of charge.",
    responses: {
      ...errorResponses(...OF_A_CALL, "call_already_settled", "call_answered"),
      200: json(receiptSchema, "The call, free of charge."),
    },
  }),
  validParam(callPath),
  validJson(voidBody),
  (c) => answerOne(c, { op: "void", ...c.req.valid("param"), ...c.req.valid("json") }),
);

edge.post(
  "/calls/:call_id/correct",
  describeRoute({
    ...about("correctCall", "The node's records say otherwise"),
    description: "Posts the difference to what was charged. The key needs the scope `correct`.",
    responses: {
      ...errorResponses(...OF_A_CALL, "unprocessable", "call_not_settled"),
      200: json(receiptSchema, "The call as corrected."),
    },
  }),
  validParam(callPath),
  validJson(correctBody),
  (c) => {
    if (!c.var.platform_key.scopes.includes("correct"))
      throw new ApiError("forbidden", "This API key lacks the scope correct.");
    return answerOne(c, { op: "correct", ...c.req.valid("param"), ...c.req.valid("json") });
  },
);

edge.post(
  "/operations",
  describeRoute({
    ...about("runOperations", "Many operations at once"),
    description: `Operations of at most ${MAX_ORGANIZATIONS} organizations, each number that stands for one counted as one. Each
stands alone and has the status and body that its own route would answer, in order.`,
    responses: {
      ...errorResponses(...ALWAYS),
      200: json(resultsSchema, "One result for each operation, in order."),
    },
  }),
  validEnvelope(batchBody, batchEnvelope, { max_bytes: MAX_BATCH_BYTES }),
  (c) => answerBatch(c, c.req.valid("json").operations),
);

function about(operationId: string, summary: string) {
  return { operationId, summary, tags: ["Edge"], security: [{ edgeKey: [] }] };
}
