import type { Book } from "../book";
import { applicableRate, type Rate } from "../credit/rating";
import type { RatedParties } from "./commands";

type Stated = Pick<RatedParties, "by_destination" | "rate_name" | "standard_rate">;

/** The name of the rate that decides where no price by destination does. */
export function chargedRateName({ by_destination, rate_name }: Omit<Stated, "standard_rate">): string {
  return by_destination?.rate_name ?? rate_name;
}

/**
 * The rate that a call is charged at, null when there is none of its name: the one by destination, else at `at_ms` the
 * organization's own of the name, else the operator's. A call that may not go where it is to go has one, too, for a node that lets
 * it go there all the same; with it stands where that is.
 */
export function callRate({ rates }: Pick<Book, "rates">, stated: Stated, at_ms: number): Rate | null {
  const { rate, blocked } = stated.by_destination ?? {};
  if (rate) return rate;
  const named = applicableRate(rates, chargedRateName(stated), at_ms, stated.standard_rate);
  return named && blocked ? { ...named, destination: blocked } : named;
}
