import type { OrganizationState } from "../../../src/ledger/core/account/organization";
import type { Post } from "../../../src/ledger/core/credit/commands";
import type { EntryKind } from "../../../src/ledger/core/credit/entry";
import type { DatedRate, Rate } from "../../../src/ledger/core/credit/rating";
import { OVERRUN_TOLERANCE_MS } from "../../../src/ledger/core/settings";
import { dueProviderMicros, type ModelCall, receiptOf } from "./call";
import { modelBillable, modelFee } from "./rating";

export const TOLERANCE_MS = 60_000;

export interface ModelEntry {
  seq: number;
  kind: EntryKind;
  amount_micros: number;
  call_id: string | null;
  key: string | null;
  at_ms: number;
  /** The calendar month in UTC, and the billed seconds that the entry adds to the calls that began in it. */
  month: string;
  month_seconds: number;
}

/** What the model says the ledger must answer; only the fields that stand here are compared. */
export type Expected = { outcome: string } & Record<string, unknown>;

export function refused(code: string, more: Record<string, unknown> = {}): Expected {
  return { outcome: "refused", code, ...more };
}

export function receipt(call: ModelCall): Expected {
  return { outcome: "receipt", receipt: receiptOf(call) };
}

function monthOf(at_ms: number): string {
  const date = new Date(at_ms);
  return `${date.getUTCFullYear()}-${date.getUTCMonth()}`;
}

/** One command, as text that is the same for the same content. */
export function body(command: object): string {
  return JSON.stringify(Object.entries(command).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const DAY_MS = 86_400_000;

/** Whether so much time cannot have passed since the call began, or is more than such a call may have lasted at all. */
export function tooLong(call: ModelCall, duration_ms: number, now_ms: number): boolean {
  const longest_ms = call.authorized ? 7 * DAY_MS : DAY_MS;
  return duration_ms > longest_ms || duration_ms > now_ms - call.started_at_ms + TOLERANCE_MS;
}

/** All that the model knows of an organization: whole histories, added up each time that a sum is asked for. */
export class ModelBook {
  state: OrganizationState = "active";
  readonly entries: ModelEntry[] = [];
  readonly calls = new Map<string, ModelCall>();
  private readonly rates: DatedRate[] = [];
  private readonly posts = new Map<string, { body: string; answer: Expected }>();
  readonly corrections = new Map<string, { body: string; answer: Expected }>();
  readonly unauthorized = new Map<string, number>();

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
      (call) => modelFee(call.proof_of_life_seconds * 1_000, call.rate) + dueProviderMicros(call),
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
    return [...this.calls.values()]
      .filter((call) => call.charged_at_ms !== null && monthOf(call.started_at_ms) === monthOf(now_ms))
      .reduce((sum, call) => sum + call.billable_seconds, 0);
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

  /** The holds that an alarm finds due; `late` says that it ran more than 30 s after its time. */
  due(now_ms: number): ModelCall[] {
    return this.live.filter((call) => call.expires_at_ms <= now_ms);
  }

  /** Posts the difference between what the call is due and what was charged before. */
  charge(call: ModelCall, kind: EntryKind, duration_ms: number, now_ms: number): void {
    const provider_micros = dueProviderMicros(call);
    const granted_ms = call.granted_seconds * 1_000;
    const little_late =
      granted_ms > 0 && duration_ms > granted_ms && duration_ms <= granted_ms + OVERRUN_TOLERANCE_MS;
    const counted_ms = little_late ? granted_ms : duration_ms;
    const billable = modelBillable(counted_ms, call.rate);
    const fee = modelFee(counted_ms, call.rate);
    const difference = fee + provider_micros - call.charged_micros;
    const first = call.charged_at_ms === null;
    const billed_before = first ? 0 : call.billable_seconds;
    const billed = billable;
    const counted = monthOf(call.started_at_ms) === monthOf(now_ms);
    call.balance_before = this.posted_micros;
    if (difference !== 0 || billed !== billed_before)
      this.enter(
        {
          kind,
          amount_micros: -difference,
          call_id: call.call_id,
          key: null,
          month_seconds: counted ? billed - billed_before : 0,
        },
        now_ms,
      );
    call.balance_after = this.posted_micros;
    Object.assign(call, { duration_ms, billable_seconds: billable, fee_micros: fee });
    call.charged_provider_micros = provider_micros;
    call.charged_micros = fee + provider_micros;
    if (first && (difference !== 0 || billable > 0)) call.charged_at_ms = now_ms;
    call.flags = flagsOf(call);
    call.overrun_micros = call.authorized ? Math.max(0, call.charged_micros - call.held_micros) : 0;
  }

  private enter(entry: Omit<ModelEntry, "seq" | "at_ms" | "month">, at_ms: number): ModelEntry {
    const entered = { ...entry, seq: this.entries.length + 1, at_ms, month: monthOf(at_ms) };
    this.entries.push(entered);
    return entered;
  }

  /** The organization's own rate goes before the operator's. */
  rateAt(name: string, standard: Rate | null, at_ms: number): Rate | null {
    const own = this.rates
      .filter((rate) => rate.name === name && rate.effective_from_ms <= at_ms)
      .sort((a, b) => a.effective_from_ms - b.effective_from_ms)
      .at(-1);
    if (!own) return standard;
    const { effective_from_ms: _, ...rate } = own;
    return rate;
  }
}

/** What an operator is to notice in a charged call. */
function flagsOf(call: ModelCall): string[] {
  const reported = call.phase === "settled";
  const span_ms = (call.ended_at_ms ?? 0) - (call.answered_at_ms ?? 0);
  const agrees = call.answered_at_ms === null || Math.abs(span_ms - call.duration_ms) <= TOLERANCE_MS;
  const moved = call.reported_answered_at_ms !== null || call.reported_ended_at_ms !== null;
  const every: [string, boolean][] = [
    ["longer_than_a_day", call.duration_ms > DAY_MS],
    ["shorter_than_proof_of_life", reported && call.duration_ms < call.proof_of_life_seconds * 1_000],
    ["times_moved", reported && moved],
    ["times_disagree", reported && !agrees],
  ];
  return every.filter(([, applies]) => applies).map(([flag]) => flag);
}
