import { MINUTE_MS } from "../../units/duration";
import type { Book } from "../core/book";
import type { LiveCall } from "../core/calls/call";
import { decideExpiry, decidePostponement } from "../core/calls/expire";
import { InvariantViolated } from "../core/invariants";
import type { LedgerDecision } from "../store/changes";
import type { Components } from "./components";
import type { LedgerMemory } from "./memory";
import type { Violations } from "./violations";

/** Holds that expire in one turn, so that calls never wait long for an alarm. */
const EXPIRY_BATCH_SIZE = 250;

/** How long a hold waits after an invariant stopped its expiry, before expiry is tried again. */
const STOPPED_EXPIRY_DELAY_MS = 5 * MINUTE_MS;

/** What expiry asks of the engine. */
interface Engine {
  transact(state: LedgerMemory, decide: (book: Book) => LedgerDecision<unknown>): unknown;
  violations: Pick<Violations, "report">;
}

/** Resolves the holds of calls whose node has fallen silent. */
export class Expiry {
  readonly #engine: Engine;
  /** Calls whose expiry was stopped, and when it is tried again. */
  readonly #stopped_until_ms = new Map<string, number>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Resolves, or postpones once when the alarm came late, a batch of the holds that are due. Answers whether more may be
   * due. Does nothing while the ledger's clock stands still, because nodes that renew in time would look late.
   */
  expireBatch(open: Components, is_late: boolean): boolean {
    const { clock, live } = open.state;
    if (clock.behind_ms > 0) return false;
    const { now_ms } = clock;
    for (const call_id of this.#stopped_until_ms.keys())
      if (!live.has(call_id)) this.#stopped_until_ms.delete(call_id);
    let count = 0;
    for (const call of live.values()) {
      if (this.atMs(call) > now_ms) continue;
      this.#expire(open, call, is_late && !call.postponed);
      if (++count === EXPIRY_BATCH_SIZE) return true;
    }
    return false;
  }

  /** When the call's hold expires, in ms since 1970, or is tried again to. */
  atMs({ call_id, expires_at_ms }: LiveCall): number {
    if (this.#stopped_until_ms.size === 0) return expires_at_ms;
    return Math.max(expires_at_ms, this.#stopped_until_ms.get(call_id) ?? 0);
  }

  /** One that is stopped by an invariant holds up no other, and is tried again later. */
  #expire(open: Components, call: LiveCall, is_postponed: boolean): void {
    const { state } = open;
    try {
      if (is_postponed) this.#engine.transact(state, (book) => decidePostponement(book, call));
      else this.#engine.transact(state, (book) => decideExpiry(book, call));
      this.#stopped_until_ms.delete(call.call_id);
    } catch (error) {
      if (!(error instanceof InvariantViolated)) throw error;
      this.#stopped_until_ms.set(call.call_id, state.clock.now_ms + STOPPED_EXPIRY_DELAY_MS);
      this.#engine.violations.report(open, error.violation, { operation: "expire" });
    }
  }
}
