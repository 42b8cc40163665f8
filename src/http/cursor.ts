import { z } from "zod";
import { isSealed, SEAL_CHARACTERS, sealOf } from "../units/seal";
import type { AppContext } from "./context";
import { ApiError } from "./errors";
import { WRONG_CURSOR } from "./schema/cursor";

/** Parameters that may differ from one page of a list to the next. */
const OF_A_PAGE: ReadonlySet<string> = new Set(["cursor", "limit", "offset"]);

/**
 * Where this page begins, as the one before has told it; null on the first page.
 * @throws ApiError when it comes from another list, another organization's or with other filters, or from nowhere
 */
export async function readCursor<S extends z.ZodType>(c: AppContext, place: S): Promise<z.output<S> | null> {
  const text = c.req.query("cursor");
  if (text === undefined) return null;
  const packed = text.slice(0, -SEAL_CHARACTERS);
  const seal = text.slice(-SEAL_CHARACTERS);
  const is_ours = await isSealed("cursor", listOf(c) + packed, seal, c.var.settings.key_secrets);
  const read = is_ours ? place.safeParse(unpacked(packed)) : null;
  if (!read?.success) throw new ApiError("invalid_request", WRONG_CURSOR, "cursor");
  return read.data;
}

/** Where the next page of this list begins, as text for its address. Sealed, so that it cannot lead anywhere else. */
export async function writeCursor(c: AppContext, place: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(place));
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  const packed = text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return packed + (await sealOf("cursor", listOf(c) + packed, c.var.settings.key_secrets));
}

/** One page out of `limit + 1` rows: whether there are more, and where the next page begins. */
export async function pageOf<Row>(
  c: AppContext,
  rows: readonly Row[],
  limit: number,
  placeOf: (row: Row) => unknown,
): Promise<{ page: Row[]; has_more: boolean; next_cursor: string | null }> {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const has_more = rows.length > limit && last !== undefined;
  return { page, has_more, next_cursor: has_more ? await writeCursor(c, placeOf(last)) : null };
}

/** Refuses a page that is asked for in two ways. */
export function refuseTwoStarts(c: AppContext): void {
  const { cursor, offset } = c.req.query();
  if (cursor === undefined || offset === undefined) return;
  throw new ApiError("invalid_request", "Say either cursor or offset.", "cursor");
}

/** A list of rows that are in order of a time and then of their ids: where one of them stands. */
export const timedPlace = z.tuple([z.int().min(0).max(8.64e15), z.string().max(300)]);

/** A list of rows that are in order of their ids: where one of them stands. */
export const idPlace = z.string().max(300);

/** Which list is asked for, of whom and of what: its pages have that in common. */
function listOf(c: AppContext): string {
  const filters = Object.entries(c.req.query())
    .filter(([name]) => !OF_A_PAGE.has(name))
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([c.var.organization_id ?? null, c.req.path, filters]);
}

function unpacked(text: string): unknown {
  const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) =>
    each.charCodeAt(0),
  );
  return JSON.parse(new TextDecoder().decode(bytes));
}
