-- What the calls of each day (UTC, by their start) come to, and of each quarter hour of it. Written with `calls`, in the
-- place of `usage_hours`: one row, whatever is asked of it later. A quarter hour is an array: its number in the day, calls,
-- charged calls, seconds, charged seconds, billable seconds, fee, provider cost, charged, and within which of its
-- milliseconds those calls began.
CREATE TABLE usage_days (
  organization_id TEXT NOT NULL,
  day_ms INTEGER NOT NULL,
  direction TEXT NOT NULL,
  status TEXT NOT NULL,
  calls INTEGER NOT NULL,
  charged_calls INTEGER NOT NULL,
  seconds INTEGER NOT NULL,
  charged_seconds INTEGER NOT NULL,
  billable_seconds INTEGER NOT NULL,
  fee_micros INTEGER NOT NULL,
  provider_cost_micros INTEGER NOT NULL,
  charged_micros INTEGER NOT NULL,
  quarters TEXT NOT NULL,
  PRIMARY KEY (organization_id, day_ms, direction, status)
) STRICT, WITHOUT ROWID;
INSERT INTO usage_days
SELECT organization_id, quarter / 96 * 86400000, direction, status, sum(calls), sum(charged_calls), sum(seconds),
  sum(charged_seconds), sum(billable_seconds), sum(fee_micros), sum(provider_cost_micros), sum(charged_micros),
  json_group_array(json_array(quarter % 96, calls, charged_calls, seconds, charged_seconds, billable_seconds, fee_micros,
    provider_cost_micros, charged_micros, first_ms, last_ms))
FROM (
  SELECT organization_id, started_at_ms / 900000 AS quarter, direction,
    CASE WHEN outcome = 'rejected' THEN 'rejected'
      WHEN outcome = 'voided' OR (outcome = 'settled' AND duration_ms = 0) THEN 'failed'
      ELSE 'ended' END AS status,
    count(*) AS calls, sum(charged_at_ms IS NOT NULL) AS charged_calls,
    sum((duration_ms + 999) / 1000) AS seconds,
    sum(iif(charged_at_ms IS NULL, 0, (duration_ms + 999) / 1000)) AS charged_seconds,
    sum(iif(charged_at_ms IS NULL, 0, billable_seconds)) AS billable_seconds,
    sum(fee_micros) AS fee_micros, sum(provider_cost_micros) AS provider_cost_micros,
    sum(charged_micros) AS charged_micros,
    min(started_at_ms % 900000) AS first_ms, max(started_at_ms % 900000) AS last_ms
  FROM calls
  GROUP BY 1, 2, 3, 4
)
GROUP BY 1, 2, 3, 4;

-- What the calls of each telephone number come to, of all numbers of an hour that fall into one bucket: in a row of its
-- own, each number would cost more rows than the calls. Made by a cron from the calls of the hour.
CREATE TABLE usage_numbers (
  organization_id TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  hour_ms INTEGER NOT NULL,
  numbers TEXT NOT NULL,
  PRIMARY KEY (organization_id, bucket, hour_ms)
) STRICT, WITHOUT ROWID;

-- The hours whose calls have changed since the cron added them up. `uncounted`: by somebody who has not counted them in
-- usage_days, such as the release before. `taken`: the run of the cron that is adding them up.
CREATE TABLE usage_marks (
  organization_id TEXT NOT NULL,
  hour_ms INTEGER NOT NULL,
  uncounted INTEGER NOT NULL,
  taken TEXT,
  PRIMARY KEY (organization_id, hour_ms)
) STRICT, WITHOUT ROWID;
INSERT INTO usage_marks SELECT organization_id, hour_ms, 0, NULL FROM usage_hours GROUP BY 1, 2;

-- The epoch and version that usage_days has counted the call with.
ALTER TABLE calls ADD COLUMN counted TEXT;
-- The ledger's notice that told first of the call, null of one that an entry told first of.
ALTER TABLE calls ADD COLUMN first_notice_seq INTEGER;

CREATE TRIGGER mark_hour_of_new_call AFTER INSERT ON calls BEGIN
  INSERT INTO usage_marks
  VALUES (NEW.organization_id, NEW.started_at_ms / 3600000 * 3600000,
    NEW.counted IS NOT NEW.epoch || '.' || NEW.version, NULL)
  ON CONFLICT DO UPDATE SET uncounted = max(uncounted, excluded.uncounted), taken = NULL
  WHERE taken IS NOT NULL OR uncounted < excluded.uncounted;
END;
CREATE TRIGGER mark_hour_of_changed_call AFTER UPDATE ON calls BEGIN
  INSERT INTO usage_marks
  VALUES (NEW.organization_id, NEW.started_at_ms / 3600000 * 3600000,
    NEW.counted IS NOT NEW.epoch || '.' || NEW.version, NULL)
  ON CONFLICT DO UPDATE SET uncounted = max(uncounted, excluded.uncounted), taken = NULL
  WHERE taken IS NOT NULL OR uncounted < excluded.uncounted;
END;
CREATE TRIGGER mark_hour_of_removed_call AFTER DELETE ON calls BEGIN
  INSERT INTO usage_marks VALUES (OLD.organization_id, OLD.started_at_ms / 3600000 * 3600000, 1, NULL)
  ON CONFLICT DO UPDATE SET uncounted = 1, taken = NULL WHERE taken IS NOT NULL OR uncounted < 1;
END;

-- A row more for legs, and for calls that wait for an operator; none for other calls.
CREATE INDEX legs_of_call ON calls (organization_id, parent_call_id, started_at_ms, call_id)
WHERE parent_call_id IS NOT NULL;
CREATE INDEX parked_calls ON calls (organization_id, started_at_ms, call_id) WHERE outcome = 'parked';
