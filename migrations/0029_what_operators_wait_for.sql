-- Events for operators that their object could not take when they happened: JSON, until it does.
CREATE TABLE operator_events (
  event_id TEXT PRIMARY KEY,
  event TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX operator_events_in_order ON operator_events (at_ms);

-- What was found of one ledger before: the same difference is told once.
CREATE INDEX ledger_checks_of_organization ON ledger_checks (organization_id, finished_at_ms);
