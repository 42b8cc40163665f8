-- Who asked, from where, in which request, and what came of it. Null in rows from before this was kept.
ALTER TABLE audit ADD COLUMN actor_kind TEXT;
ALTER TABLE audit ADD COLUMN session_id TEXT;
ALTER TABLE audit ADD COLUMN address TEXT;
ALTER TABLE audit ADD COLUMN country TEXT;
ALTER TABLE audit ADD COLUMN user_agent TEXT;
ALTER TABLE audit ADD COLUMN request_id TEXT;
ALTER TABLE audit ADD COLUMN outcome TEXT;
ALTER TABLE audit ADD COLUMN code TEXT;
-- Random, so that what is personal in a row can stand in a digest without being guessed from it.
ALTER TABLE audit ADD COLUMN salt TEXT;
-- Rows of which only so many are kept, such as refused attempts of one actor in one hour, share a bucket.
ALTER TABLE audit ADD COLUMN bucket TEXT;
CREATE INDEX audit_of_bucket ON audit (bucket) WHERE bucket IS NOT NULL;
-- Pages go by id, which sorts by time.
CREATE INDEX audit_of_organization_by_id ON audit (organization_id, id);
CREATE INDEX audit_of_actor ON audit (key_id, id);

-- Who bought; null of what the system buys by itself, and of purchases from before this was kept.
ALTER TABLE purchases ADD COLUMN created_by TEXT;
