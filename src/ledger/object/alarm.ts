import { MINUTE_MS, SECOND_MS } from "../../units/duration";

/** An alarm this much later than needed is left as it is: setting an earlier one delays the commit and costs a row. */
const SLACK_MS = 30 * SECOND_MS;

/** An alarm in the past by this much was lost by the platform and must be set again. */
const LOST_AFTER_MS = MINUTE_MS;

/**
 * The object's one alarm, for expiry and projection together. Knows when it is set, so that asking for it costs
 * nothing while it is early enough.
 */
export class ObjectAlarm {
  private at_ms: number | null = null;

  constructor(private readonly ctx: DurableObjectState) {}

  /** Reads the alarm that an earlier life of the object has set; one that stands still counts as none. */
  async read(now_ms: number): Promise<void> {
    this.at_ms = await this.ctx.storage.getAlarm();
    this.clearIfLost(now_ms);
  }

  get isSet(): boolean {
    return this.at_ms !== null;
  }

  /**
   * The alarm is ringing: the platform has none any more. Answers when it was due: the earlier of what the platform
   * and this object say, since an object that was away may have set its alarm anew before the old one rang.
   */
  fired(scheduled_ms: number | undefined, now_ms: number): number {
    const due_ms = Math.min(this.at_ms ?? now_ms, scheduled_ms ?? now_ms);
    this.at_ms = null;
    return due_ms;
  }

  clearIfLost(now_ms: number): void {
    if (this.at_ms !== null && this.at_ms < now_ms - LOST_AFTER_MS) this.at_ms = null;
  }

  /** Makes sure that the alarm rings at about `at_ms` or before. Commits together with what was just written. */
  scheduleBy(at_ms: number): void {
    if (this.at_ms !== null && this.at_ms <= at_ms + SLACK_MS) return;
    this.at_ms = at_ms;
    this.ctx.waitUntil(this.ctx.storage.setAlarm(at_ms));
  }
}
