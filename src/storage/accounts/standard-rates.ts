import { and, asc, eq, sql } from "drizzle-orm";
import type { AuditFact } from "../../units/audit-fact";
import type { Database } from "../database";
import { standard_rates } from "../schema";
import { auditStatement } from "./audit";

/** A version of a standard rate, and from when it is in force. A fee and free seconds of 0 are left out. */
export type StandardRateRow = Omit<typeof standard_rates.$inferSelect, Extra> &
  Partial<Pick<typeof standard_rates.$inferSelect, Extra>>;

type Extra = "connection_fee_micros" | "free_seconds";

/** The whole rate card with its past and its future, oldest first. */
export async function listStandardRates(db: Database): Promise<StandardRateRow[]> {
  const rows = await db.select().from(standard_rates).orderBy(asc(standard_rates.effective_from_ms));
  return rows.map(({ connection_fee_micros, free_seconds, ...rate }) => ({
    ...rate,
    ...(connection_fee_micros && { connection_fee_micros }),
    ...(free_seconds && { free_seconds }),
  }));
}

/**
 * Adds a version of a rate. One that begins at the same instant, which nothing was rated with yet, gives way. Answers false when
 * it would be one more than `most`: decided where it is written, because several operators may be writing.
 */
export async function putStandardRate(
  db: Database,
  row: StandardRateRow,
  { most, fact }: { most: number; fact: AuditFact },
): Promise<boolean> {
  const { name, effective_from_ms, connection_fee_micros = 0, free_seconds = 0 } = row;
  const is_on = and(eq(standard_rates.name, name), eq(standard_rates.effective_from_ms, effective_from_ms));
  const columns = sql`price_micros_per_minute, first_seconds, next_seconds, minimum_seconds, connection_fee_micros, free_seconds`;
  const terms = sql`${row.price_micros_per_minute}, ${row.first_seconds}, ${row.next_seconds}, ${row.minimum_seconds},
    ${connection_fee_micros}, ${free_seconds}`;
  const is_same = sql`EXISTS (SELECT 1 FROM ${standard_rates} WHERE ${is_on} AND (${columns}) = (${terms}))`;
  const has_room = sql`((SELECT count(*) FROM ${standard_rates}) < ${most}
    OR EXISTS (SELECT 1 FROM ${standard_rates} WHERE ${is_on}))`;
  const put = db
    .insert(standard_rates)
    .select(sql`SELECT ${name}, ${effective_from_ms}, ${terms} WHERE ${has_room}`)
    .onConflictDoUpdate({
      target: [standard_rates.name, standard_rates.effective_from_ms],
      set: {
        price_micros_per_minute: sql`excluded.price_micros_per_minute`,
        first_seconds: sql`excluded.first_seconds`,
        next_seconds: sql`excluded.next_seconds`,
        minimum_seconds: sql`excluded.minimum_seconds`,
        connection_fee_micros: sql`excluded.connection_fee_micros`,
        free_seconds: sql`excluded.free_seconds`,
      },
    })
    .returning({ name: standard_rates.name });
  const [, written] = await db.batch([auditStatement(db, fact, sql`NOT ${is_same} AND ${has_room}`), put]);
  return written.length > 0;
}
