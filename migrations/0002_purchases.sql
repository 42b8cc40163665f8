-- Buying credit: who buys, what was bought, what was taken back, and the documents that Stripe has made of it.
-- The ledger objects own the balances; these rows say why an entry was posted, and what still has to be done.
CREATE TABLE billing_profiles (
  organization_id TEXT PRIMARY KEY,
  -- A save raises `version`; `synced_version` follows when Stripe has it. No checkout opens while they differ.
  version INTEGER NOT NULL,
  synced_version INTEGER NOT NULL,
  -- Until when one run alone may change Stripe's customer, 0 when none does.
  sync_until_ms INTEGER NOT NULL,
  -- JSON: why Stripe does not take this profile, null unless it has refused.
  sync_refusal TEXT,
  stripe_customer_id TEXT,
  company_name TEXT NOT NULL,
  email TEXT,
  line1 TEXT NOT NULL,
  line2 TEXT,
  postal_code TEXT NOT NULL,
  city TEXT NOT NULL,
  region TEXT,
  country TEXT NOT NULL,
  is_business INTEGER NOT NULL,
  vat_id TEXT,
  vat_id_type TEXT,
  vat_id_state TEXT NOT NULL,
  vat_id_checked_at_ms INTEGER,
  vat_id_source TEXT,
  vat_id_name TEXT,
  vat_id_address TEXT,
  vat_id_consultation_number TEXT,
  -- When the VAT ID is to be checked the next time, null: never.
  vat_id_check_at_ms INTEGER,
  updated_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX billing_profiles_of_customer ON billing_profiles (stripe_customer_id);
CREATE INDEX billing_profiles_to_check ON billing_profiles (vat_id_check_at_ms)
  WHERE vat_id_check_at_ms IS NOT NULL;
CREATE INDEX billing_profiles_to_sync ON billing_profiles (updated_at_ms)
  WHERE synced_version <> version AND sync_refusal IS NULL;

CREATE TABLE purchases (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  -- The caller's Idempotency-Key and what it asked for; an auto top-up has the id of its claim.
  request_key TEXT NOT NULL,
  request_fingerprint TEXT NOT NULL,
  currency TEXT NOT NULL,
  net_cents INTEGER NOT NULL CHECK (net_cents > 0),
  -- What Stripe has charged; null until it is paid.
  tax_cents INTEGER,
  gross_cents INTEGER,
  -- How we decided that it is to be taxed, and on what evidence.
  tax_decision TEXT NOT NULL,
  stripe_customer_id TEXT NOT NULL,
  stripe_session_id TEXT,
  stripe_invoice_id TEXT,
  stripe_payment_intent_id TEXT,
  -- Where the buyer pays, or confirms an off-session payment.
  pay_url TEXT,
  return_url TEXT,
  save_card INTEGER NOT NULL,
  payment_method_id TEXT,
  -- Raised when Stripe has stored a failure of its own under the keys of the attempt before.
  attempt INTEGER NOT NULL,
  failure_code TEXT,
  failure_message TEXT,
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  paid_at_ms INTEGER,
  credited_at_ms INTEGER,
  -- When Stripe was last asked about it: the sweep takes the oldest first.
  checked_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX purchases_of_request ON purchases (organization_id, request_key);
CREATE INDEX purchases_of_organization ON purchases (organization_id, created_at_ms);
CREATE UNIQUE INDEX purchases_of_session ON purchases (stripe_session_id);
CREATE UNIQUE INDEX purchases_of_invoice ON purchases (stripe_invoice_id);
CREATE UNIQUE INDEX purchases_of_payment_intent ON purchases (stripe_payment_intent_id);
CREATE INDEX purchases_under_way ON purchases (checked_at_ms)
  WHERE status IN ('created', 'open', 'requires_action', 'paid');
CREATE INDEX purchases_created ON purchases (created_at_ms);
-- Stripe may make the invoice of a Checkout payment after the payment.
CREATE INDEX purchases_without_invoice ON purchases (checked_at_ms)
  WHERE status = 'credited' AND stripe_invoice_id IS NULL;
-- One auto top-up at a time, whoever asks for it.
CREATE UNIQUE INDEX auto_top_up_under_way ON purchases (organization_id)
  WHERE kind = 'auto_top_up' AND status IN ('created', 'open', 'requires_action', 'paid');

-- Money that went back: a refund or a dispute. `net_cents` is the credit that it takes.
CREATE TABLE reversals (
  -- Stripe's id of the refund or dispute.
  id TEXT PRIMARY KEY,
  purchase_id TEXT NOT NULL,
  organization_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  gross_cents INTEGER NOT NULL,
  net_cents INTEGER NOT NULL,
  credit_note_id TEXT,
  created_at_ms INTEGER NOT NULL,
  taken_at_ms INTEGER,
  returned_at_ms INTEGER,
  -- When Stripe is asked again how it stands; null when nothing can change any more.
  look_again_at_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX reversals_of_purchase ON reversals (purchase_id);
CREATE INDEX reversals_to_look_at ON reversals (look_again_at_ms) WHERE look_again_at_ms IS NOT NULL;
CREATE INDEX reversals_created ON reversals (created_at_ms);

-- Refunds that operators have asked for: a repeat, however late, is the same refund.
CREATE TABLE refund_requests (
  purchase_id TEXT NOT NULL,
  request_key TEXT NOT NULL,
  request_fingerprint TEXT NOT NULL,
  -- With VAT, as it was worked out when it was first asked for.
  gross_cents INTEGER NOT NULL CHECK (gross_cents > 0),
  reason TEXT NOT NULL,
  -- Raised when Stripe has stored a failure of its own under the key of the attempt before.
  attempt INTEGER NOT NULL,
  -- Stripe's id, null until it is made.
  refund_id TEXT,
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (purchase_id, request_key)
) STRICT, WITHOUT ROWID;

-- Invoices and credit notes, as Stripe has issued them.
CREATE TABLE invoices (
  -- Stripe's id of the invoice or credit note.
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL,
  purchase_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  number TEXT,
  -- Of a credit note: the invoice that it corrects.
  corrects_invoice_id TEXT,
  currency TEXT NOT NULL,
  net_cents INTEGER NOT NULL,
  tax_cents INTEGER NOT NULL,
  gross_cents INTEGER NOT NULL,
  rate_basis_points INTEGER NOT NULL,
  reverse_charge INTEGER NOT NULL,
  issued_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX invoices_of_organization ON invoices (organization_id, issued_at_ms);
CREATE INDEX invoices_of_purchase ON invoices (purchase_id);
CREATE INDEX invoices_open ON invoices (issued_at_ms) WHERE status = 'open';

-- The card that a customer has let us charge, one for each organization.
CREATE TABLE saved_cards (
  organization_id TEXT PRIMARY KEY,
  stripe_customer_id TEXT NOT NULL,
  payment_method_id TEXT NOT NULL,
  brand TEXT NOT NULL,
  last4 TEXT NOT NULL,
  exp_month INTEGER NOT NULL,
  exp_year INTEGER NOT NULL,
  fingerprint TEXT,
  -- When and by which purchase or set-up the customer agreed, and to which words.
  consent_at_ms INTEGER NOT NULL,
  consent_reference TEXT NOT NULL,
  consent_text TEXT NOT NULL,
  saved_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX saved_cards_of_payment_method ON saved_cards (payment_method_id);

-- Events that Stripe has sent, so that it can be told what was done with each; never what decides on money.
CREATE TABLE stripe_events (
  id TEXT PRIMARY KEY,
  type TEXT NOT NULL,
  object_id TEXT,
  status TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  error TEXT,
  created_at_ms INTEGER NOT NULL,
  received_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX stripe_events_received ON stripe_events (received_at_ms);

-- What comparing Stripe, purchases and ledgers has found, a row for each run.
CREATE TABLE reconciliations (
  id TEXT PRIMARY KEY,
  started_at_ms INTEGER NOT NULL,
  finished_at_ms INTEGER NOT NULL,
  from_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  counts TEXT NOT NULL,
  differences TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Entries of money, for the comparison with Stripe.
CREATE INDEX ledger_entries_of_money ON ledger_entries (posted_at_ms)
  WHERE kind IN ('purchase', 'refund', 'dispute');
