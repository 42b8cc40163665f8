import type { z } from "zod";
import { type AlertFacts, alertKey } from "../../ledger/core/credit/balance-alerts";
import type { alertsSchema } from "./schema";

/** The alerts that are set, and which of them have gone off. */
export function alertsBody({ thresholds, fired }: AlertFacts): z.input<typeof alertsSchema> {
  return {
    alerts: thresholds.map((threshold) => ({
      ...threshold,
      has_gone_off: fired.includes(alertKey(threshold)),
    })),
  };
}
