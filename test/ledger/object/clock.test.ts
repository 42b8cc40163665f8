import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { CallCommand, RatedParties } from "../../../src/ledger/core/calls/commands";
import { stopClock } from "../../support/clock";
import {
  authorize,
  fundedLedger,
  grantOf,
  receiptOf,
  renew,
  settle,
  type TestLedger,
  VOICE,
  wordOf,
} from "../../support/ledger/ledger";

const CREDIT = 100_000_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

let clock: ReturnType<typeof stopClock>;
beforeEach(() => {
  clock = stopClock();
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const unauthorized: RatedParties = {
  ...{ direction: "inbound", from: "+31612345678", to: "+31201234567", number: null },
  ...{ rate_name: "voice", standard_rate: VOICE, byok: [] },
};

/** A call that has talked for five minutes, with a renewal in each. */
async function talking(): Promise<TestLedger> {
  const ledger = await fundedLedger(CREDIT);
  await ledger.send(authorize("c"));
  for (let minute = 1; minute <= 5; minute++) {
    clock.pass(MINUTE_MS);
    await ledger.send(renew("c", minute, minute * 60));
  }
  return ledger;
}

/** The clock that was right until now goes wrong, and time goes on. Answers by how much it is behind what was written. */
type Jump = (ledger: TestLedger) => Promise<number>;

const back: Jump = async () => {
  clock.pass(-2 * MINUTE_MS);
  return 2 * MINUTE_MS;
};

const aheadAndBack: Jump = async (ledger) => {
  clock.pass(HOUR_MS);
  await ledger.send(renew("c", 6, 301));
  clock.pass(-HOUR_MS);
  return HOUR_MS;
};

describe.each<[string, string, Jump]>([
  ["back", "memory", back],
  ["back", "rows", back],
  ["ahead and back", "memory", aheadAndBack],
  ["ahead and back", "rows", aheadAndBack],
])("while the ledger's clock has gone %s, as it is known from %s", (_, known_from, jump) => {
  async function jumped() {
    const ledger = await talking();
    const behind_ms = await jump(ledger);
    if (known_from === "rows") await evictDurableObject(ledger.stub());
    return { ledger, behind_ms };
  }

  test("a live call goes on and ends", async () => {
    const { ledger } = await jumped();
    clock.pass(30_000);
    expect(grantOf(await ledger.send(renew("c", 7, 330))).granted_seconds).toBeGreaterThan(330);
    expect(receiptOf(await ledger.send(settle("c", 340_000)))).toMatchObject({ charged_micros: 396_667 });
    expect(await ledger.verify()).toMatchObject({ ok: true });
  });

  test("a call goes on for as long as it would have, and is charged for the truth", async () => {
    const { ledger } = await jumped();
    await ledger.send(authorize("new"));
    for (let minute = 1; minute <= 70; minute++) {
      clock.pass(MINUTE_MS);
      for (const [call_id, elapsed] of [
        ["c", 300 + minute * 60],
        ["new", minute * 60],
      ] as const)
        expect(wordOf(await ledger.send(renew(call_id, 10 + minute, elapsed)))).toBe("granted");
      if (minute === 30 && known_from === "rows") await evictDurableObject(ledger.stub());
    }
    expect(receiptOf(await ledger.send(settle("c", 75 * MINUTE_MS))).charged_micros).toBe(5_250_000);
    expect(receiptOf(await ledger.send(settle("new", 70 * MINUTE_MS))).charged_micros).toBe(4_900_000);
    expect(await ledger.verify()).toMatchObject({ ok: true });
  });

  test("a new call begins, is answered, and what looks too long is asked for again until it is not", async () => {
    const { ledger, behind_ms } = await jumped();
    expect(wordOf(await ledger.send(authorize("new")))).toBe("granted");
    clock.pass(5_000);
    const answered: CallCommand = { op: "answered", call_id: "new", answered_at_ms: Date.now() };
    expect(wordOf(await ledger.send(answered))).toBe("granted");
    const too_long_ms = behind_ms + 62_000;
    const renewal = renew("new", 1, too_long_ms / 1_000);
    const report = settle("new", too_long_ms, { ended_at_ms: Date.now() });
    for (const command of [renewal, report])
      expect(await ledger.send(command)).toMatchObject({ code: "too_soon" });
    clock.pass(behind_ms);
    expect(wordOf(await ledger.send(renewal))).toBe("granted");
    expect(receiptOf(await ledger.send(report))).toMatchObject({ duration_ms: too_long_ms });
    expect(await ledger.verify()).toMatchObject({ ok: true });
  });

  test("a report and a correction that only time refuses are not refused for good", async () => {
    const { ledger, behind_ms } = await jumped();
    clock.pass(90_000);
    const unheard = settle("unheard", 30_000, { unauthorized, ended_at_ms: Date.now() + 2 * DAY_MS });
    const old = settle("old", 30_000, { unauthorized, ended_at_ms: Date.now() - 31 * DAY_MS });
    await ledger.send(authorize("short"));
    await ledger.send(settle("short", 1_000));
    const correct: CallCommand = {
      ...{ op: "correct", call_id: "short", correction_id: "1" },
      ...{ duration_ms: behind_ms + 62_000, reason: "CDR" },
    };
    for (const command of [unheard, old, correct])
      expect(wordOf(await ledger.send(command))).toBe("too_soon");
    clock.pass(2 * behind_ms);
    expect(wordOf(await ledger.send(correct))).toBe("receipt");
    for (const command of [unheard, old]) expect(wordOf(await ledger.send(command))).toBe("invalid");
  });

  test("what no clock decides is refused as ever", async () => {
    const { ledger } = await jumped();
    const week_ms = 7 * DAY_MS;
    expect(wordOf(await ledger.send(settle("c", week_ms + 1)))).toBe("invalid");
    expect(wordOf(await ledger.send(renew("c", 5, 1)))).toMatch(/stale_request|idempotency_conflict/);
    expect(wordOf(await ledger.send(renew("nobody", 1, 1)))).toBe("not_found");
  });

  test("no entry has an earlier time than the one before it", async () => {
    const { ledger } = await jumped();
    await ledger.send(settle("c", 300_000));
    await ledger.post("adjustment:more", 1_000);
    const times = (await ledger.entries()).map(({ posted_at_ms }) => posted_at_ms);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test("no call is taken for lost, and one whose node is silent is once the clock has caught up", async () => {
    const { ledger, behind_ms } = await jumped();
    for (let times = 0; times < 3; times++) {
      clock.pass(20_000);
      await runDurableObjectAlarm(ledger.stub());
      expect(await ledger.account()).toMatchObject({ active_calls: 1 });
    }
    clock.pass(behind_ms);
    for (let rings = 0; rings < 5 && (await ledger.account()).active_calls > 0; rings++) {
      clock.pass(5 * MINUTE_MS);
      await runDurableObjectAlarm(ledger.stub());
    }
    expect(await ledger.account()).toMatchObject({ active_calls: 0, held_micros: 0 });
    expect(await ledger.stub().call(null, "c")).toMatchObject({ known: { call: { outcome: "lost" } } });
  });
});

test("an alarm that rings while the clock is ahead takes no call for lost whose node is in time", async () => {
  const ledger = await talking();
  await runDurableObjectAlarm(ledger.stub());
  clock.pass(HOUR_MS);
  await runDurableObjectAlarm(ledger.stub());
  clock.pass(-HOUR_MS + 50_000);
  await evictDurableObject(ledger.stub());
  expect(grantOf(await ledger.send(renew("c", 6, 350))).granted_seconds).toBeGreaterThan(350);
  expect(await ledger.account()).toMatchObject({ active_calls: 1 });
});
