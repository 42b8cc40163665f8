import { z } from "zod";
import { DAY_MS } from "../duration";
import { isLocalHost } from "../public-url";

/** An instant at which a year begins, near enough to now for the time zones of today. */
const RECENT_MS = Date.parse("2026-01-01T00:00:00Z");

/** A whole number within bounds, both included. Written without quotes in wrangler.toml, it comes as a number. */
export function wholeNumber(min: number, max: number, standard: number) {
  return numberSetting(standard, min, max, (name) => {
    return `${name} is malformed: it is a whole number from ${min} to ${max}.`;
  });
}

/** A whole number with a lower bound only. */
export function wholeNumberFrom(min: number, standard: number) {
  return numberSetting(standard, min, Number.MAX_SAFE_INTEGER, (name, text) => {
    return `The setting ${name} must be a whole number from ${min} on, not ${text}.`;
  });
}

/** `wrong` is what an operator reads, given the setting's name and what it says. */
function numberSetting(
  standard: number,
  min: number,
  max: number,
  wrong: (name: string, text: string) => string,
) {
  const read = (text: unknown) => (text === undefined || text === "" ? standard : Number(text));
  const isFit = (value: number) => Number.isInteger(value) && value >= min && value <= max;
  return z
    .unknown()
    .optional()
    .refine((text) => isFit(read(text)), {
      error: ({ path, input }) => wrong(String(path?.at(-1)), String(input)),
    })
    .transform(read);
}

/** Parts with commas between, without the spaces around them. */
export function commaSeparated() {
  return z
    .string()
    .default("")
    .transform((text) => text.split(",").map((part) => part.trim()));
}

/** Host names with commas between, in small letters. */
export function hostNames() {
  return commaSeparated().transform((hosts) =>
    hosts.map((host) => host.toLowerCase()).filter((host) => host !== ""),
  );
}

/** Different codes with commas between, each of the form that `pattern` says. */
export function codes(pattern: RegExp, wrong: string) {
  return commaSeparated()
    .transform((texts) => texts.filter((text) => text !== ""))
    .refine((texts) => texts.every((text) => pattern.test(text)), wrong)
    .transform((texts): ReadonlySet<string> => new Set(texts));
}

/** An address, as text; empty when it is missing. */
export function emptyOrUrl(wrong: string) {
  return z
    .string()
    .default("")
    .refine((text) => text === "" || URL.canParse(text), wrong);
}

/** Whether what is sent to this URL is safe from eavesdroppers: https, or http to this machine itself. */
export function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === "https:" || (url.protocol === "http:" && isLocalHost(url));
}

/** The same, without a user and a password in it. */
export function isAddressWithoutPassword(text: string): boolean {
  return isAddress(text) && !new URL(text).username && !new URL(text).password;
}

/** The same, without a path. */
export function isHost(text: string): boolean {
  return isAddress(text) && new URL(text).pathname === "/";
}

/** Marks a setting as a secret: it belongs to `wrangler secret put`, never into a file that is kept with the code. */
export function secret<Schema extends z.ZodType>(schema: Schema): Schema {
  return schema.meta({ is_secret: true });
}

/**
 * Whether a text names a time zone whose clocks are whole quarter hours from UTC, in both halves of a year: usage is counted by
 * the quarter hour. All zones that are in use are.
 */
export function isQuarterHoursFromUtc(zone: string): boolean {
  try {
    const format = new Intl.DateTimeFormat("en", { timeZone: zone, minute: "numeric" });
    return [0, 182 * DAY_MS].every((at_ms) => Number(format.format(at_ms + RECENT_MS)) % 15 === 0);
  } catch {
    return false;
  }
}
