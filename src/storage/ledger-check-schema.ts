import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Proofs of ledgers that take longer than a request, or that found a difference. */
export const ledger_checks = sqliteTable("ledger_checks", {
  id: text().primaryKey(),
  organization_id: text().notNull(),
  started_at_ms: integer().notNull(),
  finished_at_ms: integer(),
  taken_until_ms: integer().notNull(),
  entry_seq: integer().notNull(),
  notice_seq: integer().notNull(),
  /** Where it stands, null at its end. What it says is the ledger's own business. */
  position: text({ mode: "json" }).$type<Record<string, unknown>>(),
  found: text({ mode: "json" }).$type<LedgerFinding>(),
});

/** What a proof came to. */
export interface LedgerFinding {
  ok: boolean;
  first_difference: string | null;
  posted_micros: number;
  held_micros: number;
  entries: number;
  proves_from_seq: number;
}

/** Of each ledger its last proof: when, and what had been written by then. */
export const proven_ledgers = sqliteTable("proven_ledgers", {
  organization_id: text().primaryKey(),
  proven_at_ms: integer().notNull(),
  entry_seq: integer().notNull(),
  notice_seq: integer().notNull(),
});
