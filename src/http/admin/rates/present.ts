import type { z } from "zod";
import type { DatedRate } from "../../../ledger/core/credit/rating";
import { isoTime } from "../../../units/duration";
import { rateBody } from "../../calls/present";
import type { AppContext } from "../../context";
import { pageOf, readCursor, timedPlace } from "../../cursor";
import type { datedRateSchema, ratesSchema } from "./schema";

/** The page that is asked for, of all versions in the order in which they come into force. */
export async function ratePageBody(
  c: AppContext,
  rates: readonly DatedRate[],
  limit: number,
): Promise<z.input<typeof ratesSchema>> {
  const place = await readCursor(c, timedPlace);
  const after = place && { effective_from_ms: place[0], name: place[1] };
  const rest = rates.filter((rate) => after === null || byForce(after, rate) < 0).toSorted(byForce);
  const placeOf = ({ effective_from_ms, name }: DatedRate) => [effective_from_ms, name];
  const { page, next_cursor } = await pageOf(c, rest, limit, placeOf);
  return { rates: page.map(datedRateBody), next_cursor };
}

function byForce(one: Pick<DatedRate, "effective_from_ms" | "name">, other: typeof one): number {
  if (one.effective_from_ms !== other.effective_from_ms)
    return one.effective_from_ms - other.effective_from_ms;
  return one.name < other.name ? -1 : Number(one.name > other.name);
}

/** A version of a rate as the API shows it. */
export function datedRateBody(rate: DatedRate): z.input<typeof datedRateSchema> {
  return { ...rateBody(rate), effective_from: isoTime(rate.effective_from_ms) };
}
