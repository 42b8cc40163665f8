import { MAX_AMOUNT_MICROS } from "../../units/money";
import type { Book, Decision } from "./book";
import { decideAnswered } from "./calls/answered";
import { decideAuthorize } from "./calls/authorize";
import type { KnownCall } from "./calls/call";
import type { CallAnswer, CallCommand } from "./calls/commands";
import { decideCorrect } from "./calls/correct";
import { decideRenew } from "./calls/renew";
import { decideSettle } from "./calls/settle";
import { decideTakeOver, placedCallOf, ratedByReport } from "./calls/take-over";
import { decideVoid } from "./calls/void";
import type { Post, PostAnswer } from "./credit/commands";
import { nextEntry } from "./credit/next-entry";
import { conflict, invalid, noSuchRate } from "./refusals";

/** What a key that was used before asked for and was answered. */
export interface EarlierUse {
  fingerprint: string;
  answer: unknown;
}

/**
 * What the ledger answers to a node's word about a call, and what it writes for that.
 * Pure: the same book, call and command always give the same decision.
 */
export function decideCall(
  book: Book,
  known: KnownCall,
  command: CallCommand,
  earlier: EarlierUse | undefined,
): Decision<CallAnswer> {
  switch (command.op) {
    case "authorize": {
      const taken_over = placedCallOf(known, command);
      return taken_over ? decideTakeOver(book, taken_over, command) : decideAuthorize(book, known, command);
    }
    case "answered":
      return decideAnswered(book, known, command);
    case "renew":
      return decideRenew(book, known, command);
    case "settle": {
      const rated = ratedByReport(book, known, command.unauthorized);
      return rated
        ? decideSettle(book, rated, command)
        : { answer: noSuchRate(command.unauthorized?.rate_name ?? "") };
    }
    case "void":
      return decideVoid(book, known, command);
    case "correct":
      return decideCorrect(book, known, command, earlier);
  }
}

/** Posts credit that is not a call's, once per key. */
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
