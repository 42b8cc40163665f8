import { z } from "zod";

/** Where the next page begins, in an answer. */
export const nextCursor = z
  .string()
  .nullable()
  .meta({ description: "For the next page, null on the last one." });
