import { HOUR_MS } from "../../units/duration";
import { newId } from "../../units/id";
import { log } from "../../units/log";
import { refuse } from "../../units/refusal";
import type { NewEvent } from "../../webhooks/event-catalogue";
import type { CallCommand } from "../core/calls/commands";
import { InvariantViolated, type Violation } from "../core/invariants";
import type { LedgerStore } from "../store/ledger-store";
import type { StoppedCall } from "../store/stopped-calls";
import type { Components } from "./components";
import type { Commit } from "./memory";

/** Events of one ledger in an hour: a fault that stops every call is told of, and floods nobody. */
const MAX_EVENTS_AN_HOUR = 20;

/** Violations that are remembered, so that a node's repeats are not told of again. */
const MAX_REMEMBERED = 10_000;

/** What operators are told of violations: each of a call and an invariant once, and only so many an hour. Kept in memory. */
class ViolationLog {
  readonly #reported = new Set<string>();
  #hour = 0;
  #events_this_hour = 0;

  /** Logs the violation, and answers the event that operators are to be told, none when they were. */
  eventsOf(
    { invariant, call_id, detail }: Violation,
    { organization_id, operation, now_ms }: { organization_id: string; operation: string; now_ms: number },
  ): NewEvent[] {
    const data = { organization_id, call_id, operation, invariant, detail };
    log.error("invariant_violated", data);
    const name = JSON.stringify([invariant, call_id, operation]);
    const hour = Math.floor(now_ms / HOUR_MS);
    if (hour !== this.#hour) this.#events_this_hour = 0;
    this.#hour = hour;
    if (this.#reported.has(name) || this.#events_this_hour >= MAX_EVENTS_AN_HOUR) return [];
    if (this.#reported.size >= MAX_REMEMBERED) this.#reported.clear();
    this.#reported.add(name);
    this.#events_this_hour += 1;
    return [{ id: newId("evt"), type: "ops.invariant_violated", occurred_at_ms: now_ms, data }];
  }
}

/** What violations need of the engine. */
interface Engine {
  store: Pick<LedgerStore, "stopped">;
  commit: Commit;
  relaySoon(open: Components): void;
}

/** Commands that an invariant stopped: operators are told of them, and what a node reported of a call's end is kept. */
export class Violations {
  readonly #log = new ViolationLog();
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Answers what `work` does, or `failed` when an invariant stopped it. */
  unlessStopped<Answer>(
    open: Components,
    operation: string,
    work: () => Answer,
  ): Answer | ReturnType<typeof failed> {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof InvariantViolated)) throw error;
      this.report(open, error.violation, { operation });
      return failed();
    }
  }

  /** Tells operators what was stopped, and keeps a call's report for them to release. Never throws: calls go on. */
  report(
    open: Components,
    violation: Violation,
    { operation, command }: { operation: string; command?: CallCommand },
  ): void {
    const { clock, profile } = open.state;
    const { now_ms } = clock;
    const { organization_id } = profile;
    const { store, commit } = this.#engine;
    try {
      const events = this.#log.eventsOf(violation, { organization_id, operation, now_ms });
      const stopped = command && stoppedCall(command, violation, now_ms, store.stopped.get(command.call_id));
      if (events.length === 0 && !stopped) return;
      commit({ events, ...(stopped && { stopped }) });
      this.#engine.relaySoon(open);
    } catch (error) {
      log.error("violation_not_kept", { organization_id, error: String(error) });
    }
  }
}

/** The answer to a command that was stopped, or has failed for a reason of its own. */
export function failed() {
  return refuse("failed", { message: "The ledger could not carry this out." });
}

/**
 * What is kept of a command that was stopped: the report of a call's end, unless it is kept already or was released. What else
 * a node says it says again.
 */
function stoppedCall(
  command: CallCommand,
  { invariant, detail }: Violation,
  stopped_at_ms: number,
  known: StoppedCall | undefined,
): StoppedCall | undefined {
  if (command.op !== "settle" && command.op !== "void") return undefined;
  if (known && (known.released_at_ms !== null || JSON.stringify(known.command) === JSON.stringify(command)))
    return undefined;
  const { call_id } = command;
  return { call_id, command, invariant, detail, stopped_at_ms, released_at_ms: null, entry_seq: null };
}
