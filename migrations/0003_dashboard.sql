-- People at the dashboard: links that sign in once, the sessions that come of them, and what their pages add up.
CREATE TABLE portal_sessions (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL,
  -- Who made it: an API key of the organization or of an operator.
  key_id TEXT NOT NULL,
  -- SHA-256 of the secret in the link, which signs in once.
  link_hash TEXT NOT NULL,
  link_expires_at_ms INTEGER NOT NULL,
  used_at_ms INTEGER,
  -- SHA-256 of the secret in the cookie: null until the link is used, and again after signing out.
  session_hash TEXT,
  session_expires_at_ms INTEGER,
  user_id TEXT NOT NULL,
  user_name TEXT NOT NULL,
  role TEXT NOT NULL,
  language TEXT,
  return_url TEXT,
  page TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX portal_sessions_of_link ON portal_sessions (link_hash);
CREATE UNIQUE INDEX portal_sessions_of_cookie ON portal_sessions (session_hash) WHERE session_hash IS NOT NULL;
CREATE INDEX portal_sessions_created ON portal_sessions (created_at_ms);

-- What the calls of each hour (by their start) come to, so that no page adds up calls. Written with `calls`. The status
-- is the word that lists show: ended, failed or rejected.
CREATE TABLE usage_hours (
  organization_id TEXT NOT NULL,
  hour_ms INTEGER NOT NULL,
  direction TEXT NOT NULL,
  status TEXT NOT NULL,
  calls INTEGER NOT NULL,
  seconds INTEGER NOT NULL,
  billable_seconds INTEGER NOT NULL,
  fee_micros INTEGER NOT NULL,
  provider_cost_micros INTEGER NOT NULL,
  charged_micros INTEGER NOT NULL,
  PRIMARY KEY (organization_id, hour_ms, direction, status)
) STRICT, WITHOUT ROWID;
INSERT INTO usage_hours
SELECT organization_id, started_at_ms / 3600000 * 3600000, direction,
  CASE WHEN outcome = 'rejected' THEN 'rejected'
    WHEN outcome = 'voided' OR (outcome = 'settled' AND duration_ms = 0) THEN 'failed'
    ELSE 'ended' END,
  count(*), sum((duration_ms + 999) / 1000), sum(billable_seconds), sum(fee_micros), sum(provider_cost_micros), sum(charged_micros)
FROM calls
GROUP BY 1, 2, 3, 4;

-- A person's name as it was then; null for an API key.
ALTER TABLE audit ADD COLUMN actor_name TEXT;
