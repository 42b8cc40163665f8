-- Rows of the audit are sealed every few minutes: what each of them says, over the seal before. Null: not yet.
ALTER TABLE audit ADD COLUMN seal INTEGER;
CREATE INDEX audit_of_seal ON audit (seal);

CREATE TABLE audit_seals (
  seq INTEGER PRIMARY KEY,
  -- The digest of the seal before, null in the first one.
  previous TEXT,
  at_ms INTEGER NOT NULL,
  -- JSON: the id and the digest of each row, in the order of their ids.
  leaves TEXT NOT NULL,
  digest TEXT NOT NULL,
  -- Of the seal that leaves each day: which secret in KEY_SECRETS has signed it and when, and when operators were told.
  key_version TEXT,
  signed_at_ms INTEGER,
  signature TEXT,
  told_at_ms INTEGER
) STRICT;
CREATE INDEX audit_seals_signed ON audit_seals (seq) WHERE signature IS NOT NULL;
