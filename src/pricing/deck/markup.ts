import { z } from "zod";
import { divideHalfUp } from "../../units/money";
import { type Tariff, tariffOf } from "./row";

/** A hundredth of a percent is a basis point; 10,000 of them are the price itself. */
const WHOLE = 10_000;

/** A markup takes at most the whole price away, and adds at most ten times the price. */
const [LEAST, MOST] = [-WHOLE, 10 * WHOLE];

/** A markup as it is stated: 250 is 2.5 % dearer, -1,000 is 10 % cheaper. */
export const markupBasisPoints = z
  .int()
  .min(LEAST)
  .max(MOST)
  .meta({
    description:
      "Hundredths of a percent on top of the price and the connection fee; below 0 for a discount.",
    examples: [250],
  });

/**
 * The tariff with a markup on its price and its connection fee, each rounded half up to the micro; seconds stay as they are.
 *
 * @throws RangeError for what `markupBasisPoints` does not take
 */
export function withMarkup(tariff: Tariff, basis_points: number): Tariff {
  if (!Number.isInteger(basis_points) || basis_points < LEAST || basis_points > MOST)
    throw new RangeError(`A markup is ${LEAST} to ${MOST} basis points, not ${basis_points}.`);
  const marked = (micros: number) => divideHalfUp(micros * (WHOLE + basis_points), WHOLE);
  return tariffOf({
    ...tariff,
    price_micros_per_minute: marked(tariff.price_micros_per_minute),
    connection_fee_micros: marked(tariff.connection_fee_micros ?? 0),
    free_seconds: tariff.free_seconds ?? 0,
  });
}
