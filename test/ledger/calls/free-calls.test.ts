import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  authorize,
  fundedLedger,
  grantOf,
  rateOf,
  receiptOf,
  renew,
  settle,
  wordOf,
} from "../../support/ledger/ledger";

const FREE = {
  rate_name: "helpline",
  standard_rate: rateOf({ name: "helpline", price_micros_per_minute: 0 }),
};
const CONNECTION_MICROS = 50_000;
const WITH_CONNECTION = { standard_rate: rateOf({ connection_fee_micros: CONNECTION_MICROS }) };
const FREE_START = { standard_rate: rateOf({ free_seconds: 30 }) };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(new Date("2031-05-05T12:00:00Z"));
});
afterEach(() => {
  vi.useRealTimers();
});

function pass(seconds: number) {
  vi.setSystemTime(Date.now() + seconds * 1_000);
}

describe("a call at a price of 0", () => {
  test("needs no credit, holds none, is renewed like others, and counts its minutes", async () => {
    const ledger = await fundedLedger(1);
    await ledger.post("adjustment:debt", -5_000_000);
    expect(wordOf(await ledger.send(authorize("paid")))).toBe("insufficient_credits");
    expect(grantOf(await ledger.send(authorize("free", FREE)))).toMatchObject({
      granted_seconds: 60,
      final_unit: false,
    });
    pass(50);
    expect(grantOf(await ledger.send(renew("free", 1, 50)))).toMatchObject({
      granted_seconds: 110,
      final_unit: false,
    });
    pass(40);
    expect(receiptOf(await ledger.send(settle("free", 90_000)))).toMatchObject({
      outcome: "settled",
      billable_seconds: 90,
      charged_micros: 0,
    });
    expect(await ledger.account()).toMatchObject({ held_micros: 0, month_seconds: 90 });
    expect(await ledger.verify()).toMatchObject({ ok: true });
  });

  test("is refused like others while the organization is suspended", async () => {
    const ledger = await fundedLedger(1, { state: "suspended" });
    expect(wordOf(await ledger.send(authorize("free", FREE)))).toBe("organization_suspended");
  });

  test("needs credit for what providers are expected to cost", async () => {
    const ledger = await fundedLedger(1);
    const asked = authorize("agent", { ...FREE, expected_provider_micros_per_minute: 60_000 });
    expect(wordOf(await ledger.send(asked))).toBe("insufficient_credits");
  });
});

describe("a connection fee", () => {
  test("is held with the first quota, and a call that cannot pay it does not begin", async () => {
    const ledger = await fundedLedger(CONNECTION_MICROS);
    expect(wordOf(await ledger.send(authorize("poor", WITH_CONNECTION)))).toBe("insufficient_credits");
    await ledger.post("adjustment:more", 70_000);
    expect(grantOf(await ledger.send(authorize("call", WITH_CONNECTION))).granted_seconds).toBe(60);
    expect(await ledger.account()).toMatchObject({ held_micros: 120_000 });
  });

  test("is charged once, however often the call is renewed, and not for a call that was never answered", async () => {
    const ledger = await fundedLedger(1_000_000);
    await ledger.send(authorize("rang", WITH_CONNECTION));
    await ledger.send({ op: "void", call_id: "rang", end_reason: "busy" });
    await ledger.send(authorize("call", WITH_CONNECTION));
    pass(50);
    await ledger.send(renew("call", 1, 50));
    pass(50);
    await ledger.send(renew("call", 2, 100));
    pass(20);
    expect(receiptOf(await ledger.send(settle("call", 120_000)))).toMatchObject({
      fee_micros: 190_000,
      overrun_micros: 0,
    });
    expect(await ledger.account()).toMatchObject({ posted_micros: 810_000 });
  });
});

describe("free seconds", () => {
  test("cost nothing, and credit for the first increment after them must be there", async () => {
    const ledger = await fundedLedger(1_166);
    expect(wordOf(await ledger.send(authorize("poor", FREE_START)))).toBe("insufficient_credits");
    await ledger.post("adjustment:more", 1);
    expect(grantOf(await ledger.send(authorize("call", FREE_START)))).toMatchObject({
      granted_seconds: 31,
      final_unit: true,
    });
    pass(31);
    expect(receiptOf(await ledger.send(settle("call", 30_000)))).toMatchObject({
      billable_seconds: 0,
      charged_micros: 0,
    });
    expect(await ledger.account()).toMatchObject({ held_micros: 0, posted_micros: 1_167 });
  });
});
