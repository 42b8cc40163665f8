-- When the ledger last changed what it says of a call; null of calls from before this was kept.
ALTER TABLE calls ADD COLUMN updated_at_ms INTEGER;
