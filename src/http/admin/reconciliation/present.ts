import type { z } from "zod";
import type { ReconciliationRow } from "../../../storage/purchases/reconciliations";
import { isoTime } from "../../../units/duration";
import type { differenceSchema } from "./schema";

/** A comparison of payments, purchases and ledgers as the API shows it. */
export function reportBody({
  started_at_ms,
  finished_at_ms,
  from_ms,
  until_ms,
  ...report
}: ReconciliationRow) {
  return {
    id: report.id,
    ok: report.counts.differences === 0,
    started_at: isoTime(started_at_ms),
    finished_at: isoTime(finished_at_ms),
    from: isoTime(from_ms),
    until: isoTime(until_ms),
    counts: report.counts,
    differences: report.differences as z.input<typeof differenceSchema>[],
  };
}
