-- The name that our objects at Stripe carry, made once at random: an account there may serve other shops and deployments.
CREATE TABLE deployment (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  name TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL
) STRICT;
-- The name with which a purchase's objects are made; null: from before there was one.
ALTER TABLE purchases ADD COLUMN deployment TEXT;
