-- Accounts (written by the admin API) and the projection of each ledger object's calls and entries.
CREATE TABLE organizations (
  id TEXT PRIMARY KEY,
  company_name TEXT NOT NULL,
  email TEXT,
  language TEXT NOT NULL,
  state TEXT NOT NULL,
  location_hint TEXT,
  jurisdiction TEXT,
  created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE numbers (
  e164 TEXT NOT NULL,
  organization_id TEXT NOT NULL,
  from_ms INTEGER NOT NULL,
  until_ms INTEGER,
  PRIMARY KEY (e164, from_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX numbers_of_organization ON numbers (organization_id);
-- A number has one owner at a time, whatever is written at once.
CREATE UNIQUE INDEX numbers_present ON numbers (e164) WHERE until_ms IS NULL;

CREATE TABLE platform_keys (
  key_id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  hash TEXT NOT NULL,
  label TEXT NOT NULL,
  organization_ids TEXT,
  scopes TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER,
  revoked_at_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE standard_rates (
  name TEXT NOT NULL,
  effective_from_ms INTEGER NOT NULL,
  price_micros_per_minute INTEGER NOT NULL CHECK (price_micros_per_minute > 0),
  first_seconds INTEGER NOT NULL,
  next_seconds INTEGER NOT NULL,
  minimum_seconds INTEGER NOT NULL,
  PRIMARY KEY (name, effective_from_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE calls (
  organization_id TEXT NOT NULL,
  started_at_ms INTEGER NOT NULL,
  call_id TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  version INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  reject_reason TEXT,
  authorized INTEGER NOT NULL,
  direction TEXT NOT NULL,
  from_number TEXT NOT NULL,
  to_number TEXT NOT NULL,
  number TEXT,
  answered_at_ms INTEGER,
  ended_at_ms INTEGER NOT NULL,
  end_reason TEXT,
  duration_ms INTEGER NOT NULL,
  billable_seconds INTEGER NOT NULL,
  rate_name TEXT NOT NULL,
  price_micros_per_minute INTEGER NOT NULL,
  first_seconds INTEGER NOT NULL,
  next_seconds INTEGER NOT NULL,
  minimum_seconds INTEGER NOT NULL,
  byok TEXT NOT NULL,
  provider_costs TEXT NOT NULL,
  currency TEXT NOT NULL,
  fee_micros INTEGER NOT NULL,
  provider_cost_micros INTEGER NOT NULL,
  charged_micros INTEGER NOT NULL,
  overrun_micros INTEGER NOT NULL,
  charged_at_ms INTEGER,
  first_entry_seq INTEGER,
  PRIMARY KEY (organization_id, started_at_ms, call_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_entries (
  organization_id TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  kind TEXT NOT NULL,
  currency TEXT NOT NULL,
  amount_micros INTEGER NOT NULL,
  balance_after_micros INTEGER NOT NULL,
  key TEXT,
  reason TEXT,
  posted_at_ms INTEGER NOT NULL,
  PRIMARY KEY (organization_id, epoch, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  id TEXT PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  action TEXT NOT NULL,
  organization_id TEXT,
  detail TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_of_organization ON audit (organization_id, at_ms);
