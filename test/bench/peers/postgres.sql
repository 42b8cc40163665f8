CREATE TABLE organization (
  id text PRIMARY KEY, posted_micros bigint NOT NULL, held_micros bigint NOT NULL DEFAULT 0,
  live_calls integer NOT NULL DEFAULT 0, CHECK (held_micros <= posted_micros));
CREATE TABLE hold (
  organization_id text NOT NULL, call_id text NOT NULL, held_micros bigint NOT NULL, facts jsonb NOT NULL,
  PRIMARY KEY (organization_id, call_id));
