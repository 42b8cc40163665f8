-- The call that a call is a leg of, null for one that stands alone.
ALTER TABLE calls ADD COLUMN parent_call_id TEXT;
