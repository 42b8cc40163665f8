import { z } from "zod";
import { increments, instant, priceMicrosPerMinute, timestamp } from "../../schema/amounts";
import { rateName } from "../../schema/names";
import { rateSchema } from "../../schema/rates";
import { organizationPath } from "../organizations/schema";

/** A rate of the operator's card. */
export const ratePath = z.strictObject({ name: rateName });

/** A rate of an organization's own. */
export const ownRatePath = organizationPath.extend({ name: rateName });

/** The terms of a rate; without `effective_from` from now on. */
export const newRate = z
  .strictObject({
    price_micros_per_minute: priceMicrosPerMinute,
    increments,
    minimum_seconds: z.int().min(0).max(3_600).optional().meta({ description: "0 when left out." }),
    effective_from: timestamp.optional(),
  })
  .meta({ id: "NewRate" });

/** A version of a rate, in micro-euros a minute. */
export const datedRateSchema = rateSchema
  .extend({ effective_from: instant("From when it is in force") })
  .meta({ id: "DatedRate" });

/** All versions of all rates of a card. */
export const ratesSchema = z.strictObject({ rates: z.array(datedRateSchema) }).meta({ id: "Rates" });
