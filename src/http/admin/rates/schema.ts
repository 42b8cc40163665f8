import { z } from "zod";
import { increments, instant, priceMicrosPerMinute, queryInteger, timestamp } from "../../schema/amounts";
import { cursorQuery, nextCursor } from "../../schema/cursor";
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
    connection_fee_micros: z
      .int()
      .min(0)
      .max(1_000_000_000)
      .optional()
      .meta({ description: "Charged once for an answered call. 0 when left out." }),
    free_seconds: z
      .int()
      .min(0)
      .max(3_600)
      .optional()
      .meta({ description: "The first seconds of each call, which cost nothing. 0 when left out." }),
    effective_from: timestamp.optional(),
  })
  .meta({
    id: "NewRate",
    examples: [
      { price_micros_per_minute: 70_000, increments: "60/60", effective_from: "2027-01-01T00:00:00Z" },
    ],
  });

/** A version of a rate, in micro-euros a minute. */
export const datedRateSchema = rateSchema
  .extend({ effective_from: instant("From when it is in force") })
  .meta({ id: "DatedRate" });

/** A page of the versions of all rates of a card. */
export const ratesSchema = z
  .strictObject({ rates: z.array(datedRateSchema), next_cursor: nextCursor })
  .meta({ id: "Rates" });

/** Which part of the versions is asked for. */
export const listQuery = z.strictObject({
  limit: queryInteger({ min: 1, max: 1_000, default: 1_000, description: "Versions in a page." }),
  cursor: cursorQuery,
});
