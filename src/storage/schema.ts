import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { ADMIN_RIGHTS } from "../units/api-key-format";
import { ACTOR_KINDS, AUDIT_OUTCOMES } from "../units/audit-fact";

/** Accounts. Written by admin routes after the ledger object has taken the change; never removed. */
export const organizations = sqliteTable("organizations", {
  id: text().primaryKey(),
  company_name: text().notNull(),
  email: text(),
  language: text().notNull(),
  state: text({ enum: ["active", "suspended", "closed"] }).notNull(),
  location_hint: text(),
  jurisdiction: text(),
  created_at_ms: integer().notNull(),
  /** The platform's own id of it. No two have the same. */
  external_id: text(),
});

/** What a request under an Idempotency-Key has made, for a day; see `RequestRecord`. */
export const repeatable_requests = sqliteTable(
  "repeatable_requests",
  {
    request_key: text().primaryKey(),
    fingerprint: text().notNull(),
    object_id: text().notNull(),
    salt: text().notNull(),
    secret_version: text().notNull(),
    at_ms: integer().notNull(),
  },
  (table) => [index("repeatable_requests_by_time").on(table.at_ms)],
);

/** Which organization a number belonged to, from when to when; the open row (until_ms null) is the present one. */
export const numbers = sqliteTable(
  "numbers",
  {
    e164: text().notNull(),
    organization_id: text().notNull(),
    from_ms: integer().notNull(),
    until_ms: integer(),
  },
  (table) => [
    primaryKey({ columns: [table.e164, table.from_ms] }),
    index("numbers_of_organization").on(table.organization_id),
  ],
);

/** Edge and admin keys (an organization's own keys live in its ledger object). Revoked, never removed. */
export const platform_keys = sqliteTable("platform_keys", {
  key_id: text().primaryKey(),
  kind: text({ enum: ["edge", "admin"] }).notNull(),
  hash: text().notNull(),
  label: text().notNull(),
  /** JSON array of organization ids that an edge key is limited to, null for all. */
  organization_ids: text({ mode: "json" }).$type<string[]>(),
  /** JSON array of what an edge key may do; empty for an admin key, which may do everything. */
  scopes: text({ mode: "json" }).$type<("calls" | "correct")[]>().notNull(),
  created_at_ms: integer().notNull(),
  expires_at_ms: integer(),
  revoked_at_ms: integer(),
  /** Of an admin key: null, it was made before there were rights and may do all. Null of an edge key, too. */
  rights: text({ enum: ADMIN_RIGHTS }),
  /** How many days ahead operators were last told that an admin key ends. */
  end_told_days: integer(),
  /** Of the secret in KEY_SECRETS that it was made under; null of keys from before this was kept, until they are used. */
  secret_version: text(),
});

/** What the secrets of KEY_SECRETS are still needed for in each ledger, as it was counted last. */
export const key_secret_uses = sqliteTable(
  "key_secret_uses",
  {
    organization_id: text().notNull(),
    kind: text({ enum: ["organization_key", "ledger_head"] }).notNull(),
    /** "": not known. */
    secret_version: text().notNull(),
    uses: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organization_id, table.kind, table.secret_version] }),
    index("key_secret_uses_of_secret").on(table.kind, table.secret_version),
  ],
);

/** The operator's rate card: versions of named rates by the instant they come into force. Never changed. */
export const standard_rates = sqliteTable(
  "standard_rates",
  {
    name: text().notNull(),
    effective_from_ms: integer().notNull(),
    price_micros_per_minute: integer().notNull(),
    first_seconds: integer().notNull(),
    next_seconds: integer().notNull(),
    minimum_seconds: integer().notNull(),
    connection_fee_micros: integer().notNull(),
    free_seconds: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.name, table.effective_from_ms] })],
);

/** Versions of rate decks; what is in them stands in KV. */
export const rate_decks = sqliteTable("rate_decks", {
  deck_id: text().primaryKey(),
  organization_id: text(),
  effective_from_ms: integer().notNull(),
  created_at_ms: integer().notNull(),
  withdrawn_at_ms: integer(),
  label: text().notNull(),
  markup_basis_points: integer(),
  outbound_rows: integer().notNull(),
  inbound_rows: integer().notNull(),
  removed_at_ms: integer(),
});

/** Projection: entries that are not a call's (those stand in `calls`), for reports over all organizations. */
export const ledger_entries = sqliteTable(
  "ledger_entries",
  {
    organization_id: text().notNull(),
    epoch: integer().notNull(),
    seq: integer().notNull(),
    kind: text().notNull(),
    currency: text().notNull(),
    amount_micros: integer().notNull(),
    balance_after_micros: integer().notNull(),
    key: text(),
    reason: text(),
    posted_at_ms: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.organization_id, table.epoch, table.seq] })],
);

