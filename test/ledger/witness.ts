import { evictDurableObject, abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";
import type { Account } from "../../src/ledger/account";
import type { CallAnswer, CallCommand, Post, PostAnswer } from "../../src/ledger/commands";
import type { OrganizationLedger } from "../../src/ledger/organization-ledger";
import type { Entry, LiveCall } from "../../src/ledger/types";
import { fundedLedger, type TestLedger, VOICE } from "../support/ledger";
import { difference } from "./difference";
import { type Expected, ModelLedger } from "./model";
import { type ModelCall, receiptOf } from "./model-call";
import type { Delivery, Step } from "./steps";

/** How much later than its holds an object's alarm may be set. */
const ALARM_SLACK_MS = 30_000;

type Sender = Pick<OrganizationLedger, "operate" | "post">;

/** Takes each step on the real ledger and on the model, and says where they part. */
export class Witness {
  readonly model = new ModelLedger();
  private readonly seen: Entry[] = [];
  /** What was seen in the same visit as the step, when it was. */
  private sight: Sight | undefined;

  private constructor(private readonly ledger: TestLedger) {}

  static async open(): Promise<Witness> {
    return new Witness(await fundedLedger(0));
  }

  /** The first difference of this step, or null. */
  async take(step: Step): Promise<string | null> {
    const before = this.model.spendable_micros;
    return (await this.act(step)) ?? (await this.compare(before));
  }

  private async act(step: Step): Promise<string | null> {
    switch (step.do) {
      case "operate":
        return this.operate(step.commands, step.delivery);
      case "post":
        return this.post(step.post, step.delivery);
      case "pass":
        vi.setSystemTime(Date.now() + step.ms);
        return null;
      case "alarm":
        return this.alarm(step.late_ms, step.times);
      case "state":
        this.model.state = step.state;
        await this.ledger.stub().setProfile({ state: step.state });
        return null;
      case "rate":
        this.model.putRate(step.rate);
        await this.ledger.stub().putRate(step.rate);
        return null;
      case "evict":
        await evictDurableObject(this.ledger.stub());
        return null;
      case "flood":
        return this.operate(flood(step), "plain");
      case "verify":
        return this.verify();
    }
  }

  private async operate(commands: CallCommand[], delivery: Delivery): Promise<string | null> {
    const now_ms = Date.now();
    const expect = () => commands.map((command) => this.model.perform(command, now_ms));
    if (delivery === "apart") return difference(expect(), await this.apart(commands));
    const first = await this.disturb(delivery, (ledger) => ledger.operate(commands));
    const expected = expect();
    const found = first ? difference(expected, first) : null;
    if (found || delivery === "plain" || delivery === "inside") return found;
    const again = delivery === "lost" ? expect() : expected;
    return difference(again, await this.ledger.stub().operate(commands));
  }

  /** Each command in a request of its own, all of them under way at once. */
  private async apart(commands: CallCommand[]): Promise<CallAnswer[]> {
    const stub = this.ledger.stub();
    return (await Promise.all(commands.map((command) => stub.operate([command])))).flat();
  }

  private async post(post: Post, delivery: Delivery): Promise<string | null> {
    const first = await this.disturb(delivery, (ledger) => ledger.post(post));
    const expected: Expected = this.model.post(post, Date.now());
    const found = first ? difference(expected, first) : null;
    if (found || delivery === "plain" || delivery === "inside") return found;
    const again: PostAnswer = await this.ledger.stub().post(post);
    return difference(expected, again);
  }

  /** Sends something and lets happen to it what the delivery says; answers null when the answer was lost for good. */
  private async disturb<Answer>(
    delivery: Delivery,
    send: (ledger: Sender) => Answer | Promise<Answer>,
  ): Promise<Answer | null> {
    const stub = this.ledger.stub();
    if (delivery === "plain" || delivery === "lost") return send(stub as unknown as Sender);
    if (delivery === "inside") {
      const { answer, sight } = await runInDurableObject(stub, async (instance: OrganizationLedger) => ({
        answer: await send(instance),
        sight: await look(instance, this.seen.length),
      }));
      this.sight = sight;
      return answer;
    }
    const sent = runInDurableObject(stub, async (instance: OrganizationLedger, state) => {
      await send(instance);
      if (delivery === "committed") await state.storage.sync();
      if (delivery !== "aborted") state.abort("the object is reset between commit and answer");
    });
    const lost = sent.then(
      () => null,
      () => null,
    );
    if (delivery === "aborted") await abortAllDurableObjects();
    return lost;
  }

  /** Rings the alarm `late_ms` after its time, or now; twice when `times` says so. */
  private async alarm(late_ms: number | null, times: number): Promise<string | null> {
    for (let time = 0; time < times; time++) {
      const set_for = await this.alarmTime();
      const unheld = this.unguarded(set_for);
      if (unheld) return unheld;
      if (late_ms !== null && time === 0 && set_for !== null)
        vi.setSystemTime(Math.max(Date.now(), set_for + late_ms));
      const rung_for = await this.ring();
      const found = await this.follow(Date.now() - rung_for > 30_000);
      if (found) return found;
    }
    return null;
  }

  private alarmTime(): Promise<number | null> {
    return runInDurableObject(this.ledger.stub(), (_: OrganizationLedger, state) => state.storage.getAlarm());
  }

  /** Does what the platform does when an alarm is due, and answers what it had been set for. */
  private ring(): Promise<number> {
    return runInDurableObject(this.ledger.stub(), async (instance: OrganizationLedger, state) => {
      const scheduledTime = (await state.storage.getAlarm()) ?? Date.now();
      await state.storage.deleteAlarm();
      await instance.alarm({ scheduledTime, isRetry: false, retryCount: 0 });
      return scheduledTime;
    });
  }

  /** Lets the model's due holds resolve in the order in which the ledger took them. */
  private async follow(late: boolean): Promise<null> {
    const now_ms = Date.now();
    const due = this.model.due(now_ms);
    const { entries } = await this.seeNow();
    const taken = entries.map((entry) => entry.call_id);
    const place = (call_id: string) => (taken.includes(call_id) ? taken.indexOf(call_id) : taken.length);
    due.sort((a, b) => place(a.call_id) - place(b.call_id));
    for (const call of due) {
      this.model.expire(call, late, now_ms);
      if (due.length > 1 && call.charged_micros === 0) call.balance_before = call.balance_after = undefined;
    }
    return null;
  }

  private seeNow(): Promise<Sight> {
    return runInDurableObject(this.ledger.stub(), (instance: OrganizationLedger) =>
      look(instance, this.seen.length),
    );
  }

  private unguarded(set_for: number | null): string | null {
    const first_ms = Math.min(...this.model.live.map((call) => call.expires_at_ms));
    if (first_ms === Number.POSITIVE_INFINITY) return null;
    if (set_for !== null && set_for <= first_ms + ALARM_SLACK_MS) return null;
    return `alarm: expected by ${first_ms} + ${ALARM_SLACK_MS}, the ledger has set it for ${set_for}`;
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
    return difference(expected, await this.ledger.verify(), "verify") ?? this.compareCalls();
  }

  /** Everything that is said about the present, against the model and against itself. */
  private async compare(spendable_before: number): Promise<string | null> {
    const { account, live, entries } = this.sight ?? (await this.seeNow());
    this.sight = undefined;
    this.seen.push(...entries);
    const held_micros = live.reduce((sum, call) => sum + call.held_micros, 0);
    const by_id = new Map(live.map((call) => [call.call_id, call]));
    const wanted = this.model.live.map((call) => factsOf(call));
    const found = wanted.map((call) => by_id.get(String(call.call_id)));
    return (
      this.chained() ??
      difference(this.model.account(Date.now()), account, "account") ??
      difference(wanted, found, "live") ??
      difference(this.model.held_micros, held_micros, "sum of holds") ??
      this.sane(spendable_before)
    );
  }

  /** Invariants 1 and 3 of DESIGN section 4 on the entries as the ledger shows them. */
  private chained(): string | null {
    const { entries } = this.model;
    for (let at = this.chain.checked; at < Math.max(this.seen.length, entries.length); at++) {
      const actual = this.seen[at];
      this.chain.balance += actual?.amount_micros ?? 0;
      const expected = entries[at] && this.expectedEntry(at);
      if (!expected) return `entry ${at + 1}: not expected, the ledger has ${JSON.stringify(actual)}`;
      const found = difference(expected, actual, `entry ${at + 1}`);
      if (found) return found;
      if (actual?.balance_after_micros !== this.chain.balance) return `entry ${at + 1}: the chain is broken`;
      if (actual.kind === "call" && actual.call_id !== null) {
        if (this.chain.charged.has(actual.call_id)) return `call ${actual.call_id} is charged twice`;
        this.chain.charged.add(actual.call_id);
      }
    }
    this.chain.checked = this.seen.length;
    return null;
  }

  private readonly chain = {
    checked: 0,
    balance: 0,
    month: "",
    month_seconds: 0,
    charged: new Set<string>(),
  };

  private expectedEntry(at: number): Record<string, unknown> {
    const { seq, kind, amount_micros, call_id, key, at_ms, month_seconds } = this.model.entries[at] ?? {};
    const month = new Date(at_ms ?? 0).toISOString().slice(0, 7);
    if (month !== this.chain.month) Object.assign(this.chain, { month, month_seconds: 0 });
    this.chain.month_seconds += month_seconds ?? 0;
    return {
      ...{ seq, kind, amount_micros, call_id, posted_at_ms: at_ms },
      key: call_id === null ? key : undefined,
      month_seconds_after: this.chain.month_seconds,
    };
  }

  /** Invariant 2: a step that left less to spend than nothing can only have been a charge or a debit. */
  private sane(spendable_before: number): string | null {
    const { spendable_micros } = this.model;
    const last = this.seen.at(-1)?.seq ?? 0;
    const posted = last !== this.chain_seq;
    this.chain_seq = last;
    if (spendable_micros >= 0 || spendable_micros >= spendable_before || posted) return null;
    return `spendable: a grant brought it from ${spendable_before} to ${spendable_micros}`;
  }

  private chain_seq = 0;

  /** Every resolved call that has changed since the last look, fact by fact. */
  private async compareCalls(): Promise<string | null> {
    const resolved = [...this.model.calls.values()].filter((call) => call.phase !== "live");
    const changed = resolved.filter((call) => this.compared.get(call.call_id) !== JSON.stringify(call));
    const found = await Promise.all(
      changed.map(async (call) => {
        const answer = await this.ledger.stub().call(null, call.call_id);
        const known = { outcome: "call", known: { state: "resolved", call: receiptOf(call) } };
        return difference(known, answer, call.call_id);
      }),
    );
    for (const call of changed) this.compared.set(call.call_id, JSON.stringify(call));
    return found.find((each) => each !== null) ?? null;
  }

  private readonly compared = new Map<string, string>();
}

/** What the ledger says of the present: its account, its live calls, and the entries after the last one seen. */
interface Sight {
  account: Account;
  live: LiveCall[];
  entries: Entry[];
}

async function look(instance: OrganizationLedger, seen: number): Promise<Sight> {
  const account = await instance.account(null, VOICE);
  const calls = await instance.calls(null);
  if (account.outcome !== "account" || calls.outcome !== "calls") throw new Error("The ledger is not open.");
  const entries: Entry[] = [];
  let before_seq: number | null = null;
  do {
    const page = await instance.entries(null, { before_seq, limit: before_seq === null ? 8 : 500 });
    if (page.outcome !== "entries") throw new Error(page.code);
    entries.push(...page.entries.filter((entry) => entry.seq > seen));
    before_seq = page.next_before_seq;
  } while (before_seq !== null && before_seq > seen + 1);
  return { account: account.account, live: calls.live, entries: entries.reverse() };
}

function factsOf(call: ModelCall): Record<string, unknown> {
  const { call_id, granted_seconds, held_micros, final_unit, request_number, answered_at_ms } = call;
  const { elapsed_seconds, proof_of_life_seconds, provider_cost_micros, expires_at_ms, postponed } = call;
  return {
    ...{ call_id, granted_seconds, held_micros, final_unit, request_number, answered_at_ms },
    ...{ elapsed_seconds, proof_of_life_seconds, provider_cost_micros, expires_at_ms, postponed },
  };
}

function flood(step: Extract<Step, { do: "flood" }>): CallCommand[] {
  return Array.from({ length: step.count }, (_, at) => ({
    op: "settle",
    call_id: `${step.prefix}-${at}`,
    duration_ms: 1_000,
    end_reason: "hangup",
    answered_at_ms: null,
    ended_at_ms: Date.now(),
    provider_costs: [],
    edge_key_id: step.edge_key_id,
    unauthorized: {
      direction: "inbound",
      from: "+31201",
      to: "+31202",
      number: null,
      rate_name: "voice",
      standard_rate: VOICE,
      byok: [],
    },
  }));
}
