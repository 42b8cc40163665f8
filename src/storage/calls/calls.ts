import { and, desc, eq, getTableColumns, lte, type SQL, sql } from "drizzle-orm";
import type { Database } from "../database";
import { type CallFilter, matching } from "./filter";
import { QUERY_ROWS } from "./read-bounds";
import { calls } from "./schema";

/** A resolved call as its ledger has projected it; it lags behind the ledger by seconds. */
export type CallRow = typeof calls.$inferSelect;

/** Where a call stands in a list: lists have the newest first, and those of the same instant by their id, backwards. */
export type Place = Pick<CallRow, "started_at_ms" | "call_id">;

/** Times in which calls may have begun, both ends included. */
export type Piece = readonly [first_ms: number, last_ms: number];

const place = sql`(${calls.started_at_ms}, ${calls.call_id})`;
/** SQLite does not choose the index of legs by itself. */
const ofLegs = sql`calls INDEXED BY legs_of_call`;
const newestFirst = [desc(calls.started_at_ms), desc(calls.call_id)];

/** The calls of a filter that began in one of the pieces and follow `after`, the newest first. */
export async function listCallsIn(
  db: Database,
  organization_id: string,
  filter: CallFilter,
  {
    pieces,
    after,
    limit,
    offset,
  }: { pieces: readonly Piece[]; after: Place | null; limit: number; offset: number },
): Promise<CallRow[]> {
  // CROSS JOIN keeps the order: each piece is looked up in the index of calls.
  return db
    .select(columnsOfCalls())
    .from(sql`json_each(${JSON.stringify(pieces)}) AS piece CROSS JOIN calls`)
    .where(
      and(
        matching(organization_id, filter),
        sql`${calls.started_at_ms} BETWEEN piece.value ->> 0 AND piece.value ->> 1`,
        // The plus keeps SQLite from looking it up by this instead.
        after
          ? sql`(+${calls.started_at_ms}, ${calls.call_id}) < (${after.started_at_ms}, ${after.call_id})`
          : undefined,
      ),
    )
    .orderBy(...newestFirst)
    .limit(limit)
    .offset(offset);
}

/** All columns as drizzle takes them of a join that it does not know. */
function columnsOfCalls() {
  const columns = Object.entries(getTableColumns(calls));
  const mapped = columns.map(([name, column]) => [name, sql`${column}`.mapWith(column)]);
  return Object.fromEntries(mapped) as { [Name in keyof CallRow]: SQL<CallRow[Name]> };
}

/**
 * Reads on from a place, whatever the filter leaves out: `rows` are those of the next calls that it means, `next` is where to go
 * on, null at the end.
 */
export async function scanCalls(
  db: Database,
  organization_id: string,
  filter: CallFilter,
  { after, rows: count }: { after: Place | null; rows: number },
): Promise<{ rows: CallRow[]; next: Place | null }> {
  const { from_ms, until_ms } = filter;
  const is_meant = sql<number>`${matching(organization_id, filter)}`;
  const read = await db
    .select({ ...getTableColumns(calls), is_meant })
    .from(calls)
    .where(
      and(
        matching(organization_id, { from_ms, until_ms }),
        after ? sql`${place} < (${after.started_at_ms}, ${after.call_id})` : undefined,
      ),
    )
    .orderBy(...newestFirst)
    .limit(count);
  const next = read.length === count ? (read.at(-1) ?? null) : null;
  return { rows: read.filter((row) => row.is_meant === 1), next };
}

/**
 * The calls that a filter means and that follow `after`, the newest first. Reads no more than there are within its times, or
 * legs of its call: an index has the legs alone.
 */
export async function listCalls(
  db: Database,
  organization_id: string,
  filter: CallFilter,
  { after, limit, offset }: { after: Place | null; limit: number; offset: number },
): Promise<CallRow[]> {
  return db
    .select(columnsOfCalls())
    .from(filter.parent_call_id === undefined ? sql`${calls}` : ofLegs)
    .where(
      and(
        matching(organization_id, filter),
        after ? sql`${place} < (${after.started_at_ms}, ${after.call_id})` : undefined,
      ),
    )
    .orderBy(...newestFirst)
    .limit(limit)
    .offset(offset);
}

/** How many legs of a call a filter finds among its newest QUERY_ROWS. */
export async function countLegs(
  db: Database,
  organization_id: string,
  filter: CallFilter & { parent_call_id: string },
): Promise<number> {
  const newest = db
    .select({ one: sql`1`.as("one") })
    .from(ofLegs)
    .where(matching(organization_id, filter))
    .limit(QUERY_ROWS)
    .as("newest");
  const [row] = await db.select({ total: sql<number>`count(*)` }).from(newest);
  return row?.total ?? 0;
}

/** The call with that id that began then. */
export async function findCallAt(
  db: Database,
  organization_id: string,
  { started_at_ms, call_id }: Place,
): Promise<CallRow | undefined> {
  return db
    .select()
    .from(calls)
    .where(
      and(
        eq(calls.organization_id, organization_id),
        eq(calls.started_at_ms, started_at_ms),
        eq(calls.call_id, call_id),
      ),
    )
    .get();
}

/**
 * The newest call with that id among QUERY_ROWS that began at `after` or before: an index by id would cost a row for each
 * call. `next`: from where to look on, null at the end.
 */
export async function findCallBefore(
  db: Database,
  organization_id: string,
  call_id: string,
  until_ms: number,
): Promise<{ found: CallRow | undefined; next: number | null }> {
  const portion = db
    .select({ started_at_ms: calls.started_at_ms, call_id: calls.call_id })
    .from(calls)
    .where(and(eq(calls.organization_id, organization_id), lte(calls.started_at_ms, until_ms)))
    .orderBy(...newestFirst)
    .limit(QUERY_ROWS)
    .as("portion");
  const [seen] = await db
    .select({
      count: sql<number>`count(*)`,
      earliest_ms: sql<number>`min(${portion.started_at_ms})`,
      at_ms: sql<number | null>`max(iif(${portion.call_id} = ${call_id}, ${portion.started_at_ms}, NULL))`,
    })
    .from(portion);
  if (!seen || seen.count === 0) return { found: undefined, next: null };
  if (seen.at_ms !== null)
    return {
      found: await findCallAt(db, organization_id, { started_at_ms: seen.at_ms, call_id }),
      next: null,
    };
  // Of more calls at one instant than a portion has, the rest is passed over.
  const next = Math.min(seen.earliest_ms, until_ms - 1);
  return { found: undefined, next: seen.count < QUERY_ROWS ? null : next };
}

/** Calls that wait for an operator, the oldest first, those that follow one of them. */
export async function listParkedCalls(
  db: Database,
  organization_id: string,
  { after, limit }: { after: Pick<CallRow, "started_at_ms" | "call_id"> | null; limit: number },
): Promise<CallRow[]> {
  const { started_at_ms, call_id } = calls;
  const further = after && sql`(${started_at_ms}, ${call_id}) > (${after.started_at_ms}, ${after.call_id})`;
  return db
    .select(columnsOfCalls())
    .from(sql`calls INDEXED BY parked_calls`)
    .where(and(eq(calls.organization_id, organization_id), sql`outcome = 'parked'`, further ?? undefined))
    .orderBy(started_at_ms, call_id)
    .limit(limit);
}
