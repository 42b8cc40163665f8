import { type Country, callingCodeOf, countriesOf, isNumberedCountry } from "../numbers/calling-codes";
import { type NumberingPlan, type ReadNumber, readNumber } from "../numbers/read-number";

/** A call for help is not kept waiting for stores and ledgers that do not answer: then it is allowed without them. */
export const HELP_PATIENCE_MS = 1_000;

/** Who calls whom from where, as far as it says whether the call is for help. */
interface Outgoing {
  direction?: unknown;
  from?: unknown;
  to?: unknown;
  number?: unknown;
}

/** How an organization's numbers are read: in its own country, else in the operator's. */
export function planOf(operators: NumberingPlan, country: string | null | undefined): NumberingPlan {
  return country && isNumberedCountry(country) ? { ...operators, countries: [country] } : operators;
}

/** The plan of a caller of whom nothing is known: a number that is for help anywhere may be. */
export function planOfAnywhere(operators: NumberingPlan): NumberingPlan {
  return { ...operators, countries: [] };
}

/**
 * Whether a call goes to an emergency service: of the plan's countries, or of that of the number which it comes from.
 * Inbound calls never do.
 */
export function isForHelp(call: Outgoing, plan: NumberingPlan): boolean {
  const { direction, to } = call;
  if (direction !== "outbound" || typeof to !== "string") return false;
  return readCalled({ ...call, direction, to }, plan).kind === "emergency";
}

/** Who is called: where the caller's number is of another country than the plan, its emergency numbers count, too. */
export function readCalled(
  { direction, from, to, number }: Outgoing & { to: string },
  plan: NumberingPlan,
): ReadNumber {
  const here = readNumber(to, plan);
  const is_certain = here.kind === "e164" || here.kind === "emergency" || plan.countries.length === 0;
  if (direction !== "outbound" || is_certain) return here;
  const countries = [...plan.countries, ...countriesOfNumber(number ?? from, plan)];
  const there = readNumber(to, { ...plan, countries });
  return there.kind === "emergency" ? there : here;
}

function countriesOfNumber(text: unknown, plan: NumberingPlan): readonly Country[] {
  if (typeof text !== "string") return [];
  const { kind, normalized } = readNumber(text, plan);
  return kind === "e164" ? countriesOf(callingCodeOf(normalized.slice(1)) ?? "") : [];
}
