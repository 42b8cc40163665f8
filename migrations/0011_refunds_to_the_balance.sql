-- What of a refund goes back to the customer's balance at Stripe, because that had paid a part of the purchase.
ALTER TABLE refund_requests ADD COLUMN balance_cents INTEGER NOT NULL DEFAULT 0;
-- The credit note by which it does, null until it is made.
ALTER TABLE refund_requests ADD COLUMN balance_note_id TEXT;
