import { z } from "zod";
import { SEAL_CHARACTERS } from "../../units/seal";

/** What is said of any other text. */
export const WRONG_CURSOR =
  "Must be the next_cursor of an earlier page of this list, asked for with the same filters.";

/** Longer than any of ours, and short enough for an address. */
const MAX_CURSOR = 12_000;

/** The parameter by which a list goes on. */
export const cursorQuery = z
  .string()
  .regex(new RegExp(`^[A-Za-z0-9_-]{${SEAL_CHARACTERS + 2},}$`), WRONG_CURSOR)
  .max(MAX_CURSOR, WRONG_CURSOR)
  .optional()
  .meta({ description: "`next_cursor` of the page before. Opaque, and of this list with the same filters." });

/** Where the next page begins, in an answer. */
export const nextCursor = z
  .string()
  .nullable()
  .meta({ id: "NextCursor", description: "For the next page, null on the last one." });
