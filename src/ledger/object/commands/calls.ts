import type { AuditFact } from "../../../units/audit-fact";
import { HOUR_MS } from "../../../units/duration";
import { log } from "../../../units/log";
import type { Book } from "../../core/book";
import { decideAcceptParked } from "../../core/calls/accept-parked";
import type { KnownCall, LiveCall } from "../../core/calls/call";
import type { CallAnswer, CallCommand, Place } from "../../core/calls/commands";
import { type LiveAsked, type LivePage, livePage } from "../../core/calls/live-page";
import { authorizeOf } from "../../core/calls/placed-call";
import { decideCall } from "../../core/decide";
import { correctionKey, type EarlierUse } from "../../core/entry-keys";
import { InvariantViolated } from "../../core/invariants";
import { notFound } from "../../core/refusals";
import type { LedgerDecision } from "../../store/changes";
import type { StoppedCall } from "../../store/stopped-calls";
import type { Components } from "../components";
import type { LedgerEngine } from "../engine";
import { type AfterCall, nodeCalls } from "../node-calls";
import { RejectedCallLimit } from "../rejected-call-limit";
import { excusedOf } from "../verify";
import { failed } from "../violations";

/** A call that the ledger knows. */
export interface KnownId {
  call_id: string;
  is_live: boolean;
}

/** How far a ledger had written when it was asked: the last entry and the last notice of an epoch. */
export interface WrittenUpTo {
  epoch: number;
  entry_seq: number;
  notice_seq: number;
}

/** A call as the ledger knows it, and which calls it no longer keeps. */
export interface KnownOrLeft {
  outcome: "call";
  known: KnownCall;
  some_left: boolean;
  left_until_ms: number | null;
}

/** What nodes, customers and operators say of calls, and what is known of them. */
export class CallCommands {
  readonly #engine: LedgerEngine;
  readonly #open: Components;
  readonly #rejected_call_limit = new RejectedCallLimit();

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

  /** Takes what nodes say about calls, in order. Each command stands alone: one that fails undoes no other. */
  answer(commands: readonly CallCommand[]): CallAnswer[] {
    return commands.map((command) => {
      try {
        return this.#decide(command);
      } catch (error) {
        if (error instanceof InvariantViolated)
          this.#engine.violations.report(this.#open, error.violation, { operation: command.op, command });
        else log.error("command_failed", { op: command.op, error });
        return failed();
      }
    });
  }

