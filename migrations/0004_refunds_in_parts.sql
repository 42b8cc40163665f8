-- Refunds that are under way count when the next part is worked out; one that Stripe has refused does not.
ALTER TABLE refund_requests ADD COLUMN is_refused INTEGER NOT NULL DEFAULT 0;
