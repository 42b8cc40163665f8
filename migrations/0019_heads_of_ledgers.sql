-- What a ledger's chain of digests had come to when it was proven last, signed: a ledger that is rewritten later has another head.
CREATE TABLE ledger_heads (
  organization_id TEXT NOT NULL,
  -- The generation that was in force, and the last entry.
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  -- Null where that entry is from before the chain.
  digest TEXT,
  balance_after_micros INTEGER NOT NULL,
  -- The UTC day on which it left the ledger.
  day TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  -- Of the secret in KEY_SECRETS that signed it.
  key_version TEXT NOT NULL,
  signature TEXT NOT NULL,
  -- When operators were told of it.
  told_at_ms INTEGER,
  PRIMARY KEY (organization_id, epoch, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_heads_to_tell ON ledger_heads (at_ms) WHERE told_at_ms IS NULL;
