import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { stopClock } from "../../support/clock";
import {
  authorize,
  fundedLedger,
  grantOf,
  rateOf,
  receiptOf,
  renew,
  settle,
} from "../../support/ledger/ledger";

const CREDIT = 1_000_000_000;
const DAY_SECONDS = 86_400;
const DAY_MS = DAY_SECONDS * 1_000;

let clock: ReturnType<typeof stopClock>;
beforeEach(() => {
  clock = stopClock();
});
afterEach(() => {
  vi.useRealTimers();
});

describe.each([
  ["by the second", {}],
  ["by 60/7 s, which a day is no multiple of", { first_seconds: 60, next_seconds: 7 }],
  ["by the hour", { first_seconds: 3_600, next_seconds: 3_600 }],
])("a call rated %s", (_, rate) => {
  test.each([null, DAY_SECONDS])("is granted a day at most, and told so (asked for %s)", async (asked) => {
    const ledger = await fundedLedger(CREDIT);
    const terms = { standard_rate: rateOf(rate), max_duration_seconds: asked };
    await ledger.send(authorize("c", terms));
    clock.pass(DAY_MS - 90_000);
    expect(grantOf(await ledger.send(renew("c", 1, DAY_SECONDS - 90)))).toMatchObject({
      granted_seconds: expect.any(Number),
    });
    clock.pass(60_000);
    expect(grantOf(await ledger.send(renew("c", 2, DAY_SECONDS - 30)))).toMatchObject({
      granted_seconds: DAY_SECONDS,
      valid_for_seconds: 30,
      renew_before_seconds: DAY_SECONDS - 7,
      final_unit: true,
    });
    clock.pass(3_600_000);
    const beyond = grantOf(await ledger.send(renew("c", 3, DAY_SECONDS + 3_570)));
    expect(beyond).toMatchObject({
      granted_seconds: DAY_SECONDS,
      valid_for_seconds: 0,
      final_unit: true,
    });
    expect(await ledger.verify()).toMatchObject({ ok: true });
  });
});

test("a call that a node let run on past its last grant is charged for the truth, and flagged", async () => {
  const ledger = await fundedLedger(CREDIT);
  await ledger.send(authorize("c"));
  clock.pass(7 * DAY_MS);
  expect(await ledger.send(settle("c", 7 * DAY_MS + 1))).toMatchObject({
    code: "invalid",
    param: "duration_ms",
  });
  const receipt = receiptOf(await ledger.send(settle("c", 7 * DAY_MS)));
  expect(receipt).toMatchObject({
    billable_seconds: 7 * DAY_SECONDS,
    charged_micros: 705_600_000,
    flags: ["longer_than_a_day"],
  });
  expect(receipt.overrun_micros).toBeGreaterThan(0);
  const correct = { op: "correct", call_id: "c", correction_id: "1", reason: "CDR" } as const;
  expect(await ledger.send({ ...correct, duration_ms: 7 * DAY_MS + 1 })).toMatchObject({ code: "invalid" });
  expect(receiptOf(await ledger.send({ ...correct, duration_ms: 2 * DAY_MS }))).toMatchObject({
    charged_micros: 201_600_000,
    flags: ["longer_than_a_day"],
  });
  expect(await ledger.verify()).toMatchObject({ ok: true });
});

test("one that falls silent after more than a day is charged up to its last proof of life", async () => {
  const ledger = await fundedLedger(CREDIT);
  await ledger.send(authorize("c"));
  clock.pass(DAY_MS + 600_000);
  await ledger.send(renew("c", 1, DAY_SECONDS + 600));
  for (let rings = 0; rings < 5 && (await ledger.account()).active_calls > 0; rings++) {
    clock.pass(200_000);
    await runDurableObjectAlarm(ledger.stub());
  }
  const charged_micros = 101_500_000;
  expect(await ledger.stub().call(null, "c")).toMatchObject({
    known: { call: { outcome: "lost", charged_micros, flags: ["longer_than_a_day"] } },
  });
});

test("a call that was refused, and ran all the same, is charged for a day at most", async () => {
  const ledger = await fundedLedger(0);
  await ledger.send(authorize("c"));
  clock.pass(3 * DAY_MS);
  expect(await ledger.send(settle("c", DAY_MS + 1))).toMatchObject({ code: "invalid", param: "duration_ms" });
  expect(receiptOf(await ledger.send(settle("c", DAY_MS)))).toMatchObject({ charged_micros: 100_800_000 });
});
