-- Versions of rate decks. Their content stands in KV under the version's id and never changes.
CREATE TABLE rate_decks (
  deck_id TEXT PRIMARY KEY,
  -- Null: the standard deck, of all organizations.
  organization_id TEXT REFERENCES organizations (id),
  effective_from_ms INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  withdrawn_at_ms INTEGER,
  label TEXT NOT NULL,
  -- What is added to the standard deck's prices; null: nothing.
  markup_basis_points INTEGER,
  -- How many rows: of none no content is kept.
  outbound_rows INTEGER NOT NULL,
  inbound_rows INTEGER NOT NULL,
  -- When its content was removed.
  removed_at_ms INTEGER
) STRICT;
-- One version begins at an instant; also finds those of an organization, or of all.
CREATE UNIQUE INDEX rate_decks_in_force ON rate_decks (ifnull(organization_id, ''), effective_from_ms)
  WHERE withdrawn_at_ms IS NULL;
CREATE INDEX rate_decks_of_organization ON rate_decks (ifnull(organization_id, ''), created_at_ms);
