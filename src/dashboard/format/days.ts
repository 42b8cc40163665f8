import type { ZoneOffset } from "../../storage/calls/usage-hours";
import { DAY_MS, HOUR_MS } from "../../units/duration";

/** Of this millennium: what is earlier, or later, is a slip of the pen, and `Date` writes far years otherwise. */
const DAY = /^2\d{3}-\d{2}-\d{2}$/;
const by_zone = new Map<string, Intl.DateTimeFormat>();
const hours_by_zone = new Map<string, Intl.DateTimeFormat>();

/** The calendar day of an instant in a time zone, as `2026-11-24`. */
export function dayIn(time_zone: string, at_ms: number): string {
  let format = by_zone.get(time_zone);
  if (!format) {
    // Swedes write dates as ISO 8601 does.
    format = new Intl.DateTimeFormat("sv-SE", { timeZone: time_zone, dateStyle: "short" });
    by_zone.set(time_zone, format);
  }
  return format.format(at_ms);
}

/** When a day begins in a time zone. Zones whose offset is not whole hours are not supported. */
export function startOfDay(time_zone: string, day: string): number {
  const noon_ms = Date.parse(`${day}T12:00:00Z`);
  for (let at_ms = noon_ms - 28 * HOUR_MS; at_ms < noon_ms + 15 * HOUR_MS; at_ms += HOUR_MS) {
    if (dayIn(time_zone, at_ms) >= day) return at_ms;
  }
  throw new Error(`The day ${day} does not begin in ${time_zone}.`);
}

/** The offsets that a time zone has in a range of whole hours, from its beginning on: more than one where clocks change. */
export function zoneOffsets(time_zone: string, from_ms: number, until_ms: number): ZoneOffset[] {
  const offsets = [{ from_ms, offset_ms: offsetAt(time_zone, from_ms) }];
  let last_ms = from_ms;
  while (last_ms < until_ms) {
    const next_ms = Math.min(last_ms + DAY_MS, until_ms);
    const known_ms = offsets.at(-1)?.offset_ms;
    if (offsetAt(time_zone, next_ms) !== known_ms) {
      let change_ms = last_ms + HOUR_MS;
      while (offsetAt(time_zone, change_ms) === known_ms) change_ms += HOUR_MS;
      offsets.push({ from_ms: change_ms, offset_ms: offsetAt(time_zone, change_ms) });
    }
    last_ms = next_ms;
  }
  return offsets;
}

/** How far a zone's clocks are ahead of UTC, at a whole hour. */
function offsetAt(time_zone: string, at_ms: number): number {
  let format = hours_by_zone.get(time_zone);
  if (!format) {
    format = new Intl.DateTimeFormat("sv-SE", {
      timeZone: time_zone,
      dateStyle: "short",
      timeStyle: "medium",
    });
    hours_by_zone.set(time_zone, format);
  }
  return Date.parse(`${format.format(at_ms).replace(" ", "T")}Z`) - at_ms;
}

/** The day that is so many days after another one. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T12:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** All days from one to another, both included. */
export function daysBetween(first: string, last: string): string[] {
  const days: string[] = [];
  for (let day = first; day <= last; day = addDays(day, 1)) days.push(day);
  return days;
}

/** Whether a text is a day of the calendar, such as `2026-02-28`. */
export function isDay(text: string): boolean {
  if (!DAY.test(text)) return false;
  const at_ms = Date.parse(`${text}T12:00:00Z`);
  return !Number.isNaN(at_ms) && new Date(at_ms).toISOString().startsWith(text);
}
