import type {
  Answered,
  Authorize,
  CallCommand,
  Correct,
  Post,
  Renew,
  Settle,
  Void,
} from "../../src/ledger/commands";
import type { DatedRate, Rate } from "../../src/ledger/rating";
import { MAX_CALL_MS, MAX_REPORT_AGE_MS, OVERRUN_TOLERANCE_MS } from "../../src/ledger/settings";
import type { EntryKind, OrganizationState, RejectReason } from "../../src/ledger/types";
import { chargedProviderMicros, grantOf, type ModelCall, newCall, receiptOf } from "./model-call";
import { modelBillable, modelFee, modelHold, modelQuota, smallestGrant } from "./model-rating";

/**
 * An independent model of one organization's ledger, written from DESIGN sections 4 and 5 and not from src/ledger.
 * It keeps whole histories and adds them up each time: slow, plain, and wrong in other ways than the real one.
 */

const TOLERANCE_MS = 60_000;
const RING_MS = 180_000;
const SHORTEST_LIFE_MS = 10_000;
const UNAUTHORIZED_PER_HOUR = 1_000;
const HOUR_MS = 3_600_000;

export interface ModelEntry {
  seq: number;
  kind: EntryKind;
  amount_micros: number;
  call_id: string | null;
  key: string | null;
  at_ms: number;
  /** The calendar month in UTC, and the billable seconds that the entry adds to it. */
  month: string;
  month_seconds: number;
}

/** What the model says the ledger must answer; only the fields that stand here are compared. */
export type Expected = { outcome: string } & Record<string, unknown>;

function refused(code: string, more: Record<string, unknown> = {}): Expected {
  return { outcome: "refused", code, ...more };
}

function receipt(call: ModelCall): Expected {
  return { outcome: "receipt", receipt: receiptOf(call) };
}

function monthOf(at_ms: number): string {
  const date = new Date(at_ms);
  return `${date.getUTCFullYear()}-${date.getUTCMonth()}`;
}

