import { DAY_MS, HOUR_MS, QUARTER_MS } from "../../units/duration";

/** Of this millennium: what is earlier, or later, is a slip of the pen, and `Date` writes far years otherwise. */
const DAY = /^2\d{3}-\d{2}-\d{2}$/;
const by_zone = new Map<string, Intl.DateTimeFormat>();

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

/** When a day begins in a time zone: at a whole quarter hour, as in every zone there is. */
export function startOfDay(time_zone: string, day: string): number {
  const noon_ms = Date.parse(`${day}T12:00:00Z`);
  // Before the earliest and after the latest that it may be.
  let [before_ms, at_ms] = [noon_ms - 28 * HOUR_MS, noon_ms + 15 * HOUR_MS];
  while (at_ms - before_ms > QUARTER_MS) {
    const quarters = Math.floor((at_ms - before_ms) / QUARTER_MS / 2);
    const middle_ms = before_ms + quarters * QUARTER_MS;
    if (dayIn(time_zone, middle_ms) >= day) at_ms = middle_ms;
    else before_ms = middle_ms;
  }
  return at_ms;
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
