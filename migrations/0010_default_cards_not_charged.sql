-- The card that a customer has chosen as default on Stripe's page and that we may not charge: its brand and last digits as JSON,
-- null while the card that is charged is the default.
ALTER TABLE saved_cards ADD COLUMN default_not_charged TEXT;