  /**
   * An operator accepts a call that was parked, or has the report of a call written that an invariant has stopped: once, and in
   * spite of that. Any other call answers its receipt.
   */
  release(call_id: string, fact?: AuditFact): CallAnswer {
    const stopped = this.#store.stopped.get(call_id);
    return this.#engine.violations.unlessStopped(this.#open, "release", () =>
      stopped?.released_at_ms === null
        ? this.#releaseStopped(stopped, fact)
        : this.#acceptParked(call_id, fact),
    );
  }

  #acceptParked(call_id: string, asked_by?: AuditFact): CallAnswer {
    const state = this.#memory;
    return this.#engine.transact(state, (book) => decideAcceptParked(book, state.known(call_id)), {
      asked_by,
    });
  }

  /** Writes a stopped report, and what of it does not add up, for `verify`. Without effect where the call has ended meanwhile. */
  #releaseStopped(stopped: StoppedCall, asked_by?: AuditFact): CallAnswer {
    const { call_id, command } = stopped;
    const state = this.#memory;
    const released = { ...stopped, released_at_ms: state.clock.now_ms };
    const decide = (book: Book): LedgerDecision<CallAnswer> => {
      const decision = decideCall(book, state.known(call_id), command, undefined);
      return decision.answer.outcome === "receipt" ? decision : { answer: decision.answer };
    };
    const answer = this.#engine.transact(state, decide, { released, asked_by });
    const now = this.#store.stopped.get(call_id);
    if (now && now.released_at_ms !== null)
      this.#engine.commit({ stopped: { ...now, excused: excusedOf(this.#store, now) } });
    // The node's repeat came through before: nothing waits for an operator any more.
    else if (now && state.known(call_id).state === "resolved") {
      this.#engine.commit({ no_longer_stopped: call_id, asked_by });
      return this.#acceptParked(call_id, asked_by);
    }
    return answer;
  }

  /** Live calls, the newest first, or a page of them where one is asked for; and up to where others are over. */
  calls(asked?: LiveAsked): { outcome: "calls"; written: WrittenUpTo } & LivePage {
    const { epoch, last_entry, last_resolution_seq, live } = this.#memory;
    const written = { epoch, entry_seq: last_entry?.seq ?? 0, notice_seq: last_resolution_seq };
    const all: LiveAsked = { order: "newest", after: null, offset: 0, limit: live.size };
    return { outcome: "calls", ...livePage(live.values(), asked ?? all), written };
  }

  /** Live calls of a node, the oldest first, from the one that follows `after`. */
  nodeCalls(
    node: string,
    after: AfterCall | null,
    limit: number,
  ): { outcome: "node_calls"; live: LiveCall[]; has_more: boolean } {
    return { outcome: "node_calls", ...nodeCalls(this.#memory.live.values(), node, after, limit) };
  }

  /** `some_left`: a call that is unknown here may be one that is no longer kept, which was resolved by `left_until_ms`. */
  call(call_id: string): KnownOrLeft {
    const { archived_until_ms: left_until_ms } = this.#memory;
    const known = this.#memory.known(call_id);
    return { outcome: "call", known, some_left: left_until_ms !== null, left_until_ms };
  }

  /** Which of these calls it knows, and how they stand. */
  knownCalls(call_ids: readonly string[]): { outcome: "known"; known: KnownId[] } {
    const known = call_ids.flatMap((call_id): KnownId[] => {
      if (this.#memory.live.has(call_id)) return [{ call_id, is_live: true }];
      return this.#store.hasResolved(call_id) ? [{ call_id, is_live: false }] : [];
    });
    return { outcome: "known", known };
  }

  /**
   * Holds credit for a call that a customer asks for, from one of its own numbers. Where there is
   * nobody to dial it, `only_ask`: answers what it would be answered, and holds and writes nothing.
   */
  place(call: Place, only_ask: boolean): CallAnswer {
    const state = this.#memory;
    const known = state.known(call.call_id);
    const command = authorizeOf(state.numbers, known, call);
    if ("outcome" in command) return command;
    const { now_ms } = state.clock;
    const is_new = known.state === "unknown";
    if (only_ask || (is_new && !this.#rejected_call_limit.hasRoom(now_ms))) {
      const { answer } = decideCall(state.book(now_ms, this.#engine.settings), known, command, undefined);
      if (only_ask || answer.outcome === "rejected") return answer;
    }
    const answer = this.answer([command])[0] ?? notFound();
    if (is_new && answer.outcome === "rejected") this.#rejected_call_limit.count();
    return answer;
  }

  #decide(command: CallCommand): CallAnswer {
    const state = this.#memory;
    if (command.op === "authorize" && command.rate_name === "voice" && command.standard_rate)
      this.#engine.rememberStandardRate(this.#open, command.standard_rate);
    const earlier: EarlierUse | undefined =
      command.op === "correct"
        ? this.#store.earlierUse(correctionKey(command.call_id, command.correction_id))
        : undefined;
    const unauthorized_calls =
      command.op === "settle" && command.unauthorized
        ? this.#store.unauthorizedCalls(command.edge_key_id, Math.floor(state.clock.now_ms / HOUR_MS))
        : 0;
    return this.#engine.transact(
      state,
      (book) => decideCall(book, state.known(command.call_id), command, earlier),
      { unauthorized_calls },
    );
  }
}
