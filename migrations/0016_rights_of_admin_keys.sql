-- What an admin key may do: look, money or all. Null of those from before there were rights, which may do all, and of edge keys.
ALTER TABLE platform_keys ADD COLUMN rights TEXT;
-- How many days ahead operators were last told that the key ends.
ALTER TABLE platform_keys ADD COLUMN end_told_days INTEGER;
CREATE INDEX platform_keys_by_end ON platform_keys (expires_at_ms)
WHERE kind = 'admin' AND revoked_at_ms IS NULL AND expires_at_ms IS NOT NULL;
