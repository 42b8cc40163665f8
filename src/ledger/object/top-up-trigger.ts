import { MINUTE_MS } from "../../units/duration";
import { log } from "../../units/log";
import type { TopUpClaim } from "../core/credit/auto-top-up";
import type { ObjectAlarm } from "./alarm";
import type { LedgerMemory } from "./memory";

const FIRST_COOLDOWN_MS = MINUTE_MS;
const MAX_COOLDOWN_MS = 30 * MINUTE_MS;

/**
 * Sets the Worker going when credit was claimed, and again, ever more seldom, while the claim stands: whatever is lost
 * on the way, somebody comes back to it.
 */
export class TopUpTrigger {
  private purchase_id: string | undefined;
  private tries = 0;
  private next_at_ms = 0;

  constructor(
    private readonly ctx: DurableObjectState,
    private readonly state: LedgerMemory,
    private readonly object_alarm: ObjectAlarm,
  ) {}

  /** Starts what is claimed, unless that was done a short while ago, and sees to it that the alarm asks again. */
  start(): void {
    const { claim } = this.state.top_up;
    if (!claim) return;
    if (claim.purchase_id !== this.purchase_id) {
      this.purchase_id = claim.purchase_id;
      this.tries = 0;
      this.next_at_ms = 0;
    }
    const now_ms = Date.now();
    if (now_ms >= this.next_at_ms) {
      this.next_at_ms = now_ms + Math.min(MAX_COOLDOWN_MS, FIRST_COOLDOWN_MS * 2 ** this.tries);
      this.tries += 1;
      this.ctx.waitUntil(this.run(claim));
    }
    this.object_alarm.scheduleBy(this.next_at_ms);
  }

  private async run(claim: TopUpClaim): Promise<void> {
    const { organization_id } = this.state.profile;
    try {
      // Nothing may be bought on a claim that a crash could still take back.
      await this.ctx.storage.sync();
      await this.ctx.exports.TopUpDriver.drive(organization_id, claim);
    } catch (error) {
      const { purchase_id } = claim;
      const detail = { organization_id, purchase_id, error: String(error) };
      log.error("auto_top_up_unfinished", detail);
    }
  }
}
