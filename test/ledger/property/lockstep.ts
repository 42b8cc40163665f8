import { vi } from "vitest";
import type { CallAnswer, CallCommand } from "../../../src/ledger/core/calls/commands";
import type { Post } from "../../../src/ledger/core/credit/commands";
import type { Entry } from "../../../src/ledger/core/credit/entry";
import { type ModelCall, receiptOf } from "../model/call";
import { type Expected, ModelLedger } from "../model/model";
import { difference } from "./difference";
import { flood } from "./random-repeats";
import { Subject } from "./real-ledger";
import type { Delivery, Step } from "./steps";

/** How much later than its holds an object's alarm may be set. */
const ALARM_SLACK_MS = 30_000;

/** An alarm that rings this much after its time means that the object was away. */
const ALARM_LATE_MS = 30_000;

/** Takes each step on the real ledger and on the model, and says where they part. */
export class Witness {
  readonly model = new ModelLedger();
  /** The entries as the ledger has shown them, and what they add up to. */
  private readonly seen: Entry[] = [];
  private readonly chain = {
    checked: 0,
    balance: 0,
    month: "",
    month_seconds: 0,
    charged: new Set<string>(),
  };
  /** What was compared of resolved calls, so that only changes are compared again. */
  private readonly compared = new Map<string, string>();

  private constructor(
    readonly subject: Subject,
    private readonly heard: Set<string>,
  ) {}

  /** A new ledger; what it answers is added to `heard` in a word each. */
  static async open(heard = new Set<string>()): Promise<Witness> {
    return new Witness(await Subject.open(), heard);
  }

  /** The first difference of this step, or null. */
  async take(step: Step): Promise<string | null> {
    const before = { spendable_micros: this.model.spendable_micros, entries: this.model.entries.length };
    return (
      (await this.act(step)) ??
      (await this.compare()) ??
      (await this.subject.memoryDifference()) ??
      this.overspent(before)
    );
  }

  private async act(step: Step): Promise<string | null> {
    switch (step.do) {
      case "operate":
        return this.operate(step.commands, step.delivery);
      case "flood":
        return this.operate(flood(step), "plain");
      case "post":
        return this.post(step.post, step.delivery);
      case "alarm":
        return this.alarm(step.late_ms, step.times);
      case "verify":
        return this.verify();
      case "pass":
        vi.setSystemTime(Date.now() + step.ms);
        return null;
      case "state":
        this.model.state = step.state;
        await this.subject.stub.setProfile({ state: step.state });
        return null;
      case "rate":
        this.model.putRate(step.rate);
        await this.subject.stub.putRate(step.rate);
        return null;
      case "evict":
        await this.subject.evict();
        return null;
    }
  }

  private async operate(commands: CallCommand[], delivery: Delivery): Promise<string | null> {
    const now_ms = Date.now();
    const expect = () => commands.map((command) => this.expect(command, now_ms));
    if (delivery === "apart") return difference(expect(), await this.apart(commands));
    const first = await this.subject.send(delivery, (ledger) => ledger.operate(commands));
    const expected = expect();
    const found = first && difference(expected, first);
    if (found || delivery === "plain" || delivery === "inside") return found;
    const again = delivery === "lost" ? expect() : expected;
    return difference(again, await this.subject.stub.operate(commands));
  }

  private expect(command: CallCommand, now_ms: number): Expected {
    const answer = this.model.perform(command, now_ms);
    this.heard.add(`${command.op}: ${wordOf(answer)}`);
    return answer;
  }

  /** Each command in a request of its own, all of them under way at once. */
  private async apart(commands: CallCommand[]): Promise<CallAnswer[]> {
    const { stub } = this.subject;
    return (await Promise.all(commands.map((command) => stub.operate([command])))).flat();
  }

  private async post(post: Post, delivery: Delivery): Promise<string | null> {
    const first = await this.subject.send(delivery, (ledger) => ledger.post(post));
    const expected = this.model.post(post, Date.now());
    const found = first && difference(expected, first);
    if (found || delivery === "plain" || delivery === "inside") return found;
    return difference(expected, await this.subject.stub.post(post));
  }

  /** Rings the alarm `late_ms` after its time, or now; again at once when `times` says so. */
  private async alarm(late_ms: number | null, times: number): Promise<string | null> {
    for (let time = 0; time < times; time++) {
      const set_for = await this.subject.alarmTime();
      const unguarded = this.unguarded(set_for);
      if (unguarded) return unguarded;
      if (late_ms !== null && time === 0 && set_for !== null)
        vi.setSystemTime(Math.max(Date.now(), set_for + late_ms));
      const rung_for = await this.subject.ring();
      await this.follow(Date.now() - rung_for > ALARM_LATE_MS);
    }
    return null;
  }

  /** Live calls without an alarm soon enough would hold their credit for ever when their node dies. */
  private unguarded(set_for: number | null): string | null {
    const first_ms = Math.min(...this.model.live.map((call) => call.expires_at_ms));
    if (first_ms === Number.POSITIVE_INFINITY) return null;
    if (set_for !== null && set_for <= first_ms + ALARM_SLACK_MS) return null;
    return `alarm: expected by ${first_ms} + ${ALARM_SLACK_MS}, the ledger has set it for ${set_for}`;
  }

