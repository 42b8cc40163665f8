import { z } from "zod";
import { ApiError } from "./errors";

const WRONG = "Must be the next_cursor of an earlier page.";

/** Longer than any of ours, and short enough for an address. */
const MAX_CURSOR = 12_000;

/** The parameter of lists that are paged by opaque text. */
export const cursorQuery = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/, WRONG)
  .max(MAX_CURSOR, WRONG)
  .optional()
  .meta({ description: "`next_cursor` of the page before. Goes without `offset`." });

/** Where the next page begins. */
export const nextCursor = z
  .string()
  .nullable()
  .meta({ description: "For the next page, null on the last one." });

/** A value as text for an address, opaque to whoever gets it. */
export function encodeCursor(value: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** What a cursor says, undefined when there is none. Refuses text that is none of ours. */
export function decodeCursor<S extends z.ZodType>(
  schema: S,
  text: string | undefined,
): z.output<S> | undefined {
  if (text === undefined) return undefined;
  const decoded = schema.safeParse(parsed(text));
  if (!decoded.success) throw new ApiError("invalid_request", WRONG, "cursor");
  return decoded.data;
}

function parsed(text: string): unknown {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) =>
      each.charCodeAt(0),
    );
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** Refuses a page that is asked for in two ways. */
export function refuseTwoStarts({ cursor, offset }: { cursor?: string; offset?: string }): void {
  if (cursor === undefined || offset === undefined) return;
  throw new ApiError("invalid_request", "Say either cursor or offset.", "cursor");
}

/** A call in a list, as a cursor names it: when it began and its id; without an id, all of that instant come after it. */
export const placeSchema = z
  .tuple([z.int().min(0).max(8.64e15), z.string().max(128)])
  .transform(([started_at_ms, call_id]) => ({ started_at_ms, call_id }));
