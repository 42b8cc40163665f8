import { z } from "zod";
import { callSchema } from "../../calls/schema";
import { queryInteger } from "../../schema/amounts";
import { cursorQuery, nextCursor } from "../../schema/cursor";
import { callId } from "../../schema/names";
import { organizationPath } from "../organizations/schema";

/** A call of an organization. */
export const callPath = organizationPath.extend({ call_id: callId });

/** Calls that wait for an operator. */
export const parkedCallsSchema = z
  .strictObject({ calls: z.array(callSchema), next_cursor: nextCursor })
  .meta({ id: "ParkedCalls" });

/** Which part of the parked calls is asked for. */
export const parkedQuery = z.strictObject({
  limit: queryInteger({ min: 1, max: 500, default: 500, description: "Calls in a page." }),
  cursor: cursorQuery,
});
