import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Projector } from "../../src/ledger/projector";
import { feeMicros, type Rate } from "../../src/ledger/rating";
import { authorize, fundedLedger, rateOf, VOICE, wordOf } from "../support/ledger";

const CALLS = 10_000;
const CREDIT_MICROS = 100 * VOICE.price_micros_per_minute;

beforeEach(() => {
  // The copy to D1 has its own tests, and would take its time for ten thousand calls.
  vi.spyOn(Projector.prototype, "flush").mockResolvedValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Ten thousand requests, each on its own and none awaited; the answers are in the order of the requests. */
async function authorizeAll(rate: Rate) {
  const ledger = await fundedLedger(CREDIT_MICROS);
  const stub = ledger.stub();
  const answers = await Promise.all(
    Array.from({ length: CALLS }, (_, at) =>
      stub.operate([authorize(`c${at}`, { rate_name: rate.name, standard_rate: rate })]),
    ),
  );
  const words = answers.flat().map(wordOf);
  return { ledger, words, account: await ledger.account() };
}

describe("ten thousand calls that start at once on credit for a hundred minutes", () => {
  test("at 60/60: exactly a hundred are allowed", { timeout: 60_000 }, async () => {
    const { ledger, words, account } = await authorizeAll(rateOf({ first_seconds: 60, next_seconds: 60 }));
    expect(words.filter((word) => word === "granted").length).toBe(100);
    expect(words.filter((word) => word === "credit_in_use").length).toBe(CALLS - 100);
    expect(account).toMatchObject({
      posted_micros: CREDIT_MICROS,
      held_micros: CREDIT_MICROS,
      spendable_micros: 0,
      active_calls: 100,
    });
    expect(await ledger.verify()).toMatchObject({ ok: true });
  });

  test("at 1/1: none is refused while an increment is spendable", { timeout: 60_000 }, async () => {
    const { ledger, words, account } = await authorizeAll(VOICE);
    const allowed = words.filter((word) => word === "granted").length;
    expect(words.indexOf("credit_in_use")).toBe(allowed);
    expect(words.filter((word) => word === "credit_in_use").length).toBe(CALLS - allowed);
    expect(account.spendable_micros).toBeGreaterThanOrEqual(0);
    expect(account.spendable_micros).toBeLessThan(feeMicros(1, VOICE));
    expect(account).toMatchObject({ posted_micros: CREDIT_MICROS, active_calls: allowed });
    expect(await ledger.verify()).toMatchObject({ ok: true });
  });
});
