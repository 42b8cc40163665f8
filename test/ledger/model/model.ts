import type { CallCommand } from "../../../src/ledger/core/calls/commands";
import { type Expected, ModelBook } from "./book";
import type { ModelCall } from "./call";
import { correct, settle } from "./ends";
import { answered, authorize, expire, renew, voidCall } from "./life";

export type { Expected } from "./book";

/**
 * An independent model of one organization's ledger, written from the rules of the ledger and not from src/ledger:
 * slow, plain, and wrong in other ways than the real one.
 */
export class ModelLedger extends ModelBook {
  perform(command: CallCommand, now_ms: number): Expected {
    switch (command.op) {
      case "authorize":
        return authorize(this, command, now_ms);
      case "answered":
        return answered(this, command, now_ms);
      case "renew":
        return renew(this, command, now_ms);
      case "settle":
        return settle(this, command, now_ms);
      case "void":
        return voidCall(this, command, now_ms);
      case "correct":
        return correct(this, command, now_ms);
    }
  }

  expire(call: ModelCall, late: boolean, now_ms: number): void {
    expire(this, call, late, now_ms);
  }
}
