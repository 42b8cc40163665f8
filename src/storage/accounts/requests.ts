import { eq, inArray, lte, sql } from "drizzle-orm";
import type { RequestRecord } from "../../units/repeatable";
import type { Database } from "../database";
import { repeatable_requests as requests } from "../schema";

type RequestRow = Omit<RequestRecord, "answer">;

/**
 * Writes down what a request is about to make, unless one with its key was taken after `expired_ms`. Answers the one that
 * counts: of any number at the same time, each is told of the same.
 */
export async function claimRequest(db: Database, row: RequestRow, expired_ms: number): Promise<RequestRow> {
  const { request_key, ...rest } = row;
  const [, [in_force]] = await db.batch([
    db
      .insert(requests)
      .values(row)
      .onConflictDoUpdate({
        target: requests.request_key,
        set: rest,
        setWhere: lte(requests.at_ms, expired_ms),
      }),
    db.select().from(requests).where(eq(requests.request_key, request_key)),
  ]);
  if (!in_force) throw new Error("A request that was just written down is not there.");
  return in_force;
}

/** Forgets requests that were taken up to an instant, at most `limit`; answers how many. */
export async function deleteRequestsUntil(db: Database, until_ms: number, limit: number): Promise<number> {
  const old = db
    .select({ request_key: requests.request_key })
    .from(requests)
    .where(lte(requests.at_ms, until_ms))
    .limit(limit);
  const gone = await db.delete(requests).where(inArray(requests.request_key, old)).returning({ one: sql`1` });
  return gone.length;
}
