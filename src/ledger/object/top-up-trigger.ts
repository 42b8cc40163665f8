import type { ObjectAlarm } from "../../runtime/alarm";
import { within } from "../../runtime/deadline";
import { Relay } from "../../runtime/relay";
import { MINUTE_MS } from "../../units/duration";
import { log } from "../../units/log";
import type { TopUpClaim } from "../core/credit/auto-top-up";
import type { LedgerMemory } from "./memory";

const FIRST_RETRY_MS = MINUTE_MS;
const MAX_RETRY_MS = 30 * MINUTE_MS;

/** A Worker that has not come back by then was lost. */
const RUN_DEADLINE_MS = MINUTE_MS;

/**
 * Has the Worker buy the credit that was claimed, and again, less and less often, while the claim stands: whatever is lost
 * on the way, the claim is taken up again.
 */
export class TopUpTrigger {
  readonly #relay: Relay;
  #purchase_id: string | undefined;

  constructor(
    private readonly ctx: DurableObjectState,
    private readonly state: LedgerMemory,
    private readonly alarm: ObjectAlarm,
  ) {
    this.#relay = new Relay({
      run: () => this.runClaims(),
      logFailure: (error) => this.#logFailure(error),
      retryBy: (at_ms) => this.alarm.scheduleBy(at_ms),
      first_retry_ms: FIRST_RETRY_MS,
      max_retry_ms: MAX_RETRY_MS,
      // At its time exactly: the alarm is set for that, and one that rings sooner would find nothing due.
      conditions: { nowMs: () => Date.now(), wait: (ms) => scheduler.wait(ms), random: () => 0.5 },
    });
  }

  /** Starts what is claimed, unless a run is under way or the time to try it again has not come. */
  start(): void {
    const { claim } = this.state.top_up;
    if (!claim) return;
    if (claim.purchase_id !== this.#purchase_id) this.#relay.reset();
    this.#purchase_id = claim.purchase_id;
    this.ctx.waitUntil(this.#relay.runWhenDue());
  }

  /** Answers whether no claim stands afterwards. One that is made during the run is started, too. */
  private async runClaims(): Promise<boolean> {
    for (let claim = this.state.top_up.claim, tried = ""; claim; claim = this.state.top_up.claim) {
      if (claim.purchase_id === tried) return false;
      tried = claim.purchase_id;
      // When the object is away before this comes to something.
      this.alarm.scheduleBy(Date.now() + FIRST_RETRY_MS);
      // Nothing may be bought on a claim that a crash could still undo.
      await this.ctx.storage.sync();
      await this.buy(claim).catch((error) => {
        // What fails after its credit was posted must not hold up the next claim.
        if (this.state.top_up.claim?.purchase_id === claim.purchase_id) throw error;
        this.#logFailure(error);
      });
    }
    return true;
  }

  #logFailure(error: unknown): void {
    const { organization_id } = this.state.profile;
    const purchase_id = this.#purchase_id;
    log.error("auto_top_up_unfinished", { organization_id, purchase_id, error });
  }

  private buy(claim: TopUpClaim): Promise<unknown> {
    const { organization_id } = this.state.profile;
    const drive = async () => this.ctx.exports.TopUpDriver.drive(organization_id, claim);
    return within(RUN_DEADLINE_MS, drive, () => new Error("The purchase was not made in time."));
  }
}
