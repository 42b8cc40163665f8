-- Money that came otherwise than it was asked for is resolved by a person: accepted, given back or closed.
ALTER TABLE purchases ADD COLUMN resolution TEXT;
ALTER TABLE purchases ADD COLUMN resolution_reason TEXT;
-- When the resolution was carried out, null until then.
ALTER TABLE purchases ADD COLUMN resolved_at_ms INTEGER;
-- What of the gross the customer's balance at Stripe has paid, null when it has paid nothing.
ALTER TABLE purchases ADD COLUMN balance_cents INTEGER;
CREATE INDEX purchases_to_resolve ON purchases (checked_at_ms)
  WHERE resolution IS NOT NULL AND resolved_at_ms IS NULL;
