-- A rate may cost nothing but `voice`, which the Worker holds; it may have a connection fee, and seconds that are free. A CHECK
-- cannot be changed in place.
CREATE TABLE standard_rates_with_fees (
  name TEXT NOT NULL,
  effective_from_ms INTEGER NOT NULL,
  price_micros_per_minute INTEGER NOT NULL CHECK (price_micros_per_minute >= 0),
  first_seconds INTEGER NOT NULL,
  next_seconds INTEGER NOT NULL,
  minimum_seconds INTEGER NOT NULL,
  connection_fee_micros INTEGER NOT NULL DEFAULT 0,
  free_seconds INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (name, effective_from_ms)
) STRICT, WITHOUT ROWID;
INSERT INTO standard_rates_with_fees (name, effective_from_ms, price_micros_per_minute, first_seconds, next_seconds, minimum_seconds)
  SELECT name, effective_from_ms, price_micros_per_minute, first_seconds, next_seconds, minimum_seconds FROM standard_rates;
DROP TABLE standard_rates;
ALTER TABLE standard_rates_with_fees RENAME TO standard_rates;

-- Null where there is none, and of calls from before. The destination is JSON: the row of the rate deck that the price is of.
ALTER TABLE calls ADD COLUMN connection_fee_micros INTEGER;
ALTER TABLE calls ADD COLUMN free_seconds INTEGER;
ALTER TABLE calls ADD COLUMN destination TEXT;
