import { runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { authorize, fundedLedger, settle, type TestLedger } from "../../support/ledger/ledger";

async function playedLedger(): Promise<TestLedger> {
  const ledger = await fundedLedger(10_000_000);
  for (const call_id of ["a", "b", "c"]) {
    await ledger.send(authorize(call_id));
    await ledger.send(settle(call_id, 30_000));
  }
  await ledger.send(authorize("live"));
  return ledger;
}

test("an untouched ledger verifies, over more than one portion too", async () => {
  const ledger = await playedLedger();
  expect(await ledger.verify()).toEqual({
    outcome: "verified",
    ok: true,
    first_difference: null,
    posted_micros: 10_000_000 - 3 * 35_000,
    held_micros: 70_000,
    entries: 4,
    proves_from_seq: 1,
  });
  const commands = Array.from({ length: 600 }, (_, i) => [authorize(`m${i}`), settle(`m${i}`, 1_000)]).flat();
  for (let at = 0; at < commands.length; at += 300) await ledger.stub().operate(commands.slice(at, at + 300));
  expect(await ledger.verify()).toMatchObject({ ok: true, entries: 604 });
});

const TAMPERED: [string, string, RegExp][] = [
  [
    "an amount",
    "UPDATE entry SET amount_micros = amount_micros - 1 WHERE seq = 3",
    /^entry 1:3: balance after/,
  ],
  ["a balance", "UPDATE entry SET balance_after_micros = 1 WHERE seq = 2", /^entry 1:2: balance after/],
  ["a missing entry", "DELETE FROM entry WHERE seq = 2", /^entry 2 is missing/],
  ["a missing call", "DELETE FROM call WHERE call_id = 'b'", /^entry 1:3: its call b is missing/],
  [
    "a charge",
    "UPDATE call SET facts = json_set(facts, '$.charged_micros', 1) WHERE call_id = 'b'",
    /^call b: charged 1, its entries say 35000/,
  ],
  [
    "a duration",
    "UPDATE call SET facts = json_set(facts, '$.duration_ms', 90000) WHERE call_id = 'c'",
    /^call c: charged 35000, its rate and duration say 105000/,
  ],
  [
    "an entry that no call knows",
    "UPDATE entry SET call_id = 'a' WHERE seq = 3",
    /^entry 1:3: its call a does not know it/,
  ],
  ["a hold", "UPDATE hold SET held_micros = 5", /^held: 5 in the column/],
  ["a lost hold", "DELETE FROM hold", /^held: 70000 in memory, 0 in the open holds/],
];

test.each(TAMPERED)(
  "%s that was tampered with is the first difference named",
  async (_, statement, difference) => {
    const ledger = await playedLedger();
    await runInDurableObject(ledger.stub(), (_object, state) => {
      state.storage.sql.exec(statement);
    });
    const verification = await ledger.verify();
    if (verification.outcome !== "verified") throw new Error(verification.outcome);
    expect(verification.ok).toBe(false);
    expect(verification.first_difference).toMatch(difference);
  },
);
