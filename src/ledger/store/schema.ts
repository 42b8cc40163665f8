import { AUDIT_OUTBOX_TABLE } from "../../runtime/audit-outbox";
import { latestVersion, type ObjectSchema } from "../../runtime/object-migrations";
import { REQUEST_TABLE } from "../../runtime/request-rows";

/**
 * The object's tables. STRICT, because bound numbers arrive as REAL and only a strict INTEGER column refuses a
 * fraction; WITHOUT ROWID where the key is text, because a row then costs one write instead of two.
 *
 * entry        one row for each posted change of the balance, never changed; the oldest are archived together (retention.ts),
 *              and the last of those becomes the checkpoint that sums them up and keeps its digest
 * hold         one row for each live call; written at authorize, changed by answered and renew, removed when resolved
 * call         one row for each resolved call; changed only by late reports, corrections and release, leaves with its
 *              last entry
 * notice       resolutions without an entry (rejected, voided …), in order: the projection reads them besides the entries
 * money_key    callers' ids of money that is not a call's, what they asked for and what they were answered; kept for ever
 * unauthorized how many calls an edge key has settled without authorization in an hour
 * reversed     the refunds and disputes of a purchase as they were last reported
 * left_total   what was archived, summed by kind: adds up to the checkpoint
 * left_until   the latest resolution time of an archived call
 * organization, rate, api_key, number   the object's own copy of the account, so that calls need no other store
 * auto_top_up  how credit is bought by itself, and the purchase that is under way
 * stopped_call reports of calls that were stopped because they would have violated an invariant, and those released since
 * projection   how far entries and notices have been copied to D1
 * projection_upkeep   how the copy in D1 is compared and made anew
 * event        outbox of events that no other row holds, until they are relayed
 * alert        which alerts are set, and which have been raised
 * standard_voice   the operator's voice rate as last reported
 * request      what requests under keys of their callers have made, for a day
 * audit_fact   outbox of rows of the audit: who asked for what was changed here
 * told         event cursor: which events are subscribed to, and how far entries and notices have been relayed
 */
const VERSION_1 = [
  `CREATE TABLE organization (
     id INTEGER PRIMARY KEY CHECK (id = 1), organization_id TEXT NOT NULL, epoch INTEGER NOT NULL,
     state TEXT NOT NULL, company_name TEXT NOT NULL, email TEXT, language TEXT NOT NULL,
     location_hint TEXT, jurisdiction TEXT, created_at_ms INTEGER NOT NULL, schema_version INTEGER NOT NULL) STRICT`,
  `CREATE TABLE entry (
     seq INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, kind TEXT NOT NULL, currency TEXT NOT NULL,
     amount_micros INTEGER NOT NULL, balance_after_micros INTEGER NOT NULL, month_seconds_after INTEGER NOT NULL,
     call_id TEXT, key TEXT, reason TEXT, posted_at_ms INTEGER NOT NULL) STRICT`,
  `CREATE TABLE hold (
     call_id TEXT PRIMARY KEY, held_micros INTEGER NOT NULL CHECK (held_micros >= 0), facts TEXT NOT NULL
   ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE call (
     call_id TEXT PRIMARY KEY, resolved_at_ms INTEGER NOT NULL, facts TEXT NOT NULL) STRICT, WITHOUT ROWID`,
  "CREATE TABLE notice (seq INTEGER PRIMARY KEY, call_id TEXT NOT NULL) STRICT",
  `CREATE TABLE money_key (
     key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, answer TEXT NOT NULL) STRICT, WITHOUT ROWID`,
  `CREATE TABLE unauthorized (
     edge_key_id TEXT, hour INTEGER, calls INTEGER NOT NULL, PRIMARY KEY (edge_key_id, hour)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE rate (
     name TEXT, effective_from_ms INTEGER, price_micros_per_minute INTEGER NOT NULL, first_seconds INTEGER NOT NULL,
     next_seconds INTEGER NOT NULL, minimum_seconds INTEGER NOT NULL, PRIMARY KEY (name, effective_from_ms)
   ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE api_key (
     key_id TEXT PRIMARY KEY, hash TEXT NOT NULL, label TEXT NOT NULL, scopes TEXT NOT NULL,
     created_at_ms INTEGER NOT NULL, expires_at_ms INTEGER, revoked_at_ms INTEGER) STRICT, WITHOUT ROWID`,
  "CREATE TABLE number (e164 TEXT PRIMARY KEY, since_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID",
  `CREATE TABLE projection (
     id INTEGER PRIMARY KEY CHECK (id = 1), entry_seq INTEGER NOT NULL, notice_seq INTEGER NOT NULL) STRICT`,
  "INSERT INTO projection (id, entry_seq, notice_seq) VALUES (1, 0, 0)",
];

/**
 * A call's id is random, and each row of a table kept in its order costs a page of its own. The object finds live calls
 * in memory, so their rows may stand in the order in which they came: many of a group of requests in one page.
 */
const VERSION_2 = [
  "ALTER TABLE hold RENAME TO hold_by_call",
  `CREATE TABLE hold (
     hold_id INTEGER PRIMARY KEY, held_micros INTEGER NOT NULL CHECK (held_micros >= 0), facts TEXT NOT NULL) STRICT`,
  "INSERT INTO hold (held_micros, facts) SELECT held_micros, facts FROM hold_by_call",
  "DROP TABLE hold_by_call",
];

