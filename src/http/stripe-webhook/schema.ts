import { z } from "zod";

/** What Stripe is answered when its event was taken. */
export const receivedSchema = z.strictObject({
  received: z.literal(true),
  outcome: z.enum(["processed", "ignored"]),
});
