import { refuseAmount } from "../billing/purchases";
import type { AskedTopUp } from "../billing/top-up-settings";
import { centsToMicros, MAX_AMOUNT_MICROS } from "../units/money";
import { centsIn, wholeNumberIn } from "./amounts";
import type { PageContext } from "./context";
import { autoTopUpWords } from "./words/auto-top-up";

const MAX_RUNWAY_MINUTES = 7 * 24 * 60;
const MAX_TIMES_A_DAY = 10;
const MAX_CAP_CENTS = 1_000_000_000;

/** What the form asks for, null when something is wrong with it. The bounds are those of the API. */
export function askedIn(
  c: PageContext,
  fields: Record<string, string>,
): { asked: AskedTopUp | null; errors: Record<string, string> } {
  const t = autoTopUpWords[c.var.format.language].wrong;
  const threshold = thresholdIn(fields);
  const net_cents = centsIn(fields.amount ?? "");
  const max_per_day = wholeNumberIn(fields.per_day ?? "");
  const cap_cents = centsIn(fields.cap ?? "");
  const is_sold = net_cents !== null && refuseAmount(c.env, net_cents) === null;
  const times_fit = max_per_day !== null && max_per_day >= 1 && max_per_day <= MAX_TIMES_A_DAY;
  const cap_fits = cap_cents !== null && cap_cents >= (net_cents ?? 1) && cap_cents <= MAX_CAP_CENTS;
  const errors = {
    ...(threshold ? {} : { threshold: t.threshold }),
    ...(is_sold ? {} : { amount: t.amount }),
    ...(times_fit ? {} : { per_day: t.per_day }),
    ...(cap_fits ? {} : { cap: t.cap }),
    ...(fields.consent === "yes" ? {} : { consent: t.consent }),
  };
  if (!threshold || !is_sold || !times_fit || !cap_fits || fields.consent !== "yes")
    return { asked: null, errors };
  return { asked: { ...threshold, net_cents, max_per_day, monthly_cap_cents: cap_cents }, errors };
}

function thresholdIn({
  when,
  threshold = "",
}: Record<string, string>): Pick<AskedTopUp, "threshold_micros" | "runway_minutes"> | null {
  if (when === "runway") {
    const runway_minutes = wholeNumberIn(threshold);
    const fits = runway_minutes !== null && runway_minutes >= 1 && runway_minutes <= MAX_RUNWAY_MINUTES;
    return fits ? { threshold_micros: null, runway_minutes } : null;
  }
  const cents = when === "euros" ? centsIn(threshold) : null;
  return cents !== null && cents >= 1 && centsToMicros(cents) <= MAX_AMOUNT_MICROS
    ? { threshold_micros: centsToMicros(cents), runway_minutes: null }
    : null;
}
