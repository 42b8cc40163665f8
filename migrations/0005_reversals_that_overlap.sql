-- What each refund or dispute takes depends on the others of its purchase: the ledger decides that, and these rows follow.
-- The credit that it takes when there is no other one; null: from before, in proportion.
ALTER TABLE reversals ADD COLUMN own_net_cents INTEGER;
-- How often its money has moved, as we last heard it: an older word changes nothing.
ALTER TABLE reversals ADD COLUMN moves INTEGER NOT NULL DEFAULT 1;
UPDATE reversals SET moves = 2 WHERE status IN ('returning', 'returned');
-- How many entries it had in the ledger when that was last answered: an older answer changes nothing.
ALTER TABLE reversals ADD COLUMN entries INTEGER NOT NULL DEFAULT 0;
