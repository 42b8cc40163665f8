import type { SimulatedClock } from "./clock.ts";
import type { Grant, NodeApi } from "./node-api.ts";
import type { PlannedCall } from "./planned-calls.ts";
import { feeMicros, type Receipt, type Receipts } from "./receipts.ts";

/** A call that ended: how long it was, and how much of that the credit was good for. */
interface Ended {
  duration_ms: number;
  granted_ms: number;
  end_reason: string;
}

/** Less than the two seconds that a timer may be late for free. */
const LATEST_TIMER_MS = 1_900;
const LATE_REPORT_MS = 90_000;

/** A telephony node that obeys its grants. Its calls run on the simulated clock, its requests are real. */
export class Node {
  private readonly clock: SimulatedClock;
  private readonly api: NodeApi;
  private readonly receipts: Receipts;

  constructor(clock: SimulatedClock, api: NodeApi, receipts: Receipts) {
    this.clock = clock;
    this.api = api;
    this.receipts = receipts;
  }

  /** Plays one call from its first request to its last. */
  async play(call: PlannedCall): Promise<void> {
    this.receipts[call.direction] += 1;
    if (call.report === "unannounced") return this.playUnannounced(call);
    const grant = await this.admit(call);
    if (!grant) return;
    this.receipts.live += 1;
    this.receipts.most_live = Math.max(this.receipts.most_live, this.receipts.live);
    const answered_at_ms = call.begins_at_ms + call.rings_ms;
    await this.clock.until(answered_at_ms);
    if (call.talks_ms > 0) await this.talkAndSettle(call, grant.call_id, answered_at_ms);
    else {
      await this.api.say(call, grant.call_id, "void", { end_reason: "no_answer" });
      this.receipts.unanswered += 1;
    }
    this.receipts.live -= 1;
  }

  /** Asks whether the call may start; for an outbound one the customer asks first. */
  private async admit(call: PlannedCall): Promise<Grant | null> {
    const { receipts } = this;
    const call_id = call.direction === "outbound" ? await this.api.place(call) : this.api.ownCallId(call);
    const decision = call_id === null ? null : await this.api.authorize(call, call_id);
    if (decision?.decision === "allow") {
      receipts.rejected_in_a_row = 0;
      return decision;
    }
    receipts.rejected += 1;
    // Credit that our own calls hold may come back; what others hold is not waited for.
    const may_come_back = decision?.reason === "credit_in_use" && receipts.live > 0;
    receipts.rejected_in_a_row = may_come_back ? 0 : receipts.rejected_in_a_row + 1;
    return null;
  }

  private async talkAndSettle(call: PlannedCall, call_id: string, answered_at_ms: number): Promise<void> {
    const first = await this.api.say<Grant>(call, call_id, "answered", {});
    const ended = await this.talk(call, first, answered_at_ms);
    await this.clock.until(answered_at_ms + ended.duration_ms);
    if (call.report === "late") {
      await this.clock.until(answered_at_ms + ended.duration_ms + LATE_REPORT_MS);
      this.receipts.late += 1;
    }
    if (ended.end_reason === "credit_exhausted") this.receipts.cut_off += 1;
    await this.settle(call, call_id, ended);
  }

  /** Lets the call run, asks for more whenever it is time, and ends it where the credit ends. */
  private async talk(call: PlannedCall, first: Grant, answered_at_ms: number): Promise<Ended> {
    let grant = first;
    for (let request_number = 1; ; request_number++) {
      const elapsed_seconds = grant.renew_before_seconds;
      if (call.talks_ms <= elapsed_seconds * 1_000) return hangUp(call, grant);
      await this.clock.until(answered_at_ms + elapsed_seconds * 1_000);
      const llm = platformLlmMicros(call, elapsed_seconds * 1_000);
      const costs = llm === null ? {} : { provider_cost_micros: llm };
      const words = { request_number, elapsed_seconds, ...costs };
      const renewed = await this.api.say<Grant>(call, grant.call_id, "renew", words);
      if (renewed.final_unit && renewed.granted_seconds === grant.granted_seconds)
        return hangUp(call, renewed);
      grant = renewed;
    }
  }

  private async settle(call: PlannedCall, call_id: string, ended: Ended): Promise<void> {
    const { duration_ms, granted_ms, end_reason } = ended;
    // The model falls silent with the quota, even when the timer is late.
    const counted_ms = Math.min(duration_ms, granted_ms);
    const llm = llmMicros(call, counted_ms);
    const provider_costs = llm === null ? [] : [{ service: "llm", cost_micros: llm }];
    const words = { duration_ms, end_reason, provider_costs };
    const receipt = await this.api.say<Receipt>(call, call_id, "settle", words);
    const charged_llm = platformLlmMicros(call, counted_ms) ?? 0;
    this.receipts.add(receipt, feeMicros(counted_ms, receipt.rate) + charged_llm);
    const corrected_ms = counted_ms + call.corrected_by_ms;
    if (call.corrected_by_ms === 0 || corrected_ms <= 0) return;
    const correction = { correction_id: "cdr", duration_ms: corrected_ms, reason: "The switch counted less" };
    const corrected = await this.api.say<Receipt>(call, call_id, "correct", correction);
    this.receipts.add(corrected, feeMicros(corrected_ms, corrected.rate) + charged_llm);
    this.receipts.corrected += 1;
  }

  /** A call through an outage: the node could ask nobody, and tells of it when it is over. */
  private async playUnannounced(call: PlannedCall): Promise<void> {
    const { direction, from, to, byok, talks_ms: duration_ms } = call;
    await this.clock.until(call.begins_at_ms + call.rings_ms + duration_ms);
    const ended_at = new Date().toISOString();
    const words = { direction, from, to, byok, duration_ms, ended_at, end_reason: "caller_hangup" };
    const receipt = await this.api.say<Receipt>(call, this.api.ownCallId(call), "settle", words);
    this.receipts.add(receipt, feeMicros(duration_ms, receipt.rate));
    this.receipts.unannounced += 1;
  }
}

/** The people end the call, or the node does where the grant ends, a little late as timers are. */
function hangUp({ talks_ms, random }: PlannedCall, { granted_seconds }: Grant): Ended {
  const granted_ms = granted_seconds * 1_000;
  const end_reason = talks_ms > granted_ms ? "credit_exhausted" : "caller_hangup";
  const duration_ms = Math.min(talks_ms, granted_ms + Math.floor(random() * LATEST_TIMER_MS));
  return { duration_ms, granted_ms, end_reason };
}

function llmMicros({ llm_micros_per_minute }: PlannedCall, duration_ms: number): number | null {
  return llm_micros_per_minute && Math.floor((llm_micros_per_minute * duration_ms) / 60_000);
}

/** What the model costs when the platform pays for it: charged with the call. */
function platformLlmMicros(call: PlannedCall, duration_ms: number): number | null {
  return call.byok.includes("llm") ? null : llmMicros(call, duration_ms);
}
