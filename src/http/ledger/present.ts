import type { z } from "zod";
import type { Entry } from "../../ledger/core/credit/entry";
import { isoTime } from "../../units/duration";
import { CURRENCY } from "../../units/money";
import type { AppContext } from "../context";
import { writeCursor } from "../cursor";
import type { entrySchema } from "./schema";

/** An entry of the ledger as the API shows it, in micro-euros. */
export function entryBody(entry: Entry): z.input<typeof entrySchema> {
  return {
    id: `${entry.epoch}-${entry.seq}`,
    seq: entry.seq,
    epoch: entry.epoch,
    kind: entry.kind,
    amount_micros: entry.amount_micros,
    balance_after_micros: entry.balance_after_micros,
    currency: CURRENCY,
    call_id: entry.call_id,
    key: entry.key,
    reason: entry.reason,
    created_at: isoTime(entry.posted_at_ms),
  };
}

/** A page of entries with the way to the next one. */
export async function entryPageBody(
  c: AppContext,
  page: { entries: Entry[]; next_before_seq: number | null },
) {
  const { next_before_seq } = page;
  return {
    entries: page.entries.map(entryBody),
    has_more: next_before_seq !== null,
    next_cursor: next_before_seq === null ? null : await writeCursor(c, next_before_seq),
  };
}
