import { type CallRow, findCallAt, findCallBefore } from "../storage/calls/calls";
import { QUERY_ROWS, REQUEST_ROWS } from "../storage/calls/read-bounds";
import type { Database } from "../storage/database";

/**
 * A call that its ledger no longer keeps, from the records. When it began is said with it in every list, and finds it at
 * once; without that it is looked for among the newest of those that have left, as many as one request may read.
 */
export async function findLeftCall(
  db: Database,
  organization_id: string,
  { call_id, began_at_ms, left_until_ms }: { call_id: string; began_at_ms?: number; left_until_ms: number },
): Promise<CallRow | undefined> {
  if (began_at_ms !== undefined)
    return findCallAt(db, organization_id, { started_at_ms: began_at_ms, call_id });
  let until_ms: number | null = left_until_ms;
  for (let read = 0; until_ms !== null && read < REQUEST_ROWS; read += QUERY_ROWS) {
    const { found, next }: Awaited<ReturnType<typeof findCallBefore>> = await findCallBefore(
      db,
      organization_id,
      call_id,
      until_ms,
    );
    if (found) return found;
    until_ms = next;
  }
  return undefined;
}
