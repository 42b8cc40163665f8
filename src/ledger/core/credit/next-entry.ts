import type { Book } from "../book";
import type { Entry } from "./entry";

/** What a decision says of an entry; its place and its sums follow from the book. */
export interface EntryDraft extends Pick<Entry, "kind" | "amount_micros" | "call_id" | "key" | "reason"> {
  /** Billable seconds that the entry adds to its month's count; below 0 where a correction takes some away. */
  month_seconds: number;
}

/** The entry that a decision on this book posts next: the only place where one is numbered and added up. */
export function nextEntry(book: Book, { month_seconds, ...draft }: EntryDraft): Entry {
  const { kind, amount_micros, call_id, key, reason } = draft;
  return {
    seq: book.next_seq,
    epoch: book.epoch,
    kind,
    amount_micros,
    balance_after_micros: book.posted_micros + amount_micros,
    month_seconds_after: book.month_seconds + month_seconds,
    call_id,
    key,
    reason,
    posted_at_ms: book.now_ms,
  };
}

/** The book that an entry leaves to the next one of the same decision. */
export function bookAfter(book: Book, entry: Entry): Book {
  return {
    ...book,
    posted_micros: entry.balance_after_micros,
    remaining_micros: book.remaining_micros + entry.amount_micros,
    month_seconds: entry.month_seconds_after,
    next_seq: entry.seq + 1,
  };
}
