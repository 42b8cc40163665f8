import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * Projection: resolved calls, charged or not; live ones are read from the ledger. Written by the ledger object's
 * flush only, a higher (epoch, version) replaces a lower one. The key is the index of every list: one row written a call.
 */
export const calls = sqliteTable(
  "calls",
  {
    organization_id: text().notNull(),
    started_at_ms: integer().notNull(),
    call_id: text().notNull(),
    epoch: integer().notNull(),
    version: integer().notNull(),
    outcome: text({ enum: ["settled", "voided", "lost", "rejected", "parked"] }).notNull(),
    reject_reason: text(),
    authorized: integer({ mode: "boolean" }).notNull(),
    direction: text({ enum: ["inbound", "outbound"] }).notNull(),
    from_number: text().notNull(),
    to_number: text().notNull(),
    number: text(),
    answered_at_ms: integer(),
    ended_at_ms: integer().notNull(),
    end_reason: text(),
    duration_ms: integer().notNull(),
    billable_seconds: integer().notNull(),
    rate_name: text().notNull(),
    price_micros_per_minute: integer().notNull(),
    first_seconds: integer().notNull(),
    next_seconds: integer().notNull(),
    minimum_seconds: integer().notNull(),
    /** Null: none. */
    connection_fee_micros: integer(),
    free_seconds: integer(),
    destination: text({ mode: "json" }).$type<{ deck: string; prefix: string; name: string }>(),
    byok: text({ mode: "json" }).$type<string[]>().notNull(),
    provider_costs: text({ mode: "json" }).$type<{ service: string; cost_micros: number }[]>().notNull(),
    currency: text().notNull(),
    fee_micros: integer().notNull(),
    provider_cost_micros: integer().notNull(),
    charged_micros: integer().notNull(),
    overrun_micros: integer().notNull(),
    charged_at_ms: integer(),
    /** The entry that charged it first, null while nothing was charged. */
    first_entry_seq: integer(),
    /** Null of calls from before this was kept. */
    updated_at_ms: integer(),
    /** The call that it is a leg of. */
    parent_call_id: text(),
    /** How each side was said, null where it is as it stands here, and of calls from before this was kept. */
    from_dialled: text(),
    to_dialled: text(),
    /** The epoch and version that `usage_days` has counted. */
    counted: text(),
    /** The ledger's notice that told first of the call; null of one that an entry told first of, or from before. */
    first_notice_seq: integer(),
  },
  (table) => [
    primaryKey({ columns: [table.organization_id, table.started_at_ms, table.call_id] }),
    index("legs_of_call")
      .on(table.organization_id, table.parent_call_id, table.started_at_ms, table.call_id)
      .where(sql`parent_call_id IS NOT NULL`),
    index("parked_calls")
      .on(table.organization_id, table.started_at_ms, table.call_id)
      .where(sql`outcome = 'parked'`),
  ],
);

/** Projection: what the calls of each day come to, and of its quarter hours. Written with `calls`, by the same flush. */
export const usage_days = sqliteTable(
  "usage_days",
  {
    organization_id: text().notNull(),
    day_ms: integer().notNull(),
    direction: text({ enum: ["inbound", "outbound"] }).notNull(),
    /** As `resolvedStatus` of calls/call-status.ts calls it. */
    status: text({ enum: ["ended", "failed", "rejected"] }).notNull(),
    calls: integer().notNull(),
    charged_calls: integer().notNull(),
    seconds: integer().notNull(),
    charged_seconds: integer().notNull(),
    billable_seconds: integer().notNull(),
    fee_micros: integer().notNull(),
    provider_cost_micros: integer().notNull(),
    charged_micros: integer().notNull(),
    /** Each its number in the day, the figures above, and between which of its milliseconds its calls began. */
    quarters: text({ mode: "json" }).$type<number[][]>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.organization_id, table.day_ms, table.direction, table.status] })],
);

/** What the calls of each number come to, by hour and bucket. Made from `calls` by a cron. */
export const usage_numbers = sqliteTable(
  "usage_numbers",
  {
    organization_id: text().notNull(),
    bucket: integer().notNull(),
    hour_ms: integer().notNull(),
    /** By number: direction, status, and a quarter hour as `usage_days` has it. */
    numbers: text({ mode: "json" }).$type<Record<string, PackedGroup[]>>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.organization_id, table.bucket, table.hour_ms] })],
);

/** A quarter hour of one direction and status. */
export type PackedGroup = ["inbound" | "outbound", "ended" | "failed" | "rejected", number[]];

/** Hours whose calls have changed since the cron has added them up: written by triggers on `calls`. */
export const usage_marks = sqliteTable(
  "usage_marks",
  {
    organization_id: text().notNull(),
    hour_ms: integer().notNull(),
    /** Whether `usage_days` may lack some of the changes. */
    uncounted: integer({ mode: "boolean" }).notNull(),
    /** The run of the cron that adds it up; a change in the meantime takes it off. */
    taken: text(),
  },
  (table) => [primaryKey({ columns: [table.organization_id, table.hour_ms] })],
);
