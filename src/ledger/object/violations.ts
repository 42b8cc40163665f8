import { HOUR_MS } from "../../units/duration";
import { newId } from "../../units/id";
import { log } from "../../units/log";
import { refuse } from "../../units/refusal";
import type { NewEvent } from "../../webhooks/event-catalogue";
import { eventIdOfHour } from "../../webhooks/event-id";
import type { CallCommand } from "../core/calls/commands";
import { InvariantViolated, type Standing, type Violation, violationOf } from "../core/invariants";
import type { NumberedChanges } from "../store/changes";
import type { LedgerStore } from "../store/ledger-store";
import { MAX_STOPPED_CALLS, type StoppedCall } from "../store/stopped-calls";
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

  /** Logs the violation, and answers the event for operators; null when they have had it, or enough this hour. */
  eventOf(
    violation: Violation,
    { organization_id, operation, now_ms }: { organization_id: string; operation: string; now_ms: number },
  ): NewEvent | null {
    const { invariant, call_id, detail } = violation;
    const data = { organization_id, call_id, operation, invariant, detail };
    log.error("invariant_violated", data);
    const is_full = hourOf(now_ms) === this.#hour && this.#events_this_hour >= MAX_EVENTS_AN_HOUR;
    if (is_full || this.#reported.has(nameOf(violation, operation))) return null;
    // An object may start many times in an hour with the same fault: operators recognise the repeat by its id.
    const id = operation === "start" ? eventIdOfHour(organization_id, now_ms) : newId("evt");
    return { id, type: "ops.invariant_violated", occurred_at_ms: now_ms, data };
  }

  /** The event was written: it counts, and is not made again. */
  markReported(violation: Violation, { operation, now_ms }: { operation: string; now_ms: number }): void {
    const hour = hourOf(now_ms);
    if (hour !== this.#hour) this.#events_this_hour = 0;
    this.#hour = hour;
    if (this.#reported.size >= MAX_REMEMBERED) this.#reported.clear();
    this.#reported.add(nameOf(violation, operation));
    this.#events_this_hour += 1;
  }
}

function hourOf(now_ms: number): number {
  return Math.floor(now_ms / HOUR_MS);
}

function nameOf({ invariant, call_id, key }: Violation, operation: string): string {
  return JSON.stringify([invariant, call_id ?? key, operation]);
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
      const event = this.#log.eventOf(violation, { organization_id, operation, now_ms });
      const stopped = command && stoppedCall(command, violation, now_ms, store.stopped.get(command.call_id));
      const is_kept = stopped && store.stopped.waiting().count < MAX_STOPPED_CALLS;
      if (!event && !is_kept) return;
      commit({ events: event ? [event] : [], ...(is_kept && { stopped }) });
      if (event) this.#log.markReported(violation, { operation, now_ms });
      this.#engine.relaySoon(open);
    } catch (error) {
      log.error("violation_not_kept", { organization_id, error });
    }
  }
}

/**
 * The changes of a stopped report as an operator has them written: its call gives back the hold that it has, and no other. Marked
 * as released where an invariant would still stop it; else it is an ordinary report, and waits no more.
 */
export function asReleased(
  all: readonly NumberedChanges[],
  released: StoppedCall,
  standing: Standing,
): NumberedChanges[] {
  const { call_id } = released;
  const own = all.find(({ resolved }) => resolved?.call_id === call_id);
  if (!own) return [...all];
  const mended = { ...own, closes_hold: standing.live(call_id) !== undefined };
  const is_violation = violationOf(standing, all) !== null;
  const mark = is_violation
    ? { stopped: { ...released, entry_seq: own.entry?.seq ?? null } }
    : { no_longer_stopped: call_id };
  return all.map((changes) => (changes === own ? { ...mended, ...mark } : changes));
}

/** The answer to a command that was stopped, or has failed for a reason of its own. */
export function failed() {
  return refuse("failed", { message: "The ledger could not carry this out." });
}

/**
 * What is kept of a command that was stopped: the report of a call's end, unless one is kept already. Anything else a node says
 * it says again.
 */
function stoppedCall(
  command: CallCommand,
  { invariant, detail, also }: Violation,
  stopped_at_ms: number,
  known: StoppedCall | undefined,
): StoppedCall | undefined {
  if (command.op !== "settle" && command.op !== "void") return undefined;
  const is_repeat = known && JSON.stringify(known.command) === JSON.stringify(command);
  // Of several reports the first counts, as it does where none is stopped.
  if (known && (known.released_at_ms === null || is_repeat)) return undefined;
  const { call_id } = command;
  return { call_id, command, invariant, detail, also, stopped_at_ms, released_at_ms: null, entry_seq: null };
}
