import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { CallAnswer, CallCommand } from "../../../src/ledger/core/calls/commands";
import { feeOf } from "../../../src/ledger/core/credit/rating";
import { DEFAULT_LEDGER_SETTINGS } from "../../../src/ledger/core/settings";
import {
  authorize,
  fundedLedger,
  grantOf,
  renew,
  settle,
  type TestLedger,
  VOICE,
} from "../../support/ledger/ledger";

const CALLS = 200;
const INCREMENT_MICROS = feeOf(1_000, VOICE).fee_micros;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(new Date("2031-03-03T12:00:00Z"));
});
afterEach(() => {
  vi.useRealTimers();
});

/** One call on an obedient node: asks again when it is told to, once for each grant, and ends with its quota. */
class NodeCall {
  granted_seconds = 0;
  private renew_before_seconds = 0;
  private requests = 0;

  /** @param elapsed_seconds below 0 for a call that starts later */
  constructor(
    readonly call_id: string,
    public elapsed_seconds: number,
  ) {}

  /** Takes the answer; says whether it grants more than before. */
  hear(answer: CallAnswer): boolean {
    const grant = grantOf(answer);
    const more = grant.granted_seconds > this.granted_seconds;
    this.granted_seconds = grant.granted_seconds;
    this.renew_before_seconds = more ? grant.renew_before_seconds : Number.POSITIVE_INFINITY;
    return more;
  }

  /** What the node has to say in this second, if anything. */
  say(): CallCommand | undefined {
    if (this.elapsed_seconds < 0) return undefined;
    if (this.granted_seconds === 0) return authorize(this.call_id);
    if (this.elapsed_seconds >= this.granted_seconds)
      return settle(this.call_id, this.granted_seconds * 1_000);
    if (this.elapsed_seconds < this.renew_before_seconds) return undefined;
    this.requests += 1;
    return renew(this.call_id, this.requests, this.elapsed_seconds);
  }
}

/** Calls of which so many start in each second. */
function callsStarting(per_second: number): NodeCall[] {
  return Array.from({ length: CALLS }, (_, at) => new NodeCall(`c${at}`, -Math.floor(at / per_second)));
}

/**
 * Lets the calls run second by second to their ends. An authorize that is refused throws; `onRefusal` sees the live
 * calls at the first renewal that grants nothing more.
 */
async function runToTheEnd(
  ledger: TestLedger,
  calls: NodeCall[],
  onRefusal: (live: NodeCall[]) => void = () => {},
): Promise<void> {
  const live = new Set(calls);
  let refused = false;
  while (live.size > 0) {
    const speaking = [...live].flatMap((call) => {
      const command = call.say();
      return command ? [{ call, command }] : [];
    });
    const answers = await ledger.stub().operate(speaking.map(({ command }) => command));
    answers.forEach((answer, at) => {
      const call = speaking[at]?.call;
      if (!call) return;
      if (answer.outcome === "receipt") live.delete(call);
      else if (!call.hear(answer) && !refused) {
        refused = true;
        onRefusal([...live]);
      }
    });
    vi.setSystemTime(Date.now() + 1_000);
    for (const call of live) call.elapsed_seconds += 1;
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
  test.for([CALLS, 7])(
    "by 200 live calls on 20 minutes each, %i started in each second: at the first refusal none is far ahead",
    { timeout: 60_000 },
    async (per_second) => {
      const ledger = await fundedLedger(CALLS * 20 * VOICE.price_micros_per_minute);
      const ahead: number[] = [];
      await runToTheEnd(ledger, callsStarting(per_second), (live) => {
        ahead.push(...live.map((call) => call.granted_seconds - call.elapsed_seconds));
      });
      expect(ahead.length).toBe(CALLS);
      expect(Math.max(...ahead)).toBeLessThanOrEqual(2 * DEFAULT_LEDGER_SETTINGS.min_quota_seconds);
      await expectAllSpent(ledger);
    },
  );

  test("by 200 calls that start at once on 6,000 seconds: none is refused", { timeout: 60_000 }, async () => {
    const ledger = await fundedLedger((6_000 / 60) * VOICE.price_micros_per_minute);
    await runToTheEnd(ledger, callsStarting(CALLS));
    await expectAllSpent(ledger);
  });
});
