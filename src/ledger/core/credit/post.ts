import { MAX_AMOUNT_MICROS } from "../../../units/money";
import type { Book, Decision } from "../book";
import type { EarlierUse } from "../entry-keys";
import { conflict, invalid } from "../refusals";
import type { Post, PostAnswer } from "./commands";
import { nextEntry } from "./next-entry";

/**
 * Posts credit that is not a call's, once per key: a repeat answers the entry that was posted first.
 * Refuses with `idempotency_conflict` (the key with other content) and `invalid` when the balance would no longer be exact.
 */
export function decidePost(book: Book, command: Post, earlier: EarlierUse | undefined): Decision<PostAnswer> {
  const fingerprint = JSON.stringify([command.kind, command.amount_micros, command.reason]);
  if (earlier)
    return earlier.fingerprint === fingerprint
      ? { answer: earlier.answer as PostAnswer }
      : { answer: conflict("Idempotency-Key") };
  const entry = nextEntry(book, { ...command, call_id: null, month_seconds: 0 });
  if (Math.abs(entry.balance_after_micros) > MAX_AMOUNT_MICROS)
    return { answer: invalid("amount_micros", "The balance would leave the range that is counted exactly.") };
  const answer: PostAnswer = { outcome: "posted", entry };
  return { answer, changes: { entry, key: { key: command.key, fingerprint, answer } } };
}
