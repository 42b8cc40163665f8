-- What a request under an Idempotency-Key has made, so that a repeat within a day finds it: digests, an id, and what the
-- secret that was shown is derived from together with a secret of KEY_SECRETS. Removed after that day.
CREATE TABLE repeatable_requests (
  request_key TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  object_id TEXT NOT NULL,
  salt TEXT NOT NULL,
  secret_version TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX repeatable_requests_by_time ON repeatable_requests (at_ms);

-- The platform's own id of an organization.
ALTER TABLE organizations ADD COLUMN external_id TEXT;
CREATE UNIQUE INDEX organizations_of_external_id ON organizations (external_id) WHERE external_id IS NOT NULL;
