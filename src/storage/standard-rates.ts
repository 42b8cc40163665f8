import { asc } from "drizzle-orm";
import type { Database } from "./database";
import { excluded, standard_rates } from "./schema";

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
        price_micros_per_minute: excluded("price_micros_per_minute"),
        first_seconds: excluded("first_seconds"),
        next_seconds: excluded("next_seconds"),
        minimum_seconds: excluded("minimum_seconds"),
      },
    });
}
