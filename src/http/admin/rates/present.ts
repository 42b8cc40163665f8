import type { z } from "zod";
import type { DatedRate } from "../../../ledger/core/credit/rating";
import { isoTime } from "../../../units/duration";
import { rateBody } from "../../calls/present";
import type { datedRateSchema } from "./schema";

/** A version of a rate as the API shows it. */
export function datedRateBody(rate: DatedRate): z.input<typeof datedRateSchema> {
  return { ...rateBody(rate), effective_from: isoTime(rate.effective_from_ms) };
}