/** One command, as text that is the same for the same content. */
function body(command: object): string {
  return JSON.stringify(Object.entries(command).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export class ModelLedger {
  state: OrganizationState = "active";
  readonly entries: ModelEntry[] = [];
  readonly calls = new Map<string, ModelCall>();
  private readonly rates: DatedRate[] = [];
  private readonly posts = new Map<string, { body: string; answer: Expected }>();
  private readonly corrections = new Map<string, { body: string; answer: Expected }>();
  private readonly unauthorized = new Map<string, number>();

  get posted_micros(): number {
    return this.entries.reduce((sum, entry) => sum + entry.amount_micros, 0);
  }

  get live(): ModelCall[] {
    return [...this.calls.values()].filter((call) => call.phase === "live");
  }

  get held_micros(): number {
    return this.live.reduce((sum, call) => sum + call.held_micros, 0);
  }

  get spendable_micros(): number {
    return this.posted_micros - this.held_micros;
  }

  /** The account as people are to see it. */
  account(now_ms: number) {
    const used = this.live.map(
      (call) =>
        modelFee(modelBillable(call.proof_of_life_seconds * 1_000, call.rate), call.rate) +
        (call.provider_cost_micros ?? 0),
    );
    return {
      state: this.state,
      posted_micros: this.posted_micros,
      held_micros: this.held_micros,
      spendable_micros: this.spendable_micros,
      remaining_micros: this.posted_micros - used.reduce((sum, micros) => sum + micros, 0),
      month_seconds: this.monthSeconds(now_ms),
      active_calls: this.live.length,
    };
  }

  monthSeconds(now_ms: number): number {
    const month = monthOf(now_ms);
    return this.entries
      .filter((entry) => entry.month === month)
      .reduce((sum, entry) => sum + entry.month_seconds, 0);
  }

  putRate(rate: DatedRate): void {
    const same = (other: DatedRate) =>
      other.name === rate.name && other.effective_from_ms === rate.effective_from_ms;
    const at = this.rates.findIndex(same);
    if (at >= 0) this.rates.splice(at, 1);
    this.rates.push(rate);
  }

  post(command: Post, now_ms: number): Expected {
    const earlier = this.posts.get(command.key);
    if (earlier) return earlier.body === body(command) ? earlier.answer : refused("idempotency_conflict");
    const { kind, amount_micros, key } = command;
    const { seq } = this.enter({ kind, amount_micros, key, call_id: null, month_seconds: 0 }, now_ms);
    const answer: Expected = {
      outcome: "posted",
      entry: {
        ...{ seq, kind, amount_micros, key, call_id: null, reason: command.reason },
        balance_after_micros: this.posted_micros,
        month_seconds_after: this.monthSeconds(now_ms),
        posted_at_ms: now_ms,
      },
    };
    this.posts.set(key, { body: body(command), answer });
    return answer;
  }

  perform(command: CallCommand, now_ms: number): Expected {
    switch (command.op) {
      case "authorize":
        return this.authorize(command, now_ms);
      case "answered":
        return this.answered(command, now_ms);
      case "renew":
        return this.renew(command, now_ms);
      case "settle":
        return this.settle(command, now_ms);
      case "void":
        return this.void(command, now_ms);
      case "correct":
        return this.correct(command, now_ms);
    }
  }

  private authorize(command: Authorize, now_ms: number): Expected {
    const known = this.calls.get(command.call_id);
    if (known) {
      const same =
        known.from === command.from && known.to === command.to && known.direction === command.direction;
      if (!same) return refused("idempotency_conflict");
      if (known.phase === "live") return { outcome: "granted", grant: grantOf(known) };
      if (known.phase === "rejected")
        return { outcome: "rejected", call_id: command.call_id, reason: known.reject_reason };
      return refused("call_already_settled", { receipt: receiptOf(known) });
    }
    const rate = this.rateAt(command.rate_name, command.standard_rate, now_ms);
    if (!rate) return refused("invalid", { param: "rate" });
    const call = newCall(command, rate, now_ms);
    const quota = modelQuota(call, this.spendable_micros, this.live.length);
    const reason = this.reasonToReject(call, quota.granted_seconds);
    if (reason) {
      Object.assign(call, {
        phase: "rejected",
        authorized: false,
        reject_reason: reason,
        end_reason: undefined,
      });
      Object.assign(call, { balance_before: this.posted_micros, balance_after: this.posted_micros });
      this.calls.set(call.call_id, call);
      return { outcome: "rejected", call_id: call.call_id, reason };
    }
    Object.assign(call, quota, { expires_at_ms: now_ms + RING_MS });
    this.calls.set(call.call_id, call);
    return { outcome: "granted", grant: grantOf(call) };
  }

  private reasonToReject(call: ModelCall, granted_seconds: number): RejectReason | null {
    if (this.state === "suspended") return "organization_suspended";
    if (this.state === "closed") return "organization_closed";
    if (granted_seconds > 0) return null;
    const smallest_hold = modelHold(call, smallestGrant(call.rate));
    return this.posted_micros >= smallest_hold ? "credit_in_use" : "insufficient_credits";
  }

  private answered(command: Answered, now_ms: number): Expected {
    const call = this.calls.get(command.call_id);
    if (!call) return refused("not_found");
    if (call.phase !== "live") return refused("call_already_settled", { receipt: receiptOf(call) });
    if (call.answered_at_ms === null) {
      const answered_at_ms = command.answered_at_ms ?? now_ms;
      if (answered_at_ms > now_ms + TOLERANCE_MS || answered_at_ms < call.started_at_ms - TOLERANCE_MS)
        return refused("invalid", { param: "answered_at" });
      call.answered_at_ms = answered_at_ms;
      call.expires_at_ms = now_ms + lifeMs(call);
      call.postponed = false;
    }
    return { outcome: "granted", grant: grantOf(call) };
  }

  private renew(command: Renew, now_ms: number): Expected {
    const call = this.calls.get(command.call_id);
    if (!call) return refused("not_found");
    if (call.phase !== "live") return refused("call_already_settled", { receipt: receiptOf(call) });
    if (command.request_number < call.request_number) return refused("stale_request");
    if (command.request_number === call.request_number)
      return call.renew_body === body(command)
        ? { outcome: "granted", grant: grantOf(call) }
        : refused("idempotency_conflict");
    if (tooLong(command.elapsed_seconds * 1_000, call.started_at_ms, now_ms))
      return refused("invalid", { param: "elapsed_seconds" });
    call.request_number = command.request_number;
    call.renew_body = body(command);
    this.hearElapsed(call, command, now_ms);
    const quota = modelQuota(call, this.spendable_micros, this.live.length);
    if (this.state !== "active") {
      quota.granted_seconds = call.granted_seconds;
      quota.held_micros = call.held_micros;
      quota.final_unit = true;
    }
    Object.assign(call, quota);
    call.expires_at_ms = now_ms + (call.answered_at_ms === null ? RING_MS : lifeMs(call));
    call.postponed = false;
    return { outcome: "granted", grant: grantOf(call) };
  }

  private hearElapsed(call: ModelCall, command: Renew, now_ms: number): void {
    if (command.elapsed_seconds > 0) call.answered_at_ms ??= now_ms - command.elapsed_seconds * 1_000;
    call.elapsed_seconds = Math.max(call.elapsed_seconds, command.elapsed_seconds);
    if (command.provider_cost_micros !== null)
      call.provider_cost_micros = Math.max(call.provider_cost_micros ?? 0, command.provider_cost_micros);
    const vouched = Math.floor((now_ms - call.started_at_ms + 5_000) / 1_000);
    call.proof_of_life_seconds = Math.max(
      call.proof_of_life_seconds,
      Math.min(call.elapsed_seconds, vouched),
    );
  }

  private settle(command: Settle, now_ms: number): Expected {
    const call = this.calls.get(command.call_id);
    if (!call) return this.settleUnknown(command, now_ms);
    const told = command.unauthorized;
    if (told && (told.from !== call.from || told.to !== call.to || told.direction !== call.direction))
      return refused("idempotency_conflict");
    const again = settleBody(command) === call.report_body;
    const reported = call.phase === "settled" || call.phase === "parked";
    if (reported && again) return { outcome: "receipt", receipt: call.first_receipt ?? receiptOf(call) };
    if (reported) return refused("call_already_settled", { receipt: receiptOf(call) });
    if (tooLong(command.duration_ms, call.started_at_ms, now_ms))
      return refused("invalid", { param: "duration_ms" });
    const earliest_ms = call.started_at_ms - TOLERANCE_MS;
    for (const [param, at_ms] of [
      ["answered_at", command.answered_at_ms],
      ["ended_at", command.ended_at_ms],
    ] as const)
      if (at_ms !== null && (at_ms < earliest_ms || at_ms > now_ms + TOLERANCE_MS))
        return refused("invalid", { param });
    const kind = call.phase === "live" ? "call" : "correction";
    Object.assign(call, {
      phase: "settled",
      end_reason: command.end_reason,
      ended_at_ms: command.ended_at_ms ?? now_ms,
      answered_at_ms: answerTime(call, command, now_ms),
      provider_costs: command.provider_costs,
      report_body: settleBody(command),
    });
    this.charge(call, kind, command.duration_ms, chargedProviderMicros(call, command.provider_costs), now_ms);
    call.first_receipt = receiptOf(call);
    return receipt(call);
  }

  private settleUnknown(command: Settle, now_ms: number): Expected {
    const told = command.unauthorized;
    if (!told) return refused("missing_field", { param: "direction" });
    const ended_at_ms = command.ended_at_ms;
    if (ended_at_ms === null) return refused("missing_field", { param: "ended_at" });
    if (ended_at_ms > now_ms + TOLERANCE_MS || ended_at_ms < now_ms - MAX_REPORT_AGE_MS)
      return refused("invalid", { param: "ended_at" });
    if (command.duration_ms > MAX_CALL_MS) return refused("invalid", { param: "duration_ms" });
    const answered_at_ms = command.answered_at_ms ?? ended_at_ms - command.duration_ms;
    if (answered_at_ms > ended_at_ms || answered_at_ms < ended_at_ms - MAX_CALL_MS)
      return refused("invalid", { param: "answered_at" });
    const rate = this.rateAt(told.rate_name, told.standard_rate, answered_at_ms);
    if (!rate) return refused("invalid", { param: "rate" });
    const terms = { expected_provider_micros_per_minute: 0, max_duration_seconds: null };
    const call = newCall({ ...told, ...terms, call_id: command.call_id }, rate, answered_at_ms);
    Object.assign(call, {
      authorized: false,
      answered_at_ms: command.answered_at_ms ?? answeredBefore(command, now_ms),
      ended_at_ms,
      end_reason: command.end_reason,
      provider_costs: command.provider_costs,
      report_body: settleBody(command),
      phase: "settled",
    });
    this.calls.set(call.call_id, call);
    const slot = `${command.edge_key_id} ${Math.floor(now_ms / HOUR_MS)}`;
    const before = this.unauthorized.get(slot) ?? 0;
    this.unauthorized.set(slot, before + 1);
    if (before >= UNAUTHORIZED_PER_HOUR) this.park(call, command);
    else
      this.charge(
        call,
        "call",
        command.duration_ms,
        chargedProviderMicros(call, command.provider_costs),
        now_ms,
      );
    call.first_receipt = receiptOf(call);
    return receipt(call);
  }

  private park(call: ModelCall, command: Settle): void {
    call.phase = "parked";
    call.duration_ms = command.duration_ms;
    call.balance_before = call.balance_after = this.posted_micros;
  }

  private void(command: Void, now_ms: number): Expected {
    const call = this.calls.get(command.call_id);
    if (!call) return refused("not_found");
    if (call.phase === "voided")
      return call.report_body === body(command) ? receipt(call) : refused("idempotency_conflict");
    if (call.phase !== "live") return refused("call_already_settled", { receipt: receiptOf(call) });
    if (call.answered_at_ms !== null || call.elapsed_seconds > 0) return refused("call_answered");
    Object.assign(call, { phase: "voided", end_reason: command.end_reason, ended_at_ms: now_ms });
    call.balance_before = call.balance_after = this.posted_micros;
    call.report_body = body(command);
    return receipt(call);
  }

  private correct(command: Correct, now_ms: number): Expected {
    const scope = JSON.stringify([command.call_id, command.correction_id]);
    const earlier = this.corrections.get(scope);
    if (earlier) return earlier.body === body(command) ? earlier.answer : refused("idempotency_conflict");
    const call = this.calls.get(command.call_id);
    if (!call) return refused("not_found");
    if (call.phase === "live" || call.phase === "rejected" || call.phase === "parked")
      return refused("call_not_settled");
    const start_ms = call.authorized ? call.started_at_ms : Number.NEGATIVE_INFINITY;
    if (tooLong(command.duration_ms, start_ms, now_ms)) return refused("invalid", { param: "duration_ms" });
    call.phase = "settled";
    this.charge(call, "correction", command.duration_ms, call.charged_provider_micros, now_ms);
    const answer = receipt(call);
    this.corrections.set(scope, { body: body(command), answer });
    return answer;
  }

  /** The holds that an alarm finds due; `late` says that it ran more than 30 s after its time. */
  due(now_ms: number): ModelCall[] {
    return this.live.filter((call) => call.expires_at_ms <= now_ms);
  }

  /** What an alarm does to one due hold. Which of several goes first is nobody's business. */
  expire(call: ModelCall, late: boolean, now_ms: number): void {
    if (late && !call.postponed) {
      call.postponed = true;
      call.expires_at_ms = now_ms + (call.answered_at_ms === null ? RING_MS : lifeMs(call));
      return;
    }
    call.phase = "lost";
    call.end_reason = "lost";
    this.charge(call, "call", call.proof_of_life_seconds * 1_000, call.provider_cost_micros ?? 0, now_ms);
  }

  /** Posts the difference between what the call is due and what was charged before. */
  private charge(
    call: ModelCall,
    kind: EntryKind,
    duration_ms: number,
    provider_micros: number,
    now_ms: number,
  ): void {
    const granted_ms = call.granted_seconds * 1_000;
    const little_late =
      granted_ms > 0 && duration_ms > granted_ms && duration_ms <= granted_ms + OVERRUN_TOLERANCE_MS;
    const billable = modelBillable(little_late ? granted_ms : duration_ms, call.rate);
    const fee = modelFee(billable, call.rate);
    const difference = fee + provider_micros - call.charged_micros;
    const first = call.charged_at_ms === null;
    const counted = first || monthOf(call.charged_at_ms ?? now_ms) === monthOf(now_ms);
    call.balance_before = this.posted_micros;
    if (difference !== 0)
      this.enter(
        {
          kind,
          amount_micros: -difference,
          call_id: call.call_id,
          key: null,
          month_seconds: counted ? billable - call.billable_seconds : 0,
        },
        now_ms,
      );
    call.balance_after = this.posted_micros;
    Object.assign(call, { duration_ms, billable_seconds: billable, fee_micros: fee });
    call.charged_provider_micros = provider_micros;
    call.charged_micros = fee + provider_micros;
    if (first && difference !== 0) call.charged_at_ms = now_ms;
    call.overrun_micros = call.authorized ? Math.max(0, call.charged_micros - call.held_micros) : 0;
  }

  private enter(entry: Omit<ModelEntry, "seq" | "at_ms" | "month">, at_ms: number): ModelEntry {
    const entered = { ...entry, seq: this.entries.length + 1, at_ms, month: monthOf(at_ms) };
    this.entries.push(entered);
    return entered;
  }

  private rateAt(name: string, standard: Rate | null, at_ms: number): Rate | null {
    const own = this.rates
      .filter((rate) => rate.name === name && rate.effective_from_ms <= at_ms)
      .sort((a, b) => a.effective_from_ms - b.effective_from_ms)
      .at(-1);
    if (!own) return standard;
    const { effective_from_ms: _, ...rate } = own;
    return rate;
  }
}

/** How long a hold lives after it was last heard of. */
function lifeMs(call: ModelCall): number {
  return Math.max(2_000 * Math.max(0, call.granted_seconds - call.elapsed_seconds), SHORTEST_LIFE_MS);
}

function tooLong(duration_ms: number, started_at_ms: number, now_ms: number): boolean {
  return duration_ms > now_ms - started_at_ms + TOLERANCE_MS || duration_ms > MAX_CALL_MS;
}

/** Left open when the ledger and the report each know a time: DESIGN does not say which of them is shown. */
function answerTime(call: ModelCall, command: Settle, now_ms: number): number | null | undefined {
  if (call.answered_at_ms !== null && command.answered_at_ms !== null) return undefined;
  return call.answered_at_ms ?? command.answered_at_ms ?? answeredBefore(command, now_ms);
}

function answeredBefore(command: Settle, now_ms: number): number | null {
  return command.duration_ms > 0 ? (command.ended_at_ms ?? now_ms) - command.duration_ms : null;
}

/** The part of a report that makes two of them the same. */
function settleBody(command: Settle): string {
  const { edge_key_id: _, unauthorized: __, ...said } = command;
  return body(said);
}
