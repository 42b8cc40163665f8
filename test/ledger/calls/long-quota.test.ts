import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  authorize,
  fundedLedger,
  grantOf,
  receiptOf,
  renew,
  settle,
  VOICE,
  wordOf,
} from "../../support/ledger/ledger";

const MINUTE_MICROS = VOICE.price_micros_per_minute;
const HOUR = { quota_seconds: 3_600 };
const RING_SECONDS = 180;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(new Date("2031-04-04T12:00:00Z"));
});
afterEach(() => {
  vi.useRealTimers();
});

function pass(seconds: number) {
  vi.setSystemTime(Date.now() + seconds * 1_000);
}

describe("a node that can set one limit only asks for it at the start", () => {
  test("it is granted at once, and charged for its real duration", async () => {
    const ledger = await fundedLedger(1_000 * MINUTE_MICROS);
    const began_ms = Date.now();
    expect(grantOf(await ledger.send(authorize("c", HOUR)))).toMatchObject({
      granted_seconds: 3_600,
      final_unit: false,
      held_until_ms: began_ms + (3_600 + RING_SECONDS) * 1_000,
    });
    expect(await ledger.account()).toMatchObject({ held_micros: 60 * MINUTE_MICROS });
    pass(3_650);
    const receipt = receiptOf(await ledger.send(settle("c", 3_600_000)));
    expect(receipt).toMatchObject({
      outcome: "settled",
      charged_micros: 60 * MINUTE_MICROS,
      overrun_micros: 0,
    });
    expect(await ledger.account()).toMatchObject({ held_micros: 0, posted_micros: 940 * MINUTE_MICROS });
    expect(await ledger.verify()).toMatchObject({ ok: true });
  });

  test("it lives for its quota and the ring time-out without a word, then it is lost, free, and a late report corrects it", async () => {
    const ledger = await fundedLedger(1_000 * MINUTE_MICROS);
    await ledger.send(authorize("c", HOUR));
    pass(3_600 + RING_SECONDS - 1);
    await runDurableObjectAlarm(ledger.stub());
    expect(await ledger.account()).toMatchObject({ active_calls: 1 });
    pass(2);
    await runDurableObjectAlarm(ledger.stub());
    expect(await ledger.account()).toMatchObject({ active_calls: 0, posted_micros: 1_000 * MINUTE_MICROS });
    const receipt = receiptOf(await ledger.send(settle("c", 600_000)));
    expect(receipt).toMatchObject({ outcome: "settled", charged_micros: 10 * MINUTE_MICROS });
  });

  test("a renewal is its last proof of life: a lost report is charged up to it", async () => {
    const ledger = await fundedLedger(1_000 * MINUTE_MICROS);
    await ledger.send(authorize("c", HOUR));
    pass(120);
    expect(grantOf(await ledger.send(renew("c", 1, 120)))).toMatchObject({ granted_seconds: 3_720 });
    // The alarm that authorize set finds that the call has been renewed.
    pass(3_600 + RING_SECONDS - 120);
    await runDurableObjectAlarm(ledger.stub());
    expect(await ledger.account()).toMatchObject({ active_calls: 1 });
    pass(121);
    await runDurableObjectAlarm(ledger.stub());
    expect(await ledger.account()).toMatchObject({ active_calls: 0, posted_micros: 998 * MINUTE_MICROS });
  });

  test("scarce credit is divided: each call leaves as much for every live one and for one more", async () => {
    const ledger = await fundedLedger(60 * MINUTE_MICROS);
    const granted: number[] = [];
    for (let at = 0; at < 5; at += 1)
      granted.push(grantOf(await ledger.send(authorize(`c${at}`, HOUR))).granted_seconds);
    // 3600 s of credit: half of it, a third of what is left, a quarter of that …
    expect(granted).toEqual([1_800, 600, 300, 180, 120]);
    expect(wordOf(await ledger.send(authorize("usual")))).toBe("granted");
  });

  test("it is never less than a call is granted that asks for nothing, and never above the operator's bound", async () => {
    const ledger = await fundedLedger(10_000 * MINUTE_MICROS);
    for (const quota_seconds of [1, 59, 60])
      expect(
        grantOf(await ledger.send(authorize(`short-${quota_seconds}`, { quota_seconds }))).granted_seconds,
      ).toBe(60);
    expect(grantOf(await ledger.send(authorize("day", { quota_seconds: 86_400 }))).granted_seconds).toBe(
      3_600,
    );
    const limited = authorize("limited", { ...HOUR, max_duration_seconds: 90 });
    expect(grantOf(await ledger.send(limited))).toMatchObject({ granted_seconds: 90, final_unit: true });
  });

  test("the same id with another quota is another request", async () => {
    const ledger = await fundedLedger(1_000 * MINUTE_MICROS);
    const first = await ledger.send(authorize("c", HOUR));
    pass(30);
    expect(await ledger.send(authorize("c", HOUR))).toEqual(first);
    expect(wordOf(await ledger.send(authorize("c", { quota_seconds: 1_800 })))).toBe("idempotency_conflict");
    expect(wordOf(await ledger.send(authorize("c")))).toBe("idempotency_conflict");
  });
});
