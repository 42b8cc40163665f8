import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { CallCommand } from "../../../src/ledger/core/calls/commands";
import { stopClock } from "../../support/clock";
import { authorize, fundedLedger, settle } from "../../support/ledger/ledger";
import { DAY_MS, limitSize, recordsOf, runAlarm, seqsOf } from "../../support/ledger/retention";
import { Random } from "../../support/random";

let clock: ReturnType<typeof stopClock>;

beforeEach(() => {
  clock = stopClock("2030-11-10T12:00:00.000Z");
});
afterEach(() => {
  vi.useRealTimers();
});

test.each([1, 2])(
  "whatever is played and whenever it leaves, the ledger adds up (seed %i)",
  async (seed) => {
    const random = new Random(seed);
    const ledger = await fundedLedger(100_000_000);
    for (let round = 0; round < 12; round++) {
      await ledger.stub().operate(commandsOf(random, round));
      if (random.chance(0.5)) await ledger.post(`adjustment:${round}`, random.between(-1_000, 1_000) * 1_000);
      if (random.chance(0.3)) await limitSize(ledger, random.pick([1, null]));
      const { posted_micros } = await ledger.account();
      clock.pass(random.between(0, 120) * DAY_MS);
      await runAlarm(ledger);
      expect(await ledger.account()).toMatchObject({ posted_micros, held_micros: 0 });
      expect(await ledger.verify()).toMatchObject({ ok: true, posted_micros });
    }
    expect((await seqsOf(ledger))[0]).toBeGreaterThan(1);
    const records = await recordsOf(ledger);
    const sum = (rows: Record<string, unknown>[], name: string) =>
      rows.reduce((total, row) => total + Number(row[name]), 0);
    const { posted_micros } = await ledger.account();
    expect(sum(records.entries, "amount_micros") - sum(records.calls, "charged_micros")).toBe(posted_micros);
  },
  30_000,
);

/** Some calls, each of which ends in its own way, and corrections of these and of earlier ones. */
function commandsOf(random: Random, round: number): CallCommand[] {
  return Array.from({ length: random.between(1, 12) }, (_, at) => {
    const call_id = `${round}-${at}`;
    const ending = random.weighted({ settle: 6, silent: 1, void: 2 });
    const end: CallCommand =
      ending === "void"
        ? { op: "void", call_id, end_reason: "busy" }
        : settle(call_id, ending === "silent" ? 0 : random.between(1, 60_000));
    const correction: CallCommand = {
      op: "correct",
      call_id: `${random.between(0, round)}-${random.between(0, 11)}`,
      correction_id: `after ${call_id}`,
      duration_ms: random.between(0, 50_000),
      reason: "CDR",
    };
    return [authorize(call_id), end, ...(random.chance(0.4) ? [correction] : [])];
  }).flat();
}
