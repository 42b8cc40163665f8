-- Under which secret of KEY_SECRETS a key was made. Null of those from before this was kept, until they are used.
ALTER TABLE platform_keys ADD COLUMN secret_version TEXT;
CREATE INDEX platform_keys_of_secret ON platform_keys (secret_version, kind, expires_at_ms) WHERE revoked_at_ms IS NULL;

-- What the secrets of KEY_SECRETS are still needed for in each ledger: its keys in force and its last head, counted each night.
CREATE TABLE key_secret_uses (
  organization_id TEXT NOT NULL,
  -- organization_key or ledger_head
  kind TEXT NOT NULL,
  -- Empty: not known.
  secret_version TEXT NOT NULL,
  uses INTEGER NOT NULL,
  PRIMARY KEY (organization_id, kind, secret_version)
) STRICT, WITHOUT ROWID;
CREATE INDEX key_secret_uses_of_secret ON key_secret_uses (kind, secret_version);
