import { asc, sql } from "drizzle-orm";
import type { Database } from "./database";
import { standard_rates } from "./schema";

export type StandardRateRow = typeof standard_rates.$inferSelect;

/** The whole rate card with its past and its future, oldest first. */
export async function listStandardRates(db: Database): Promise<StandardRateRow[]> {
  return db.select().from(standard_rates).orderBy(asc(standard_rates.effective_from_ms));
}

/** Adds a version of a rate. One that begins at the same instant, which nothing was rated with yet, gives way. */
export async function putStandardRate(db: Database, row: StandardRateRow): Promise<void> {
  await db
    .insert(standard_rates)
    .values(row)
    .onConflictDoUpdate({
      target: [standard_rates.name, standard_rates.effective_from_ms],
      set: {
        price_micros_per_minute: sql`excluded.price_micros_per_minute`,
        first_seconds: sql`excluded.first_seconds`,
        next_seconds: sql`excluded.next_seconds`,
        minimum_seconds: sql`excluded.minimum_seconds`,
      },
    });
}
