import { z } from "zod";

/** The service runs. */
export const healthSchema = z.strictObject({
  status: z.literal("ok"),
  wrong_settings: z.array(z.string()).meta({
    description: "Names of settings that are wrong: what needs them does not work, calls do.",
    example: [],
  }),
});
