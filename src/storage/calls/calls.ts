import { and, count, desc, eq, gte, isNotNull, lt, or, type SQL, type SQLWrapper, sql } from "drizzle-orm";
import type { Database } from "../database";
import { calls } from "../schema";

/** A resolved call as its ledger has projected it; it lags behind the ledger by seconds. */
export type CallRow = typeof calls.$inferSelect;

/** Which resolved calls of one organization: half-open in time; none of the fields that are left out. */
export interface CallFilter {
  from_ms?: number;
  until_ms?: number;
  direction?: CallRow["direction"];
  /** How calls ended, in the words of the calls list. */
  ending?: "ended" | "failed" | "rejected";
  /** A number at either end of the call, or the organization's own that it was about. */
  number?: string;
  /** The call that they are legs of. */
  parent_call_id?: string;
  /** Only calls that were charged: what usage consists of. */
  charged?: boolean;
}

/** How a resolved call ended, as `resolvedStatus` of calls/call-status.ts says it of one call. */
export const CALL_STATUS = `CASE WHEN outcome = 'rejected' THEN 'rejected'
  WHEN outcome = 'voided' OR (outcome = 'settled' AND duration_ms = 0) THEN 'failed' ELSE 'ended' END`;

/** Sums over calls: `seconds` as they lasted, `billable_seconds` after rating increments, money in micro-euros. */
export interface UsageSummary {
  calls: number;
  seconds: number;
  billable_seconds: number;
  charged_micros: number;
  fee_micros: number;
  provider_cost_micros: number;
}

/** A page of calls, the newest first. */
export async function listCalls(
  db: Database,
  organization_id: string,
  filter: CallFilter,
  { limit, offset }: { limit: number; offset: number },
): Promise<CallRow[]> {
  return db
    .select()
    .from(calls)
    .where(matching(organization_id, filter))
    .orderBy(desc(calls.started_at_ms), desc(calls.call_id))
    .limit(limit)
    .offset(offset);
}

/**
 * The call with that id, the newest if the id was used again. Without an index of its own, which would cost a row for
 * each call: reads the organization's part of the key until it is found.
 */
export async function findCall(
  db: Database,
  organization_id: string,
  call_id: string,
): Promise<CallRow | undefined> {
  const [row] = await db
    .select()
    .from(calls)
    .where(and(eq(calls.organization_id, organization_id), eq(calls.call_id, call_id)))
    .orderBy(desc(calls.started_at_ms))
    .limit(1);
  return row;
}

/** Calls that wait for an operator, the oldest first, at most `limit`. */
export async function listParkedCalls(
  db: Database,
  organization_id: string,
  limit: number,
): Promise<CallRow[]> {
  return db
    .select()
    .from(calls)
    .where(and(eq(calls.organization_id, organization_id), eq(calls.outcome, "parked")))
    .orderBy(calls.started_at_ms)
    .limit(limit);
}

/** The calls that follow another one in the list, however many came on top of it since. */
export async function listCallsAfter(
  db: Database,
  organization_id: string,
  filter: CallFilter,
  { after, limit }: { after: Pick<CallRow, "started_at_ms" | "call_id"> | null; limit: number },
): Promise<CallRow[]> {
  const { started_at_ms, call_id } = calls;
  const further = after && sql`(${started_at_ms}, ${call_id}) < (${after.started_at_ms}, ${after.call_id})`;
  return db
    .select()
    .from(calls)
    .where(and(matching(organization_id, filter), further ?? undefined))
    .orderBy(desc(started_at_ms), desc(call_id))
    .limit(limit);
}

/** How many calls a filter finds. */
export async function countCalls(db: Database, organization_id: string, filter: CallFilter): Promise<number> {
  const [row] = await db.select({ total: count() }).from(calls).where(matching(organization_id, filter));
  return row?.total ?? 0;
}

/** Everything that the calls of a filter come to, in one row. */
export async function summarizeCalls(
  db: Database,
  organization_id: string,
  filter: CallFilter,
): Promise<UsageSummary> {
  const sum = (expression: SQLWrapper) => sql<number>`coalesce(sum(${expression}), 0)`;
  const [row] = await db
    .select({
      calls: count(),
      seconds: sum(sql`(${calls.duration_ms} + 999) / 1000`),
      billable_seconds: sum(calls.billable_seconds),
      charged_micros: sum(calls.charged_micros),
      fee_micros: sum(calls.fee_micros),
      provider_cost_micros: sum(calls.provider_cost_micros),
    })
    .from(calls)
    .where(matching(organization_id, filter));
  if (!row) throw new Error("An aggregate without GROUP BY always has a row.");
  return row;
}

/** Which rows a filter means. */
export function matching(organization_id: string, filter: CallFilter): SQL | undefined {
  return and(
    eq(calls.organization_id, organization_id),
    filter.from_ms === undefined ? undefined : gte(calls.started_at_ms, filter.from_ms),
    filter.until_ms === undefined ? undefined : lt(calls.started_at_ms, filter.until_ms),
    filter.direction && eq(calls.direction, filter.direction),
    filter.ending && sql`${sql.raw(CALL_STATUS)} = ${filter.ending}`,
    filter.number === undefined ? undefined : involving(filter.number),
    filter.parent_call_id === undefined ? undefined : eq(calls.parent_call_id, filter.parent_call_id),
    filter.charged ? isNotNull(calls.charged_at_ms) : undefined,
  );
}

function involving(number: string): SQL | undefined {
  return or(eq(calls.from_number, number), eq(calls.to_number, number), eq(calls.number, number));
}