/** Links to the dashboard and the sessions that came of them. Removed a while after they were made. */
export const portal_sessions = sqliteTable("portal_sessions", {
  id: text().primaryKey(),
  organization_id: text().notNull(),
  key_id: text().notNull(),
  link_hash: text().notNull(),
  link_expires_at_ms: integer().notNull(),
  used_at_ms: integer(),
  session_hash: text(),
  session_expires_at_ms: integer(),
  user_id: text().notNull(),
  user_name: text().notNull(),
  role: text({ enum: ["owner", "billing", "viewer"] }).notNull(),
  language: text({ enum: ["en", "nl", "de"] }),
  return_url: text(),
  page: text().notNull(),
  created_at_ms: integer().notNull(),
  /** From here on null in rows of older versions of this code. */
  key_kind: text({ enum: ["organization_key", "admin_key"] }),
  key_expires_at_ms: integer(),
  /** To the minute. */
  last_seen_at_ms: integer(),
  ended_at_ms: integer(),
  end_reason: text({ enum: ["signed_out", "ended"] }),
});

/** Who changed what and when: one row for each change that an operator or a customer has asked for. Never changed. */
export const audit = sqliteTable(
  "audit",
  {
    id: text().primaryKey(),
    at_ms: integer().notNull(),
    /** An API key's id, or `user:` and the platform's id of a person at the dashboard. */
    key_id: text().notNull(),
    actor_name: text(),
    action: text().notNull(),
    organization_id: text(),
    detail: text({ mode: "json" }).$type<Record<string, unknown>>().notNull(),
    /** From here on null in rows of older versions of this code. */
    actor_kind: text({ enum: ACTOR_KINDS }),
    /** The dashboard session in which a person asked. */
    session_id: text(),
    /** The client's IP address and country, as Cloudflare saw them. */
    address: text(),
    country: text(),
    user_agent: text(),
    request_id: text(),
    outcome: text({ enum: AUDIT_OUTCOMES }),
    /** Why it was refused. */
    code: text(),
    /** Random, in hexadecimal: what is personal in the row enters a digest together with it. */
    salt: text(),
    /** Of rows that are bounded in number: what they are counted under. */
    bucket: text(),
    /** Which of `audit_seals` says what the row said; null: none does yet. */
    seal: integer(),
  },
  (table) => [
    index("audit_of_seal").on(table.seal),
    index("audit_of_organization_by_id").on(table.organization_id, table.id),
    index("audit_of_actor").on(table.key_id, table.id),
  ],
);

/** Where jobs that go round have come to, by their names. */
export const cron_positions = sqliteTable("cron_positions", {
  name: text().primaryKey(),
  position: text({ mode: "json" }).$type<Record<string, unknown>>().notNull(),
});

/** Which organizations had something copied on a day, counted from 1970: whom the watch over ledgers visits first. */
export const active_organizations = sqliteTable(
  "active_organizations",
  { day: integer().notNull(), organization_id: text().notNull() },
  (table) => [primaryKey({ columns: [table.day, table.organization_id] })],
);

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
  /** The first entry that the chain of digests proves; absent when that is `proves_from_seq`. */
  chain_from_seq?: number;
  /** The last head that has left the ledger, and was compared with it; absent when there is none. */
  head?: { epoch: number; seq: number; day: string };
  /** Calls that differ because an operator has released them. */
  released?: {
    call_id: string;
    entry_seq: number | null;
    invariant: string;
    detail: string;
    released_at_ms: number;
  }[];
  /** Calls whose report waits for an operator to release it. */
  stopped?: { count: number; call_ids: string[] };
  /** Of a check that has compared the ledger with its copy here: how the copy is made anew. */
  projection?: {
    differing_hours: number;
    is_rebuilt: boolean;
    calls_inserted: number;
    calls_replaced: number;
    entries_inserted: number;
    entries_replaced: number;
    hours_rewritten: number;
    unknown_calls: { count: number; call_ids: string[] };
    unknown_entries: { count: number; entry_ids: string[] };
  };
}

/** Of each ledger its last proof: when, and what had been written by then. */
export const proven_ledgers = sqliteTable("proven_ledgers", {
  organization_id: text().primaryKey(),
  proven_at_ms: integer().notNull(),
  entry_seq: integer().notNull(),
  notice_seq: integer().notNull(),
});
