import { AUDIT_OUTBOX_TABLE } from "../../runtime/audit-outbox";
import { latestVersion, type ObjectSchema } from "../../runtime/object-migrations";
import { REQUEST_TABLE } from "../../runtime/request-rows";

/**
 * The tables of an organization's webhooks. `profile` is what the object was created for; `endpoint` keeps its
 * secrets in columns that cannot be empty; `delivery` is one event for one endpoint, in order of time by its event's
 * id, with an index of what is still to be sent.
 */
const VERSION_1 = [
  `CREATE TABLE profile (
     id INTEGER PRIMARY KEY CHECK (id = 1), organization_id TEXT NOT NULL, jurisdiction TEXT,
     schema_version INTEGER NOT NULL) STRICT`,
  `CREATE TABLE endpoint (
     endpoint_id TEXT PRIMARY KEY, facts TEXT NOT NULL,
     secret TEXT NOT NULL CHECK (secret LIKE 'whsec_%' AND length(secret) >= 38),
     previous_secret TEXT CHECK (previous_secret LIKE 'whsec_%' AND length(previous_secret) >= 38)
   ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE delivery (
     event_id TEXT, endpoint_id TEXT, type TEXT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL,
     next_try_at_ms INTEGER, tries INTEGER NOT NULL, attempts TEXT NOT NULL, created_at_ms INTEGER NOT NULL,
     PRIMARY KEY (event_id, endpoint_id)) STRICT, WITHOUT ROWID`,
  `CREATE INDEX delivery_due ON delivery (endpoint_id, next_try_at_ms) WHERE next_try_at_ms IS NOT NULL`,
];

/** What was given up is listed and sent again: without a look at every delivery of a month. */
const VERSION_2 = [`CREATE INDEX delivery_failed ON delivery (event_id, endpoint_id) WHERE state = 'failed'`];

/** So that what is asked for twice under one key is done once. */
const VERSION_3 = REQUEST_TABLE;

/** Who asked for a change, written with it. */
const VERSION_4 = [AUDIT_OUTBOX_TABLE];

export const WEBHOOKS_SCHEMA: ObjectSchema = {
  version_table: "profile",
  steps: [VERSION_1, VERSION_2, VERSION_3, VERSION_4],
};

export const SCHEMA_VERSION = latestVersion(WEBHOOKS_SCHEMA);