  /** Lets the model's due holds resolve in the order in which the ledger took them. */
  private async follow(late: boolean): Promise<void> {
    const now_ms = Date.now();
    const due = this.model.due(now_ms);
    const { entries } = await this.subject.look(this.seen.length);
    const taken = entries.map((entry) => entry.call_id);
    const place = (call: ModelCall) =>
      taken.includes(call.call_id) ? taken.indexOf(call.call_id) : taken.length;
    due.sort((a, b) => place(a) - place(b));
    for (const call of due) {
      this.model.expire(call, late, now_ms);
      if (due.length > 1 && call.charged_micros === 0) call.balance_before = call.balance_after = undefined;
    }
  }

  private async verify(): Promise<string | null> {
    const { posted_micros, held_micros, entries } = this.model;
    const expected = {
      ok: true,
      first_difference: null,
      posted_micros,
      held_micros,
      entries: entries.length,
    };
    return difference(expected, await this.subject.verify(), "verify") ?? this.compareResolved();
  }

  /** Every resolved call that has changed since the last look, fact by fact. */
  private async compareResolved(): Promise<string | null> {
    const resolved = [...this.model.calls.values()].filter((call) => call.phase !== "live");
    const changed = resolved.filter((call) => this.compared.get(call.call_id) !== JSON.stringify(call));
    const { stub } = this.subject;
    const found = await Promise.all(
      changed.map(async (call) => {
        const expected = { outcome: "call", known: { state: "resolved", call: receiptOf(call) } };
        return difference(expected, await stub.call(null, call.call_id), call.call_id);
      }),
    );
    for (const call of changed) this.compared.set(call.call_id, JSON.stringify(call));
    return found.find((each) => each !== null) ?? null;
  }

  /** Everything that is said about the present, against the model and against itself. */
  private async compare(): Promise<string | null> {
    const { account, live, entries } = await this.subject.look(this.seen.length);
    this.seen.push(...entries);
    const held_micros = live.reduce((sum, call) => sum + call.held_micros, 0);
    const by_id = new Map(live.map((call) => [call.call_id, call]));
    const { model } = this;
    return (
      this.compareEntries() ??
      difference(model.account(Date.now()), account, "account") ??
      difference(
        model.live.map((call) => factsOf(call)),
        model.live.map((call) => by_id.get(call.call_id)),
        "live",
      ) ??
      difference(account.posted_micros, this.chain.balance, "sum of entries") ??
      difference(account.held_micros, held_micros, "sum of open holds")
    );
  }

  /** That balances add up and a call is charged once, on the entries as the ledger shows them. */
  private compareEntries(): string | null {
    const { chain, seen, model } = this;
    for (; chain.checked < Math.max(seen.length, model.entries.length); chain.checked++) {
      const actual = seen[chain.checked];
      const name = `entry ${chain.checked + 1}`;
      if (!actual || !model.entries[chain.checked])
        return `${name}: the ledger has ${seen.length} entries, the model ${model.entries.length}`;
      chain.balance += actual.amount_micros;
      const found = difference(this.expectedEntry(chain.checked), actual, name);
      if (found) return found;
      if (actual.kind !== "call" || actual.call_id === null) continue;
      if (chain.charged.has(actual.call_id)) return `${name}: ${actual.call_id} is charged twice`;
      chain.charged.add(actual.call_id);
    }
    return null;
  }

  private expectedEntry(at: number): Record<string, unknown> {
    const { model, chain } = this;
    const entry = model.entries[at];
    if (!entry) return {};
    if (entry.month !== chain.month) Object.assign(chain, { month: entry.month, month_seconds: 0 });
    chain.month_seconds += entry.month_seconds;
    const { seq, kind, amount_micros, call_id, key, at_ms } = entry;
    return {
      ...{ seq, kind, amount_micros, call_id, posted_at_ms: at_ms },
      balance_after_micros: chain.balance,
      key: call_id === null ? key : undefined,
      month_seconds_after: chain.month_seconds,
    };
  }

  /** Invariant 2: what leaves less than nothing to spend can only be a charge or a debit, never a grant. */
  private overspent(before: { spendable_micros: number; entries: number }): string | null {
    const { spendable_micros, entries } = this.model;
    if (spendable_micros >= Math.min(0, before.spendable_micros) || entries.length > before.entries)
      return null;
    return `spendable: a grant brought it from ${before.spendable_micros} to ${spendable_micros}`;
  }
}

function wordOf(answer: Expected): unknown {
  if (answer.outcome === "rejected") return answer.reason;
  if (answer.outcome === "refused") return answer.code;
  return answer.outcome === "receipt" ? (answer.receipt as { outcome: string }).outcome : answer.outcome;
}

function factsOf(call: ModelCall): Record<string, unknown> {
  const { call_id, granted_seconds, held_micros, final_unit, request_number, answered_at_ms } = call;
  const { elapsed_seconds, proof_of_life_seconds, provider_cost_micros, expires_at_ms, postponed } = call;
  return {
    ...{ call_id, granted_seconds, held_micros, final_unit, request_number, answered_at_ms },
    ...{ elapsed_seconds, proof_of_life_seconds, provider_cost_micros, expires_at_ms, postponed },
  };
}
