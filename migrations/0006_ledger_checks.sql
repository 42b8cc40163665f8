-- Proofs of ledgers that take longer than a request, or that found a difference: gone on with by a cron until they end.
CREATE TABLE ledger_checks (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL,
  started_at_ms INTEGER NOT NULL,
  finished_at_ms INTEGER,
  -- Whoever goes on with it has it to himself until then.
  taken_until_ms INTEGER NOT NULL,
  -- What had been written when it began.
  entry_seq INTEGER NOT NULL,
  notice_seq INTEGER NOT NULL,
  -- JSON: where it stands, null at its end.
  position TEXT,
  -- JSON: what was found, null before its end.
  found TEXT
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX ledger_checks_under_way ON ledger_checks (organization_id) WHERE finished_at_ms IS NULL;

-- Of each ledger its last proof: when, and what had been written by then.
CREATE TABLE proven_ledgers (
  organization_id TEXT PRIMARY KEY,
  proven_at_ms INTEGER NOT NULL,
  entry_seq INTEGER NOT NULL,
  notice_seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
