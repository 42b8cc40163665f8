import { liftsAbove, type TopUpRequest } from "../../../purchases/auto-top-up/configure";
import { refuseAmount } from "../../../purchases/start-checkout";
import { centsToMicros, MAX_AMOUNT_MICROS } from "../../../units/money";
import type { PageContext } from "../../context";
import {
  amountIn,
  hundredthsOf,
  numberTrouble,
  plainAmount,
  unitsOf,
  type WrittenNumber,
  wholeNumberIn,
} from "../../format/amounts";
import { autoTopUpWords } from "./words";

const MAX_RUNWAY_MINUTES = 7 * 24 * 60;
const MAX_TIMES_A_DAY = 10;
const MAX_CAP_CENTS = 1_000_000_000;

/** What the form asks for, null when something is wrong with it. The bounds are those of the API. */
export function parseSettings(
  c: PageContext,
  fields: Record<string, string>,
): { asked: TopUpRequest | null; errors: Record<string, string> } {
  const { format } = c.var;
  const { language } = format;
  const t = autoTopUpWords[language].wrong;
  const { when, threshold = "", amount = "", per_day = "", cap = "" } = fields;
  const limit = when === "runway" ? wholeNumberIn(threshold, language) : amountIn(threshold, language);
  const bought = amountIn(amount, language);
  const times = wholeNumberIn(per_day, language);
  const most = amountIn(cap, language);
  const limits = limitOf(when, limit);
  const net_cents = hundredthsOf(bought);
  const max_per_day = unitsOf(times);
  const cap_cents = hundredthsOf(most);
  const is_sold = net_cents !== null && refuseAmount(c.env, net_cents) === null;
  const lifts = !limits || net_cents === null || liftsAbove({ ...limits, net_cents });
  const times_fit = max_per_day !== null && max_per_day >= 1 && max_per_day <= MAX_TIMES_A_DAY;
  const cap_fits = cap_cents !== null && cap_cents >= (net_cents ?? 1) && cap_cents <= MAX_CAP_CENTS;
  const limit_kind = when === "runway" ? "number" : "euros";
  const errors = {
    ...(limits ? {} : { threshold: numberTrouble(limit, format, t.threshold, limit_kind) }),
    ...(is_sold
      ? lifts
        ? {}
        : { amount: t.amount_below }
      : { amount: numberTrouble(bought, format, t.amount) }),
    ...(times_fit ? {} : { per_day: numberTrouble(times, format, t.per_day, "number") }),
    ...(cap_fits ? {} : { cap: numberTrouble(most, format, t.cap) }),
    ...(fields.consent === "yes" ? {} : { consent: t.consent }),
  };
  if (!limits || !is_sold || !times_fit || !cap_fits || Object.keys(errors).length > 0)
    return { asked: null, errors };
  return { asked: { ...limits, net_cents, max_per_day, monthly_cap_cents: cap_cents }, errors };
}

/** The fields by which the form asks for the same, whatever language it is read in. */
export function fieldsOf({
  threshold_micros,
  runway_minutes,
  net_cents,
  max_per_day,
  monthly_cap_cents,
}: TopUpRequest): Record<string, string> {
  return {
    when: threshold_micros === null ? "runway" : "euros",
    threshold: threshold_micros === null ? String(runway_minutes) : plainAmount(threshold_micros / 10_000),
    amount: plainAmount(net_cents),
    per_day: String(max_per_day),
    cap: plainAmount(monthly_cap_cents),
    consent: "yes",
  };
}

function limitOf(
  when: string | undefined,
  written: WrittenNumber,
): Pick<TopUpRequest, "threshold_micros" | "runway_minutes"> | null {
  if (when === "runway") {
    const runway_minutes = unitsOf(written);
    const fits = runway_minutes !== null && runway_minutes >= 1 && runway_minutes <= MAX_RUNWAY_MINUTES;
    return fits ? { threshold_micros: null, runway_minutes } : null;
  }
  const cents = when === "euros" ? hundredthsOf(written) : null;
  return cents !== null && cents >= 1 && centsToMicros(cents) <= MAX_AMOUNT_MICROS
    ? { threshold_micros: centsToMicros(cents), runway_minutes: null }
    : null;
}
