import type { Language } from "../../access/portal-sessions";
import { LANGUAGES } from "../../access/portal-sessions";
import { MICROS_PER_UNIT } from "../../units/money";

/** Numbers, money and times as people of a language read them, in one time zone. */
export class Format {
  private readonly locale: string;

  private constructor(
    readonly language: Language,
    readonly time_zone: string,
  ) {
    this.locale = LOCALES[language];
  }

  /** Making formatters is slow: one for each language and zone serves the isolate. */
  static of(language: Language, time_zone: string): Format {
    const key = `${language} ${time_zone}`;
    const known = formats.get(key);
    if (known) return known;
    const made = new Format(language, time_zone);
    formats.set(key, made);
    return made;
  }

  /** EUR 1,234.50: credit in whole cents, rounded down so that nobody is shown what is not there. */
  money(micros: number): string {
    return this.euros(2, 2).format(Math.floor(micros / 10_000) / 100);
  }

  /** EUR 1,234.50: what is owed, rounded up. */
  debt(micros: number): string {
    return this.cents(Math.ceil(micros / 10_000));
  }

  /** EUR 1,234.50: what was spent, to the nearest cent. */
  spent(micros: number): string {
    return this.euros(2, 2).format(Math.round(micros / 10_000) / 100);
  }

  /** EUR 0.0967: up to six decimals where they are needed, never fewer than two. For single calls. */
  exactMoney(micros: number): string {
    return this.euros(2, 6).format(micros / MICROS_PER_UNIT);
  }

  cents(cents: number): string {
    return this.euros(2, 2).format(cents / 100);
  }

  number(value: number, decimals = 0): string {
    return this.cached(
      `n${decimals}`,
      () => new Intl.NumberFormat(this.locale, { maximumFractionDigits: decimals }),
    ).format(value);
  }

  /** 21 becomes 21 %. */
  percent(value: number): string {
    return this.cached(
      "p",
      () => new Intl.NumberFormat(this.locale, { style: "percent", maximumFractionDigits: 2 }),
    ).format(value / 100);
  }

  /** 24 Nov 2026, 14:05. */
  dateTime(at_ms: number): string {
    return this.times("dt", { dateStyle: "medium", timeStyle: "short" }).format(at_ms);
  }

  /** 24 Nov 2026, 14:05:09. */
  exactTime(at_ms: number): string {
    return this.times("xt", { dateStyle: "medium", timeStyle: "medium" }).format(at_ms);
  }

  date(at_ms: number): string {
    return this.times("d", { dateStyle: "medium" }).format(at_ms);
  }

  /** Mon 24 Nov, of a day such as `2026-11-24`. */
  weekday(day: string): string {
    return this.cached(
      "w",
      () =>
        new Intl.DateTimeFormat(this.locale, {
          weekday: "short",
          day: "numeric",
          month: "short",
          timeZone: "UTC",
        }),
    ).format(new Date(`${day}T00:00:00Z`));
  }

  /** November 2026, of a month such as `2026-11`. */
  month(month: string): string {
    return this.cached(
      "m",
      () => new Intl.DateTimeFormat(this.locale, { month: "long", year: "numeric", timeZone: "UTC" }),
    ).format(new Date(`${month}-01T00:00:00Z`));
  }

  /** 1:05:09 or 1:05: hours only when there are some. */
  duration(seconds: number): string {
    const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
    const [hours = 0, minutes = 0, rest = 0] = parts;
    const two = (value: number) => String(value).padStart(2, "0");
    return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
  }

  /** The short name of the zone at an instant, such as CET. */
  zoneName(at_ms: number): string {
    const parts = this.times("z", { timeZoneName: "short" }).formatToParts(at_ms);
    return parts.find(({ type }) => type === "timeZoneName")?.value ?? this.time_zone;
  }

  /** The name of a country in this language, its code when it has none. */
  country(code: string): string {
    return this.cached("c", () => new Intl.DisplayNames(this.locale, { type: "region" })).of(code) ?? code;
  }

  private euros(least: number, most: number): Intl.NumberFormat {
    return this.cached(
      `e${most}`,
      () =>
        new Intl.NumberFormat(this.locale, {
          style: "currency",
          currency: "EUR",
          minimumFractionDigits: least,
          maximumFractionDigits: most,
        }),
    );
  }

  private times(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    return this.cached(
      name,
      () => new Intl.DateTimeFormat(this.locale, { ...options, timeZone: this.time_zone }),
    );
  }

  private readonly made = new Map<string, unknown>();

  private cached<Formatter>(name: string, make: () => Formatter): Formatter {
    const known = this.made.get(name);
    if (known) return known as Formatter;
    const made = make();
    this.made.set(name, made);
    return made;
  }
}

const LOCALES: Record<Language, string> = { en: "en-GB", nl: "nl-NL", de: "de-DE" };
const formats = new Map<string, Format>();

/** The first language of an Accept-Language header that there are words in. */
export function preferredLanguage(header: string | undefined): Language {
  const asked = (header ?? "").split(",").map((part) => {
    const [tag = "", ...parameters] = part.trim().split(";");
    const q = parameters.find((parameter) => parameter.trim().startsWith("q="));
    return { primary: tag.split("-")[0]?.toLowerCase(), weight: q ? Number(q.trim().slice(2)) : 1 };
  });
  asked.sort((a, b) => b.weight - a.weight);
  for (const { primary } of asked) {
    const found = LANGUAGES.find((language) => language === primary);
    if (found) return found;
  }
  return "en";
}
