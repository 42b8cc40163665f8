import { expect, test } from "vitest";
import { fundedLedger } from "../../support/ledger/ledger";
import { playCalls, runAlarm } from "../../support/ledger/retention";
import { turn } from "../../support/turns";

/** Counts how often the clock is heard while `work` goes on: as often as other requests could be. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let is_over = false;
  const ticking = (async () => {
    while (!is_over) {
      await turn();
      turns += 1;
    }
  })();
  await work();
  is_over = true;
  await ticking;
  return turns;
}

test("while a ledger proves that it adds up, others have their turn after each portion", async () => {
  const ledger = await fundedLedger(1_000_000_000);
  await playCalls(ledger, "c", 5_000);
  // 5,000 entries and 5,000 calls, 500 in a portion.
  expect(await turnsDuring(() => ledger.verify())).toBeGreaterThanOrEqual(19);
});

test("while a ledger copies what has piled up to D1, others have their turn after each portion", async () => {
  const ledger = await fundedLedger(1_000_000_000);
  await playCalls(ledger, "c", 5_000);
  expect(await turnsDuring(() => runAlarm(ledger))).toBeGreaterThanOrEqual(10);
});
