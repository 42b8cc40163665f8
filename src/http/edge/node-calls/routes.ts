import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import type { z } from "zod";
import { nullIfUnavailable, resolveAllowed } from "../../../calls/resolve-subjects";
import type { LedgerStub } from "../../../ledger/client";
import { Directory } from "../../../organizations/directory";
import type { AppContext, AppEnv } from "../../context";
import { readCursor, timedPlace, writeCursor } from "../../cursor";
import { ApiError, errorResponses, PLATFORM_KEY_ERRORS } from "../../errors";
import { json } from "../../openapi";
import { unwrap } from "../../refusals";
import { validQuery } from "../../validate";
import { nodeCallBody } from "./present";
import { nodeCallQuery, nodeCallsSchema } from "./schema";

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
  validQuery(nodeCallQuery),
  (c) => answerNodeCalls(c, c.req.valid("query")),
);

async function answerNodeCalls(c: AppContext, asked: z.output<typeof nodeCallQuery>) {
  const { node, organization_id, limit } = asked;
  const { key_id, organization_ids } = c.get("platform_key");
  const caller = { key_id, organization_ids };
  const subject = await resolveAllowed(c.env, new Directory(c.env), caller, organization_id).catch(
    nullIfUnavailable,
  );
  if (!subject) throw new ApiError("ledger_unavailable");
  const place = await readCursor(c, timedPlace);
  const after = place && { authorized_at_ms: place[0], call_id: place[1] };
  const { ledger } = unwrap(subject).reached;
  c.get("leaveDoor")();
  const asking = async (object: LedgerStub) => object.nodeCalls(node, after, limit);
  const answer = await ledger.ask(asking, c.get("arrived_at_ms"));
  const { live, has_more } = unwrap(answer);
  const last = has_more ? live.at(-1) : undefined;
  const next_cursor = last ? await writeCursor(c, [last.authorized_at_ms, last.call_id]) : null;
  return c.json({
    calls: live.map((call) => nodeCallBody(call, node, organization_id)),
    has_more,
    next_cursor,
  });
}
