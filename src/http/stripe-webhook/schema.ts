import { z } from "zod";

export const receivedSchema = z.strictObject({
  received: z.literal(true),
  outcome: z.enum(["processed", "ignored"]),
});
