/** Durations in milliseconds: `30 * SECOND_MS`. */
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const QUARTER_MS = 15 * MINUTE_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** A duration in whole seconds, a begun second counts: 83,001 ms are 84 s. */
export function wholeSeconds(duration_ms: number): number {
  return Math.ceil(duration_ms / SECOND_MS);
}

/** Seconds as minutes with two decimals, rounded down: what people are shown. */
export function secondsToMinutes(seconds: number): number {
  return Math.floor((seconds * 100) / 60) / 100;
}

/** The calendar month in UTC that an instant belongs to, as `2026-11`. */
export function monthOf(at_ms: number): string {
  const date = new Date(at_ms);
  return `${date.getUTCFullYear()}-${String(date.getUTCMonth() + 1).padStart(2, "0")}`;
}

/** The calendar day in UTC that an instant belongs to, as `2026-11-23`. */
export function dayOf(at_ms: number): string {
  return isoTime(at_ms).slice(0, "2026-11-23".length);
}

/** An instant as ISO 8601 in UTC with milliseconds. */
export function isoTime(at_ms: number): string {
  return new Date(at_ms).toISOString();
}

/** An instant that may not have come. */
export function isoTimeOrNull(at_ms: number | null): string | null {
  return at_ms === null ? null : isoTime(at_ms);
}
