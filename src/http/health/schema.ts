import { z } from "zod";

/** The service runs. */
export const healthSchema = z.strictObject({ status: z.literal("ok") });