/** What is left behind by entries and calls that are no longer kept. */
const VERSION_3 = [
  `CREATE TABLE left_total (
     kind TEXT PRIMARY KEY, entries INTEGER NOT NULL, amount_micros INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
  "CREATE TABLE left_until (id INTEGER PRIMARY KEY CHECK (id = 1), resolved_until_ms INTEGER) STRICT",
  "INSERT INTO left_until (id) VALUES (1)",
];

/** Auto top-up: what is set, which card, what is claimed. One row, from its first setting on. */
const VERSION_4 = [
  "CREATE TABLE auto_top_up (id INTEGER PRIMARY KEY CHECK (id = 1), facts TEXT NOT NULL) STRICT",
];

/**
 * What is to be told of: facts that have no row of their own to be read from, which alerts are set and have gone off,
 * what somebody wants to hear, and how far entries and notices have been told.
 */
const VERSION_5 = [
  `CREATE TABLE event (
     seq INTEGER PRIMARY KEY, event_id TEXT NOT NULL, type TEXT NOT NULL, at_ms INTEGER NOT NULL, data TEXT NOT NULL
   ) STRICT`,
  "CREATE TABLE alert (id INTEGER PRIMARY KEY CHECK (id = 1), facts TEXT NOT NULL) STRICT",
  `CREATE TABLE told (
     id INTEGER PRIMARY KEY CHECK (id = 1), entry_seq INTEGER NOT NULL, notice_seq INTEGER NOT NULL,
     wanted TEXT NOT NULL) STRICT`,
  "INSERT INTO told (id, entry_seq, notice_seq, wanted) VALUES (1, 0, 0, '[]')",
];

/**
 * An object that comes back must measure alerts in minutes by the price it knew: with another one they would be armed,
 * and go off, again.
 */
const VERSION_6 = [
  "CREATE TABLE standard_voice (id INTEGER PRIMARY KEY CHECK (id = 1), facts TEXT NOT NULL) STRICT",
];

/** So that people see which keys nobody uses any more. */
const VERSION_7 = ["ALTER TABLE api_key ADD COLUMN last_used_at_ms INTEGER"];

/**
 * Refunds and disputes by purchase: the latest that was heard of each, so that what is heard late or twice changes nothing.
 * Those from before are told with the next one of their purchase.
 */
const VERSION_8 = [
  "CREATE TABLE reversed (purchase_id TEXT PRIMARY KEY, facts TEXT NOT NULL) STRICT, WITHOUT ROWID",
];

/** Which number calls come from that name none, and since when a number is as it is. */
const VERSION_9 = [
  "ALTER TABLE number ADD COLUMN is_default INTEGER NOT NULL DEFAULT 0",
  "ALTER TABLE number ADD COLUMN updated_at_ms INTEGER",
];

/**
 * Reports that an invariant has stopped, for an operator to release. IF NOT EXISTS, because the release before wrote version 9
 * at each start: after a rollback the table is there already.
 */
const VERSION_10 = [
  "CREATE TABLE IF NOT EXISTS stopped_call (call_id TEXT PRIMARY KEY, facts TEXT NOT NULL) STRICT, WITHOUT ROWID",
];

/** So that people see what was made with a key that they revoke. */
const VERSION_11 = ["ALTER TABLE api_key ADD COLUMN made_by TEXT"];

/** How far the copy in D1 was compared and made anew: it outlives the object's memory, and D1 put back in time. */
const VERSION_12 = [
  `CREATE TABLE IF NOT EXISTS projection_upkeep (
     id INTEGER PRIMARY KEY CHECK (id = 1), facts TEXT NOT NULL) STRICT`,
];

/**
 * The chain of digests: what each entry fixed of itself and of its call, over the digest of the one before (core/chain.ts says how).
 * Null in entries from before, and in those that an older release writes after a rollback.
 */
const VERSION_13 = [
  "ALTER TABLE entry ADD COLUMN salt TEXT",
  "ALTER TABLE entry ADD COLUMN receipt_digest TEXT",
  "ALTER TABLE entry ADD COLUMN digest TEXT",
  // Of the checkpoint: what of the entry that it was its digest is of.
  "ALTER TABLE entry ADD COLUMN origin TEXT",
];

/** So that a key that is asked for twice is made once. */
const VERSION_14 = REQUEST_TABLE;

/** Who asked for a change, written with it. */
const VERSION_15 = [AUDIT_OUTBOX_TABLE];

/** So that people see which secrets of KEY_SECRETS are still needed. */
const VERSION_16 = ["ALTER TABLE api_key ADD COLUMN secret_version TEXT"];

/** So that the platform's id of an organization comes back when D1 was put back in time. Empty: it has none; null: not told yet. */
const VERSION_17 = ["ALTER TABLE organization ADD COLUMN external_id TEXT"];

/** A rate may have a connection fee, and seconds that are free. */
const VERSION_18 = [
  "ALTER TABLE rate ADD COLUMN connection_fee_micros INTEGER NOT NULL DEFAULT 0",
  "ALTER TABLE rate ADD COLUMN free_seconds INTEGER NOT NULL DEFAULT 0",
];

export const LEDGER_SCHEMA: ObjectSchema = {
  version_table: "organization",
  steps: [
    VERSION_1,
    VERSION_2,
    VERSION_3,
    VERSION_4,
    VERSION_5,
    VERSION_6,
    VERSION_7,
    VERSION_8,
    VERSION_9,
    VERSION_10,
    VERSION_11,
    VERSION_12,
    VERSION_13,
    VERSION_14,
    VERSION_15,
    VERSION_16,
    VERSION_17,
    VERSION_18,
  ],
};

export const SCHEMA_VERSION = latestVersion(LEDGER_SCHEMA);
