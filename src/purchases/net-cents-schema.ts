import { z } from "zod";

/** Credit in cents before VAT, as any request may state it; what this deployment sells is for `refuseAmount` to say. */
export const netCents = z
  .int()
  .min(1)
  .max(100_000_000)
  .meta({ description: "Credit to buy, in cents before VAT.", examples: [5_000] });
