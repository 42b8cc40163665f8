import { z } from "zod";
import { increments, instant, priceMicrosPerMinute, timestamp } from "../../schema/amounts";
import { organizationId, rateName } from "../../schema/names";
import { rateSchema } from "../../schema/rates";

export const ratePath = z.strictObject({ name: rateName });
export const ownRatePath = z.strictObject({ id: organizationId, name: rateName });

export const newRate = z
  .strictObject({
    price_micros_per_minute: priceMicrosPerMinute,
    increments,
    minimum_seconds: z.int().min(0).max(3_600).optional().meta({ description: "0 when left out." }),
    effective_from: timestamp.optional(),
  })
  .meta({ id: "NewRate" });

export const datedRateSchema = rateSchema
  .extend({ effective_from: instant("From when it is in force") })
  .meta({ id: "DatedRate" });

export const ratesSchema = z.strictObject({ rates: z.array(datedRateSchema) }).meta({ id: "Rates" });
