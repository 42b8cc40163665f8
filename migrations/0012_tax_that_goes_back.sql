-- VAT that was charged only because the register of VAT IDs was away, given back without the credit: one row a purchase.
CREATE TABLE tax_refunds (
  purchase_id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL,
  tax_cents INTEGER NOT NULL CHECK (tax_cents > 0),
  reason TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  is_refused INTEGER NOT NULL,
  invoice_id TEXT,
  refund_id TEXT,
  credit_note_id TEXT,
  created_at_ms INTEGER NOT NULL,
  finished_at_ms INTEGER
) STRICT;
