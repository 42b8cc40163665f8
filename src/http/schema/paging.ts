import { z } from "zod";

export const nextCursor = z
  .string()
  .nullable()
  .meta({ description: "For the next page, null on the last one." });
