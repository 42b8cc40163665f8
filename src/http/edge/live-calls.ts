import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { z } from "zod";
import { liveStatus } from "../../calls/call-status";
import { nullIfUnavailable, resolveAllowed } from "../../calls/resolve-subjects";
import type { LedgerStub } from "../../ledger/client";
import { renewBeforeSeconds } from "../../ledger/core/calls/quota";
import type { LiveCall } from "../../ledger/core/types";
import { Directory } from "../../organizations/directory";
import { isoTime } from "../../units/duration";
import { callStatus } from "../calls/schema";
import { type AppContext, type AppEnv, unwrap } from "../context";
import { ApiError, errorResponses, PLATFORM_KEY_ERRORS, refusalError } from "../errors";
import { json } from "../openapi";
import { isoTimeOrNull, rateBody } from "../present";
import { instant, integer, queryInteger } from "../schema/amounts";
import { callId, direction, nodeName, organizationId, party } from "../schema/names";
import { rateSchema } from "../schema/rates";
import { validQuery } from "../validate";

const PLACE = /^(\d{1,15})\.(.{1,128})$/u;

const query = z.strictObject({
  node: nodeName,
  organization_id: organizationId,
  limit: queryInteger({ min: 1, max: 1_000, default: 100, description: "Calls in a page." }),
  cursor: z
    .string()
    .regex(PLACE, "Must be the next_cursor of an earlier page.")
    .optional()
    .meta({ description: "`next_cursor` of the page before." }),
});

const nodeCallSchema = z
  .strictObject({
    call_id: callId,
    organization_id: organizationId,
    node: nodeName,
    status: callStatus,
    direction,
    from: party,
    to: party,
    parent_call_id: callId.nullable(),
    authorized_at: instant("When it was authorized"),
    answered_at: instant("When it was answered").nullable(),
    elapsed_seconds: integer("Seconds since the answer, as last reported"),
    request_number: integer("Of the last renewal, 0 before the first"),
    granted_seconds: integer("How long it may run in all"),
    renew_before_seconds: integer("When to ask again, in seconds since the answer"),
    final_unit: z.boolean(),
    rate: rateSchema,
  })
  .meta({ id: "NodeCall", description: "A live call, with what a node must know to go on with it." });

const nodeCallsSchema = z
  .strictObject({
    calls: z.array(nodeCallSchema),
    has_more: z.boolean(),
    next_cursor: z.string().nullable().meta({ description: "For the next page, null on the last one." }),
  })
  .meta({ id: "NodeCalls" });

/** What a node that comes back asks: which calls it has, as the ledger knows them. */
export const edgeLiveCalls = new Hono<AppEnv>().get(
  "/calls",
  describeRoute({
    operationId: "listNodeCalls",
    summary: "The live calls of a node",
    description:
      "Of one organization, from its ledger itself, the oldest first: those that were authorized with this `node`.",
    tags: ["Edge"],
    security: [{ edgeKey: [] }],
    responses: {
      ...errorResponses(...PLATFORM_KEY_ERRORS, "missing_field", "not_found", "rate_limit_exceeded"),
      200: json(nodeCallsSchema, "A page of calls."),
    },
  }),
  validQuery(query),
  (c) => answerNodeCalls(c, c.req.valid("query")),
);

async function answerNodeCalls(c: AppContext, asked: z.output<typeof query>) {
  const { node, organization_id, limit, cursor } = asked;
  const { key_id, organization_ids } = c.get("platform_key");
  const caller = { key_id, organization_ids };
  const subject = await resolveAllowed(c.env, new Directory(c.env), caller, organization_id).catch(
    nullIfUnavailable,
  );
  if (!subject) throw new ApiError("ledger_unavailable");
  if (subject.outcome === "refused") throw refusalError(subject, organization_id);
  const place = cursor === undefined ? null : PLACE.exec(cursor);
  const after = place && { authorized_at_ms: Number(place[1]), call_id: place[2] ?? "" };
  const { ledger } = subject.reached;
  c.get("leaveDoor")();
  const asking = async (object: LedgerStub) => object.nodeCalls(node, after, limit);
  const answer = await ledger.ask(asking, c.get("arrived_at_ms"));
  const { live, has_more } = unwrap(answer, organization_id);
  const last = has_more ? live.at(-1) : undefined;
  return c.json({
    calls: live.map((call) => nodeCallBody(call, node, organization_id)),
    has_more,
    next_cursor: last ? `${last.authorized_at_ms}.${last.call_id}` : null,
  });
}

function nodeCallBody(call: LiveCall, node: string, organization_id: string): z.input<typeof nodeCallSchema> {
  const { call_id, direction, from, to, granted_seconds, elapsed_seconds } = call;
  return {
    ...{ call_id, organization_id, node, status: liveStatus(call), direction, from, to },
    parent_call_id: call.parent_call_id ?? null,
    authorized_at: isoTime(call.authorized_at_ms),
    answered_at: isoTimeOrNull(call.answered_at_ms),
    elapsed_seconds,
    request_number: call.request_number,
    granted_seconds,
    renew_before_seconds: renewBeforeSeconds(granted_seconds, elapsed_seconds),
    final_unit: call.final_unit,
    rate: rateBody(call.rate),
  };
}
