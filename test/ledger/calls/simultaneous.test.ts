import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { CallAnswer } from "../../../src/ledger/core/calls/commands";
import { feeOf, type Rate } from "../../../src/ledger/core/credit/rating";
import type { OrganizationLedger } from "../../../src/ledger/object/organization-ledger";
import { Projector } from "../../../src/ledger/object/projector";
import { authorize, fundedLedger, rateOf, VOICE, wordOf } from "../../support/ledger/ledger";

const CALLS = 10_000;
const CREDIT_MICROS = 100 * VOICE.price_micros_per_minute;

beforeEach(() => {
  // The copy to D1 has its own tests, and would take its time for ten thousand calls.
  vi.spyOn(Projector.prototype, "flush").mockResolvedValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
});

type Ask = (at: number) => Promise<CallAnswer[]>;

/** Ten thousand requests, each on its own and none awaited; the answers are in the order of the requests. */
async function askAll(ask: Ask): Promise<string[]> {
  const answers = await Promise.all(Array.from({ length: CALLS }, (_, at) => ask(at)));
  return answers.flat().map(wordOf);
}

const authorizeAt = (at: number, rate: Rate) =>
  authorize(`c${at}`, { rate_name: rate.name, standard_rate: rate });

describe("ten thousand calls that start at once on credit for a hundred minutes", () => {
  test("at 60/60: exactly a hundred are allowed", { timeout: 60_000 }, async () => {
    const by_minute = rateOf({ first_seconds: 60, next_seconds: 60 });
    const ledger = await fundedLedger(CREDIT_MICROS);
    const stub = ledger.stub();
    const words = await askAll((at) => stub.operate([authorizeAt(at, by_minute)]));
    expect(words.filter((word) => word === "granted").length).toBe(100);
    expect(words.filter((word) => word === "credit_in_use").length).toBe(CALLS - 100);
    expect(await ledger.account()).toMatchObject({
      posted_micros: CREDIT_MICROS,
      held_micros: CREDIT_MICROS,
      spendable_micros: 0,
      active_calls: 100,
    });
    expect(await ledger.verify()).toMatchObject({ ok: true });
  });

  test("at 1/1: none is refused while an increment is spendable", { timeout: 60_000 }, async () => {
    const ledger = await fundedLedger(CREDIT_MICROS);
    // Asked inside the object: without the way there and back, they truly are all there at once.
    const words = await runInDurableObject(ledger.stub(), (instance: OrganizationLedger) =>
      askAll((at) => instance.operate([authorizeAt(at, VOICE)])),
    );
    const account = await ledger.account();
    const allowed = words.filter((word) => word === "granted").length;
    expect(words.indexOf("credit_in_use")).toBe(allowed);
    expect(words.filter((word) => word === "credit_in_use").length).toBe(CALLS - allowed);
    expect(account.spendable_micros).toBeGreaterThanOrEqual(0);
    expect(account.spendable_micros).toBeLessThan(feeOf(1_000, VOICE).fee_micros);
    expect(account).toMatchObject({ posted_micros: CREDIT_MICROS, active_calls: allowed });
    expect(await ledger.verify()).toMatchObject({ ok: true });
  });
});
