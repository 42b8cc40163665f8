import { MINUTE_MS } from "../units/duration";

/** An alarm that is this long past was lost by the platform and must be set again. */
const LOST_AFTER_MS = MINUTE_MS;

/** What an alarm needs of the object that it belongs to. */
interface AlarmContext {
  storage: Pick<DurableObjectStorage, "getAlarm" | "setAlarm">;
  waitUntil(promise: Promise<unknown>): void;
}

/**
 * The one alarm of a Durable Object, for all that it has to do later. It knows when the alarm is set, so that asking for one
 * that is early enough costs nothing.
 */
export class ObjectAlarm {
  readonly #ctx: AlarmContext;
  readonly #slack_ms: number;
  #at_ms: number | null = null;

  /**
   * `slack_ms`: an alarm that is this much later than needed is left as it is, because setting an earlier one delays the
   * commit and costs a row.
   */
  constructor(ctx: AlarmContext, slack_ms = 0) {
    this.#ctx = ctx;
    this.#slack_ms = slack_ms;
  }

  /** Reads the alarm that an earlier instance of the object has set; one that was lost counts as none. */
  async read(now_ms: number): Promise<void> {
    this.#at_ms = await this.#ctx.storage.getAlarm();
    this.clearIfLost(now_ms);
  }

  get isSet(): boolean {
    return this.#at_ms !== null;
  }

  /**
   * To be called first by the handler of the alarm: from now on the platform has none. Answers when it was due: the earlier
   * of what the platform and this object say, since an object that was away may have set its alarm again before the old one
   * fired.
   */
  fired(scheduled_ms: number | undefined, now_ms: number): number {
    const due_ms = Math.min(this.#at_ms ?? now_ms, scheduled_ms ?? now_ms);
    this.#at_ms = null;
    return due_ms;
  }

  /** Forgets an alarm that the platform has lost, so that the next `scheduleBy` sets it again. */
  clearIfLost(now_ms: number): void {
    if (this.#at_ms !== null && this.#at_ms < now_ms - LOST_AFTER_MS) this.#at_ms = null;
  }

  /** Makes sure that the alarm fires at about `at_ms` or before. Commits together with what was just written. */
  scheduleBy(at_ms: number): void {
    if (this.#at_ms !== null && this.#at_ms <= at_ms + this.#slack_ms) return;
    this.#at_ms = at_ms;
    this.#ctx.waitUntil(this.#ctx.storage.setAlarm(at_ms));
  }
}
