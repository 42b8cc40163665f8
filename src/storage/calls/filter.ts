import { and, eq, gte, isNotNull, lt, or, type SQL, sql } from "drizzle-orm";
import { calls } from "./schema";
import { CALL_STATUS, type Ending, type Group } from "./usage-figures";

/** Which resolved calls of one organization: half-open in time; none of the fields that are left out. */
export interface CallFilter {
  from_ms?: number;
  until_ms?: number;
  direction?: Group["direction"];
  ending?: Ending;
  /** A number at either end of the call, or the organization's own that it was about. */
  number?: string;
  /** The call that they are legs of. */
  parent_call_id?: string;
  /** Only calls that were charged: what usage consists of. */
  charged?: boolean;
}

/** Which rows a filter means. */
export function matching(organization_id: string, filter: CallFilter): SQL | undefined {
  return and(
    eq(calls.organization_id, organization_id),
    filter.from_ms === undefined ? undefined : gte(calls.started_at_ms, filter.from_ms),
    filter.until_ms === undefined ? undefined : lt(calls.started_at_ms, filter.until_ms),
    filter.direction && eq(calls.direction, filter.direction),
    filter.ending && sql`${sql.raw(CALL_STATUS)} = ${filter.ending}`,
    filter.number === undefined ? undefined : involving(filter.number),
    filter.parent_call_id === undefined ? undefined : eq(calls.parent_call_id, filter.parent_call_id),
    filter.charged ? isNotNull(calls.charged_at_ms) : undefined,
  );
}

/** Calls that have the number at either end, or are about it. */
function involving(number: string): SQL | undefined {
  return or(eq(calls.from_number, number), eq(calls.to_number, number), eq(calls.number, number));
}

/** How many calls of a group a filter means, whatever it says of time and number. */
export function callsOfGroup(
  { direction, ending, charged }: CallFilter,
  group: Pick<Group, "direction" | "status" | "calls" | "charged_calls">,
): number {
  if (direction !== undefined && direction !== group.direction) return 0;
  if (ending !== undefined && ending !== group.status) return 0;
  return charged ? group.charged_calls : group.calls;
}
