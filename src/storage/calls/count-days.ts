import { DAY_MS, QUARTER_MS } from "../../units/duration";
import { CALL_STATUS, FIGURES, sumsOf } from "./usage-figures";

const QUARTERS_A_DAY = DAY_MS / QUARTER_MS;
const names = FIGURES.join(", ");
const added = FIGURES.map((name) => `${name} = usage_days.${name} + excluded.${name}`).join(", ");
/** In the array of a quarter hour, behind its number in the day and its figures. */
const [first, last] = [FIGURES.length + 1, FIGURES.length + 2];

/** Adds to the days that are there already, and to their quarter hours; one without calls is left out. */
export const ADD_TO_DAYS = `
  ON CONFLICT (organization_id, day_ms, direction, status) DO UPDATE SET ${added}, quarters = (
    SELECT json_group_array(json_array(quarter, ${FIGURES.map((_, at) => `f${at}`).join(", ")}, first_ms, last_ms))
    FROM (
      SELECT value ->> 0 AS quarter, ${FIGURES.map((_, at) => `sum(value ->> ${at + 1}) AS f${at}`).join(", ")},
        min(value ->> ${first}) AS first_ms, max(value ->> ${last}) AS last_ms
      FROM (SELECT value FROM json_each(usage_days.quarters) UNION ALL SELECT value FROM json_each(excluded.quarters))
      GROUP BY 1
      HAVING sum(value ->> 1) <> 0
    )
  )`;

/**
 * Adds the calls of one JSON parameter that are new to their days, and of those that replace an older version (`>`), or also
 * the same one (`>=`), the difference: of a repeat nothing is left to add. `s` is 1 for what comes and -1 for what it replaces.
 * To be run before the calls are written, because it compares with what they replace.
 */
export function countDays(replaces: ">" | ">="): string {
  return `
  WITH told AS (
    SELECT value ->> '$.organization_id' AS organization_id, value ->> '$.started_at_ms' AS started_at_ms,
      value ->> '$.call_id' AS call_id, value ->> '$.epoch' AS epoch, value ->> '$.version' AS version,
      value ->> '$.direction' AS direction, value ->> '$.outcome' AS outcome, value ->> '$.duration_ms' AS duration_ms,
      value ->> '$.charged_at_ms' AS charged_at_ms, value ->> '$.billable_seconds' AS billable_seconds,
      value ->> '$.fee_micros' AS fee_micros,
      value ->> '$.provider_cost_micros' AS provider_cost_micros, value ->> '$.charged_micros' AS charged_micros
    FROM json_each(?)
  ), changed AS (
    SELECT 1 AS s, told.* FROM told LEFT JOIN calls AS former USING (organization_id, started_at_ms, call_id)
    WHERE former.version IS NULL OR (told.epoch, told.version) ${replaces} (former.epoch, former.version)
    UNION ALL
    SELECT -1, former.organization_id, former.started_at_ms, former.call_id, former.epoch, former.version,
      former.direction, former.outcome, former.duration_ms, former.charged_at_ms, former.billable_seconds,
      former.fee_micros, former.provider_cost_micros, former.charged_micros
    FROM told JOIN calls AS former USING (organization_id, started_at_ms, call_id)
    WHERE (told.epoch, told.version) ${replaces} (former.epoch, former.version)
  ), quarters AS (
    SELECT organization_id, started_at_ms / ${QUARTER_MS} AS quarter, direction, ${CALL_STATUS} AS status,
      ${sumsOf("s")}, min(started_at_ms % ${QUARTER_MS}) AS first_ms, max(started_at_ms % ${QUARTER_MS}) AS last_ms
    FROM changed
    GROUP BY 1, 2, 3, 4
  )
  INSERT INTO usage_days (organization_id, day_ms, direction, status, ${names}, quarters)
  SELECT organization_id, quarter / ${QUARTERS_A_DAY} * ${DAY_MS}, direction, status,
    ${FIGURES.map((name) => `sum(${name})`).join(", ")},
    json_group_array(json_array(quarter % ${QUARTERS_A_DAY}, ${names}, first_ms, last_ms))
  FROM quarters
  WHERE ${FIGURES.map((name) => `${name} <> 0`).join(" OR ")}
  GROUP BY 1, 2, 3, 4
  ${ADD_TO_DAYS}`;
}
