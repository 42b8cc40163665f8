import { z } from "zod";
import { callStatus } from "../../calls/schema";
import { instant, integer, queryInteger } from "../../schema/amounts";
import { cursorQuery, nextCursor } from "../../schema/cursor";
import { callId, direction, nodeName, organizationId, party } from "../../schema/names";
import { rateSchema } from "../../schema/rates";

/** Of which node and organization the live calls are asked for. */
export const nodeCallQuery = z.strictObject({
  node: nodeName,
  organization_id: organizationId,
  limit: queryInteger({ min: 1, max: 1_000, default: 100, description: "Calls in a page." }),
  cursor: cursorQuery,
});

/** A live call, with what a node must know to go on with it. */
export const nodeCallSchema = z
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

/** A page of a node's live calls. */
export const nodeCallsSchema = z
  .strictObject({
    calls: z.array(nodeCallSchema),
    has_more: z.boolean(),
    next_cursor: nextCursor,
  })
  .meta({ id: "NodeCalls" });
