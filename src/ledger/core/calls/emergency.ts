import type { Rate } from "../credit/rating";
import { MAX_CALL_MS, MAX_CALL_SECONDS } from "../settings";
import type { Quota } from "./quota";

/** What a call to an emergency service costs, whatever the rate card says. */
export const EMERGENCY_RATE: Rate = {
  name: "emergency",
  price_micros_per_minute: 0,
  first_seconds: 1,
  next_seconds: 1,
  minimum_seconds: 0,
};

/** What it is granted at once, without credit: as long as any call may last, and never the last quota. */
export const EMERGENCY_QUOTA: Quota = {
  granted_seconds: MAX_CALL_SECONDS,
  held_micros: 0,
  final_unit: false,
};

/** How long it lives without a report: nobody has to renew it, so that it may ring and talk for as long as any call. */
export function emergencyLifetimeMs(ring_ms: number): number {
  return ring_ms + MAX_CALL_MS;
}
