import type { Book, Decision } from "./book";
import { decideAnswered } from "./calls/answered";
import { decideAuthorize } from "./calls/authorize";
import type { KnownCall } from "./calls/call";
import type { CallAnswer, CallCommand } from "./calls/commands";
import { decideCorrect } from "./calls/correct";
import { ratedByReport } from "./calls/rated-by-report";
import { decideRenew } from "./calls/renew";
import { decideSettle } from "./calls/settle";
import { decideTakeOver, placedCallOf } from "./calls/take-over";
import { decideVoid } from "./calls/void";
import type { EarlierUse } from "./entry-keys";
import { noSuchRate } from "./refusals";

/**
 * The ledger's answer to what a node says of a call, and what is written for it. Each command has its file in calls/ (settle has
 * three: a first report, a repeated one, and one of a call that was never authorized).
 * Pure: the same book, call and command always give the same decision. `earlier` is the use of the command's own key (of a
 * correction) before.
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
