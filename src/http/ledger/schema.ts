import { z } from "zod";
import { CURRENCY } from "../../units/money";
import { currency, instant, integer, moneyMicros, queryInteger } from "../schema/amounts";
import { cursorQuery, nextCursor } from "../schema/cursor";
import { callId, EXAMPLE_CALL_ID } from "../schema/names";

/** One posted change of the balance, in micro-euros. */
export const entrySchema = z
  .strictObject({
    id: z.string().meta({ description: "Unique for ever: epoch and seq.", examples: ["1-42"] }),
    seq: integer("Position in the ledger"),
    epoch: integer("Generation of the ledger"),
    kind: z.enum([
      "purchase",
      "promotion",
      "call",
      "refund",
      "dispute",
      "adjustment",
      "correction",
      "expiry",
      "checkpoint",
    ]),
    amount_micros: moneyMicros("The change of the balance"),
    balance_after_micros: moneyMicros("The posted balance after it"),
    currency,
    call_id: callId.nullable(),
    key: z.string().nullable().meta({ description: "The id under which the entry was posted." }),
    reason: z.string().nullable(),
    created_at: instant("When it was posted"),
  })
  .meta({
    id: "Entry",
    description: "One posted change of the balance.",
    examples: [
      {
        id: "1-42",
        seq: 42,
        epoch: 1,
        kind: "call",
        amount_micros: -98_000,
        balance_after_micros: 34_902_000,
        currency: CURRENCY,
        call_id: EXAMPLE_CALL_ID,
        key: null,
        reason: null,
        created_at: "2026-11-23T09:42:23.511Z",
      },
    ],
  });

/** Which part of the ledger is asked for. */
export const ledgerQuery = z.strictObject({
  limit: queryInteger({ min: 1, max: 1_000, default: 100, description: "Entries in a page." }),
  cursor: cursorQuery,
});

/** Where a page of entries ends. */
export const entryPlace = z.int().min(1);

/** A page of entries. */
export const entryPageSchema = z
  .strictObject({
    entries: z.array(entrySchema),
    has_more: z.boolean(),
    next_cursor: nextCursor,
  })
  .meta({ id: "EntryPage" });
