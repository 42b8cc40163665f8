import { countHoursAgain, projectedSpan, readHours } from "../../../storage/calls/projected-rows";
import { HOUR_MS } from "../../../units/duration";
import type { Rebuild } from "../../store/projection-store";
import { keptFromHourMs, type ProjectionContext } from "./context";

/**
 * Has the next hours added up anew from the calls that D1 has of them, where they are not that, while nothing is copied. The hours of calls that have left
 * the ledger stay as they are: should D1 have lost such calls, their sums are all that is left of them.
 */
export async function rebuildHours(
  rebuild: Rebuild,
  { state, projector, d1 }: ProjectionContext,
): Promise<Pick<Rebuild, "position"> & Partial<Rebuild>> {
  const { organization_id } = state.profile;
  const known = rebuild.position;
  const span = known ? null : await projectedSpan(d1, organization_id);
  if (!known && !span) return { position: null };
  const first_ms = Math.floor((span?.first_ms ?? 0) / HOUR_MS) * HOUR_MS;
  const from_ms = Number(known?.from_ms ?? Math.max(first_ms, keptFromHourMs(state)));
  const end_ms = Number(known?.end_ms ?? (span?.last_ms ?? 0) + HOUR_MS);
  if (from_ms >= end_ms) return { position: null };
  return projector.alone(async () => {
    const hours = await readHours(d1, organization_id, { from_ms, until_ms: end_ms });
    const rewritten = await countHoursAgain(d1, organization_id, hours);
    return {
      position: hours.until_ms < end_ms ? { from_ms: hours.until_ms, end_ms } : null,
      hours_rewritten: rebuild.hours_rewritten + rewritten,
    };
  });
}
