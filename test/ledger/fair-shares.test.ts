import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { CallAnswer, CallCommand } from "../../src/ledger/commands";
import { feeMicros } from "../../src/ledger/rating";
import { DEFAULT_LEDGER_SETTINGS } from "../../src/ledger/settings";
import { authorize, fundedLedger, grantOf, renew, settle, type TestLedger, VOICE } from "../support/ledger";

const CALLS = 200;
const INCREMENT_MICROS = feeMicros(1, VOICE);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(new Date("2031-03-03T12:00:00Z"));
});
afterEach(() => {
  vi.useRealTimers();
});

/** One call on an obedient node: asks again when it is told to, once for each grant, and ends with its quota. */
class NodeCall {
  elapsed_seconds = 0;
  granted_seconds = 0;
  private renew_before_seconds = 0;
  private requests = 0;

  constructor(readonly call_id: string) {}

  hear(answer: CallAnswer): { refused: boolean } {
    const before = this.granted_seconds;
    const grant = grantOf(answer);
    this.granted_seconds = grant.granted_seconds;
    this.renew_before_seconds =
      grant.granted_seconds > before ? grant.renew_before_seconds : Number.POSITIVE_INFINITY;
    return { refused: grant.granted_seconds === before };
  }

  get isOver(): boolean {
    return this.elapsed_seconds >= this.granted_seconds;
  }

  /** What the node has to say in this second, if anything. */
  say(): CallCommand | undefined {
    if (this.isOver) return settle(this.call_id, this.granted_seconds * 1_000);
    if (this.elapsed_seconds < this.renew_before_seconds) return undefined;
    this.requests += 1;
    return renew(this.call_id, this.requests, this.elapsed_seconds);
  }
}

/** All calls at once, in one request; each must be allowed. */
async function startCalls(ledger: TestLedger): Promise<NodeCall[]> {
  const calls = Array.from({ length: CALLS }, (_, at) => new NodeCall(`c${at}`));
  const answers = await ledger.stub().operate(calls.map((call) => authorize(call.call_id)));
  calls.forEach((call, at) => {
    const answer = answers[at];
    if (answer) call.hear(answer);
  });
  expect(calls.filter((call) => call.granted_seconds === 0)).toEqual([]);
  return calls;
}

/** Lets the calls run second by second to their ends; `onRefusal` sees them at the first renewal that adds nothing. */
async function runToTheEnd(
  ledger: TestLedger,
  calls: NodeCall[],
  onRefusal: (live: NodeCall[]) => void = () => {},
): Promise<void> {
  let live = calls;
  let refusals = 0;
  while (live.length > 0) {
    vi.setSystemTime(Date.now() + 1_000);
    for (const call of live) call.elapsed_seconds += 1;
    const speaking = live.flatMap((call) => {
      const command = call.say();
      return command ? [{ call, command }] : [];
    });
    if (speaking.length === 0) continue;
    const answers = await ledger.stub().operate(speaking.map(({ command }) => command));
    const over = new Set<NodeCall>();
    speaking.forEach(({ call, command }, at) => {
      const answer = answers[at];
      if (answer?.outcome === "receipt") over.add(call);
      else if (answer && command.op === "renew" && call.hear(answer).refused && ++refusals === 1)
        onRefusal(live);
    });
    live = live.filter((call) => !over.has(call));
  }
}

async function expectAllSpent(ledger: TestLedger): Promise<void> {
  const account = await ledger.account();
  expect(account).toMatchObject({ held_micros: 0, active_calls: 0 });
  expect(account.posted_micros).toBeGreaterThanOrEqual(0);
  expect(account.spendable_micros).toBeLessThan(CALLS * INCREMENT_MICROS);
  expect(await ledger.verify()).toMatchObject({ ok: true });
}

describe("credit that gets scarce is shared", () => {
  test("by 200 live calls on 20 minutes each: at the first refusal none is far ahead", {
    timeout: 60_000,
  }, async () => {
    const ledger = await fundedLedger(CALLS * 20 * VOICE.price_micros_per_minute);
    const calls = await startCalls(ledger);
    const ahead: number[] = [];
    await runToTheEnd(ledger, calls, (live) => {
      ahead.push(...live.map((call) => call.granted_seconds - call.elapsed_seconds));
    });
    expect(ahead.length).toBeGreaterThan(0);
    expect(Math.max(...ahead)).toBeLessThanOrEqual(2 * DEFAULT_LEDGER_SETTINGS.min_quota_seconds);
    await expectAllSpent(ledger);
  });

  test("by 200 calls that start at once on 6,000 seconds: none is refused", { timeout: 60_000 }, async () => {
    const ledger = await fundedLedger((6_000 / 60) * VOICE.price_micros_per_minute);
    await runToTheEnd(ledger, await startCalls(ledger));
    await expectAllSpent(ledger);
  });
});
