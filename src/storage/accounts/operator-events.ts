import { inArray } from "drizzle-orm";
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Database } from "../database";

const operator_events = sqliteTable(
  "operator_events",
  {
    event_id: text().primaryKey(),
    event: text({ mode: "json" }).$type<object>().notNull(),
    at_ms: integer().notNull(),
  },
  (table) => [index("operator_events_in_order").on(table.at_ms)],
);

/** An event for operators that waits until their object can take it. */
export type OperatorEventRow = typeof operator_events.$inferSelect;

/** Lets an event wait; the same one again changes nothing. */
export async function putOperatorEvent(db: Database, row: OperatorEventRow): Promise<void> {
  await db.insert(operator_events).values(row).onConflictDoNothing();
}

/** The oldest events that wait. */
export async function waitingOperatorEvents(db: Database, limit: number): Promise<OperatorEventRow[]> {
  return db.select().from(operator_events).orderBy(operator_events.at_ms).limit(limit);
}

/** Forgets events that were taken, at most 100 at once. */
export async function removeOperatorEvents(db: Database, event_ids: string[]): Promise<void> {
  await db.delete(operator_events).where(inArray(operator_events.event_id, event_ids));
}
