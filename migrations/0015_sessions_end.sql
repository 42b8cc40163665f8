-- Which kind of key opened a session, and when that key ends: the session ends then. Null in rows from before this was kept.
ALTER TABLE portal_sessions ADD COLUMN key_kind TEXT;
ALTER TABLE portal_sessions ADD COLUMN key_expires_at_ms INTEGER;
-- When it was last used, to the minute, and when and why somebody ended it.
ALTER TABLE portal_sessions ADD COLUMN last_seen_at_ms INTEGER;
ALTER TABLE portal_sessions ADD COLUMN ended_at_ms INTEGER;
ALTER TABLE portal_sessions ADD COLUMN end_reason TEXT;
-- Lists go by id, which sorts by time.
CREATE INDEX portal_sessions_of_organization ON portal_sessions (organization_id, id);
CREATE INDEX portal_sessions_of_user ON portal_sessions (organization_id, user_id, id);
