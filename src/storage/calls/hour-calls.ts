import { and, sql } from "drizzle-orm";
import type { Database } from "../database";
import type { Place } from "./calls";
import { matching } from "./filter";
import { calls } from "./schema";
import type { Range } from "./usage-days";
import { CALL_STATUS, figuresOf, type Group } from "./usage-figures";

/** What one call adds up to, and the numbers that it is found by. */
export type CallFigures = Group & Place & { from_number: string; to_number: string; number: string | null };

/** The calls of a range, the earliest first, from the one that follows `after`. */
export async function listCallFigures(
  db: Database,
  organization_id: string,
  range: Range,
  { after, limit }: { after: Place | null; limit: number },
): Promise<CallFigures[]> {
  const { started_at_ms, call_id } = calls;
  return db.all<CallFigures>(sql`
    SELECT started_at_ms, call_id, from_number, to_number, number, direction,
      ${sql.raw(CALL_STATUS)} AS status, ${sql.raw(figuresOf())}
    FROM ${calls}
    WHERE ${and(
      matching(organization_id, range),
      after ? sql`(${started_at_ms}, ${call_id}) > (${after.started_at_ms}, ${after.call_id})` : undefined,
    )}
    ORDER BY started_at_ms, call_id
    LIMIT ${limit}`);
}
