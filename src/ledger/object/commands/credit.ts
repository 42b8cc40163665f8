import type { AuditFact } from "../../../units/audit-fact";
import type { Book } from "../../core/book";
import { changedOnly } from "../../core/credit/auto-top-up";
import { topUpAfterPost } from "../../core/credit/auto-top-up-transitions";
import type { Post, PostAnswer, ReverseCredit, ReverseCreditAnswer } from "../../core/credit/commands";
import type { Entry } from "../../core/credit/entry";
import { decidePost } from "../../core/credit/post";
import { decideReversals } from "../../core/credit/reverse-credit";
import type { LedgerDecision } from "../../store/changes";
import type { Components } from "../components";
import type { LedgerEngine } from "../engine";

/** Entries, the newest first, and where the next page begins; null on the last one. */
export interface EntryPage {
  outcome: "entries";
  entries: Entry[];
  next_before_seq: number | null;
}

/** What changes credit that is no call's, and what was posted of it. */
export class CreditCommands {
  readonly #engine: LedgerEngine;
  readonly #open: Components;

  constructor(engine: LedgerEngine, open: Components) {
    this.#engine = engine;
    this.#open = open;
  }

  get #memory() {
    return this.#open.state;
  }

  get #store() {
    return this.#engine.store;
  }

  /** Posts credit that is not a call's, once per key. `fact`: the row of the audit that says who asked for it. */
  post(command: Post, fact?: AuditFact): PostAnswer {
    return this.#engine.violations.unlessStopped(this.#open, "post", () => this.#posted(command, fact));
  }

  /** Takes the credit of refunds and disputes, or gives it back, as is known of them now; see `decideReversals`. */
  takeBack(command: ReverseCredit): ReverseCreditAnswer {
    return this.#engine.violations.unlessStopped(this.#open, "take_back", () => this.#reversed(command));
  }

  /** What was posted under each of these keys and those numbered after it; keys without entries are left out. */
  postedAmounts(keys: readonly string[]): {
    outcome: "amounts";
    posted: { key: string; amount_micros: number }[];
  } {
    const posted = keys.map((key) => ({ key, ...this.#store.postedUnder(key) }));
    return { outcome: "amounts", posted: posted.filter(({ count }) => count > 0) };
  }

  /** Entries, the newest first. */
  entries({ before_seq, limit }: { before_seq: number | null; limit: number }): EntryPage {
    const entries = this.#store.entriesBefore(before_seq ?? Number.MAX_SAFE_INTEGER, limit);
    const last = entries.at(-1);
    const is_oldest = !last || last.seq === 1 || last.kind === "checkpoint";
    return { outcome: "entries", entries, next_before_seq: is_oldest ? null : last.seq };
  }

  #posted(command: Post, asked_by?: AuditFact): PostAnswer {
    const decide = (book: Book): LedgerDecision<PostAnswer> => {
      const { answer, changes } = decidePost(book, command, this.#store.earlierUse(command.key));
      const { top_up: before } = this.#memory;
      const after = topUpAfterPost(before, command, this.#memory.topUpNeed(book.now_ms));
      const top_up = changedOnly(before, after);
      return { answer, changes: changes && { ...changes, top_up } };
    };
    return this.#engine.transact(this.#memory, decide, { asked_by });
  }

  #reversed(command: ReverseCredit): ReverseCreditAnswer {
    return this.#engine.transact(this.#memory, (book) => {
      const known = this.#store.reversals(command.purchase.id);
      const decided = decideReversals(book, command, known, (key) => this.#store.postedUnder(key));
      const { answer, changes, more, posts } = decided;
      const { top_up: before } = this.#memory;
      const need = this.#memory.topUpNeed(book.now_ms);
      const after = posts.reduce((facts, post) => topUpAfterPost(facts, post, need), before);
      return { answer, changes: changes && { ...changes, top_up: changedOnly(before, after) }, more };
    });
  }
}
