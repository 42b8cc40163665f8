import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  authorize,
  fundedLedger,
  receiptOf,
  renew,
  settle,
  type TestLedger,
} from "../../support/ledger/ledger";

const CREDIT_MICROS = 1_000_000;

/** EUR 0.07 a minute, by the second. */
const FEE_OF_40_SECONDS = 46_667;
const FEE_OF_55_SECONDS = 64_167;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(new Date("2031-03-03T12:00:00Z"));
});
afterEach(() => {
  vi.useRealTimers();
});

function pass(seconds: number) {
  vi.setSystemTime(Date.now() + seconds * 1_000);
}

/** An answered call whose node is heard of for the last time at `renewed_at` seconds, if at all, and then dies. */
async function abandonedCall(renewed_at: number | null): Promise<TestLedger> {
  const ledger = await fundedLedger(CREDIT_MICROS);
  await ledger.send(authorize("c"));
  await ledger.send({ op: "answered", call_id: "c", answered_at_ms: null });
  pass(renewed_at ?? 0);
  if (renewed_at !== null) await ledger.send(renew("c", 1, renewed_at));
  pass(47 - (renewed_at ?? 0));
  return ledger;
}

/** Lets the alarm ring on time until nothing is held any more. */
async function expire(ledger: TestLedger): Promise<void> {
  for (let rings = 0; rings < 5 && (await ledger.account()).active_calls > 0; rings++) {
    pass(60);
    await runDurableObjectAlarm(ledger.stub());
  }
}

async function charges(ledger: TestLedger) {
  return (await ledger.entries()).filter((entry) => entry.call_id === "c");
}

describe("a node that dies at 47 s of a quota of 60 s", () => {
  test("without a renewal: charged nothing; a late settle of 55 s is charged once, however often it comes", async () => {
    const ledger = await abandonedCall(null);
    await expire(ledger);
    expect(await ledger.account()).toMatchObject({
      posted_micros: CREDIT_MICROS,
      held_micros: 0,
      active_calls: 0,
    });
    expect(await charges(ledger)).toEqual([]);

    const late = receiptOf(await ledger.send(settle("c", 55_000)));
    expect(late).toMatchObject({ outcome: "settled", charged_micros: FEE_OF_55_SECONDS, overrun_micros: 0 });
    for (let times = 0; times < 3; times++)
      expect(receiptOf(await ledger.send(settle("c", 55_000)))).toEqual(late);
    expect(await charges(ledger)).toMatchObject([{ kind: "correction", amount_micros: -FEE_OF_55_SECONDS }]);
    expect(await ledger.account()).toMatchObject({
      posted_micros: CREDIT_MICROS - FEE_OF_55_SECONDS,
      held_micros: 0,
      month_seconds: 55,
    });
    expect(await ledger.verify()).toMatchObject({ ok: true });
  });

  test("with a renewal at 40 s: charged 40 s, then corrected to 55", async () => {
    const ledger = await abandonedCall(40);
    await expire(ledger);
    expect(await charges(ledger)).toMatchObject([{ kind: "call", amount_micros: -FEE_OF_40_SECONDS }]);
    const known = await ledger.stub().call(null, "c");
    expect(known).toMatchObject({
      known: { state: "resolved", call: { outcome: "lost", end_reason: "lost" } },
    });

    const late = receiptOf(await ledger.send(settle("c", 55_000)));
    expect(late).toMatchObject({ outcome: "settled", charged_micros: FEE_OF_55_SECONDS });
    expect(receiptOf(await ledger.send(settle("c", 55_000)))).toEqual(late);
    expect(await charges(ledger)).toMatchObject([
      { kind: "call", amount_micros: -FEE_OF_40_SECONDS },
      { kind: "correction", amount_micros: FEE_OF_40_SECONDS - FEE_OF_55_SECONDS },
    ]);
    expect(await ledger.account()).toMatchObject({ held_micros: 0, month_seconds: 55 });
    expect(await ledger.verify()).toMatchObject({ ok: true });
  });
});
