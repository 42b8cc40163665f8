import { describe, expect, test } from "vitest";
import type { CallCommand } from "../../../src/ledger/core/calls/commands";
import { linksOf, mask, rechain, tamper } from "../../support/ledger/chain";
import { authorize, fundedLedger, settle, type TestLedger } from "../../support/ledger/ledger";

const correct = (duration_ms: number, correction_id = "k"): CallCommand => ({
  op: "correct",
  call_id: "b",
  correction_id,
  duration_ms,
  reason: "CDR",
});

/** Entries 1 (credit), 2 (call a), 3 (call b), 4 (b's correction), 5 (call c), and call b corrected again without an entry. */
async function chainedLedger(): Promise<TestLedger> {
  const ledger = await fundedLedger(10_000_000);
  for (const call_id of ["a", "b"]) {
    await ledger.send(authorize(call_id, { number: "+31201234567" }));
    await ledger.send(settle(call_id, 30_000));
  }
  await ledger.send(correct(20_000));
  await ledger.send(correct(19_500, "of the same seconds"));
  await ledger.send(authorize("c"));
  await ledger.send(settle("c", 10_000));
  return ledger;
}

const differenceOf = async (ledger: TestLedger) => {
  const verification = await ledger.verify();
  if (verification.outcome !== "verified") throw new Error(verification.outcome);
  return verification.first_difference;
};

const facts = (call_id: string, path: string, value: string) =>
  `UPDATE call SET facts = json_set(facts, '$.${path}', ${value}) WHERE call_id = '${call_id}'`;

describe("one bit of what adds up all the same", () => {
  const OF_ENTRY = /^entry 1:3: its digest is not the one of its row/;
  const OF_CALL = /^entry 1:2: its call a is not as it was when the entry was posted/;
  test.each([
    ["the time of an entry", "UPDATE entry SET posted_at_ms = posted_at_ms + 1 WHERE seq = 3", OF_ENTRY],
    ["its kind", "UPDATE entry SET kind = 'correction' WHERE seq = 3", OF_ENTRY],
    ["its reason", "UPDATE entry SET reason = 'hangup.' WHERE seq = 3", OF_ENTRY],
    ["its count of seconds", "UPDATE entry SET month_seconds_after = 61 WHERE seq = 3", OF_ENTRY],
    ["its key", "UPDATE entry SET key = 'purchase:1' WHERE seq = 3", OF_ENTRY],
    ["its epoch", "UPDATE entry SET epoch = 2 WHERE seq = 3", /^entry 2:3: its digest/],
    ["its salt", "UPDATE entry SET salt = '00000000000000000000000000000000' WHERE seq = 3", OF_ENTRY],
    ["no salt", "UPDATE entry SET salt = NULL WHERE seq = 3", OF_ENTRY],
    ["the receipt that it fixed", "UPDATE entry SET receipt_digest = digest WHERE seq = 3", OF_ENTRY],
    ["its digest", "UPDATE entry SET digest = receipt_digest WHERE seq = 3", OF_ENTRY],
    ["no digest before another", "UPDATE entry SET digest = NULL WHERE seq = 3", /^entry 1:4: its digest/],
    ["a call's number", facts("a", "from", "'+31201234568'"), OF_CALL],
    ["its length, in the same second", facts("a", "duration_ms", "29999"), OF_CALL],
    ["its end", facts("a", "ended_at_ms", "1"), OF_CALL],
    ["its reason to end", facts("a", "end_reason", "'busy'"), OF_CALL],
    ["the name of its rate", facts("a", "rate.name", "'other'"), OF_CALL],
    ["a flag", facts("a", "flags", "json('[\"times_moved\"]')"), OF_CALL],
    [
      "the receipt that a correction without an entry left behind",
      facts("b", "receipt_at_entry.duration_ms", "20001"),
      /^entry 1:4: its call b is not as it was/,
    ],
  ])("%s is named with its entry", async (_, statement, named) => {
    const ledger = await chainedLedger();
    await tamper(ledger, statement);
    expect(await differenceOf(ledger)).toMatch(named);
  });
});

test("an entry that was taken out, with everything after it moved up and added up anew, is named", async () => {
  const ledger = await chainedLedger();
  const [, , taken] = await linksOf(ledger);
  await tamper(
    ledger,
    "DELETE FROM entry WHERE seq IN (3, 4)",
    "DELETE FROM call WHERE call_id = 'b'",
    `UPDATE entry SET seq = 3, balance_after_micros = balance_after_micros + ${23_333} WHERE seq = 5`,
    "UPDATE call SET facts = json_set(facts, '$.entry_seqs', json('[3]')) WHERE call_id = 'c'",
    "UPDATE projection SET entry_seq = 3",
  );
  expect(taken?.seq).toBe(3);
  expect(await differenceOf(ledger)).toMatch(/^entry 1:3: its digest is not/);
});

test("corrections with and without an entry, and a repeat of what was settled, leave the chain whole", async () => {
  const ledger = await chainedLedger();
  await ledger.send(settle("b", 30_000));
  await ledger.send(correct(25_000, "again"));
  await ledger.send(correct(25_000, "without anything new"));
  expect(await ledger.verify()).toMatchObject({ ok: true, entries: 6 });
});

describe("what may name a person can be masked", () => {
  test("a number", async () => {
    const ledger = await chainedLedger();
    await mask(ledger, "a", ["+31201234567"], true);
    expect(await ledger.verify()).toMatchObject({ ok: true, first_difference: null });
    const answer = await ledger.stub().call(null, "a");
    expect(JSON.stringify(answer)).not.toContain("+31201234567");
    await tamper(ledger, facts("a", "to", "'+31201234567'"));
    expect(await differenceOf(ledger)).toMatch(/^entry 1:2: its call a is not as it was/);
  });

  test("everything of a call that has two entries, and the salts with it", async () => {
    const ledger = await chainedLedger();
    const values = ["b", "+31201234567", "+31207654321", "hangup", "CDR"];
    await mask(ledger, "b", values, false);
    expect(await ledger.verify()).toMatchObject({ ok: true, entries: 5 });
    const of_call = (await linksOf(ledger)).filter(({ seq }) => seq === 3 || seq === 4);
    expect(of_call.map(({ salt, reason }) => [salt, reason?.slice(0, 7)])).toEqual([
      [null, "masked:"],
      [null, "masked:"],
    ]);
    expect(of_call[0]?.call_id).toBe(of_call[1]?.call_id);
    await tamper(ledger, "UPDATE entry SET amount_micros = amount_micros + 0, kind = 'refund' WHERE seq = 3");
    expect(await differenceOf(ledger)).toMatch(/^entry 1:3: its digest/);
  });

  test("a call_id that looks masked is one like any other", async () => {
    const ledger = await fundedLedger(1_000_000);
    const call_id = `masked:${"0".repeat(64)}`;
    await ledger.send(authorize(call_id));
    await ledger.send(settle(call_id, 1_000));
    expect(await ledger.verify()).toMatchObject({ ok: true });
  });
});

test("the links can be worked out from the rows by what the documentation says", async () => {
  const sha256 = async (text: string) => {
    const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  const ledger = await chainedLedger();
  let previous: string | null = null;
  for (const entry of await linksOf(ledger)) {
    const commit = async (value: string | null) => value && (await sha256(`${entry.salt}${value}`));
    const { seq, epoch, kind, amount_micros, balance_after_micros, month_seconds_after, posted_at_ms } =
      entry;
    const digest = await sha256(
      JSON.stringify([
        ...["entry", previous, seq, epoch, kind, "EUR"],
        ...[amount_micros, balance_after_micros, month_seconds_after, posted_at_ms],
        ...[await commit(entry.call_id), await commit(entry.key), await commit(entry.reason)],
        entry.receipt_digest,
      ]),
    );
    expect(entry.digest).toBe(digest);
    previous = digest;
  }
  expect(previous).not.toBeNull();
});

test("the chain goes on in a new epoch, over restarts, and over several portions of a check", async () => {
  const ledger = await chainedLedger();
  await tamper(ledger);
  await ledger.stub().beginEpoch(2);
  const commands = Array.from({ length: 600 }, (_, i) => [authorize(`m${i}`), settle(`m${i}`, 1_000)]).flat();
  for (let at = 0; at < commands.length; at += 300) await ledger.stub().operate(commands.slice(at, at + 300));
  const verification = await ledger.verify();
  expect(verification).toMatchObject({ ok: true, entries: 605 });
  expect(verification).not.toHaveProperty("chain_from_seq");
  await tamper(ledger, "UPDATE entry SET posted_at_ms = posted_at_ms - 1 WHERE seq = 503");
  expect(await differenceOf(ledger)).toMatch(/^entry 2:503: its digest/);
});

describe("entries without a digest", () => {
  const OLDER = "UPDATE entry SET salt = NULL, receipt_digest = NULL, digest = NULL WHERE seq";

  test("from before the chain: the check says from which one on the chain proves, and still adds up the others", async () => {
    const ledger = await chainedLedger();
    await tamper(ledger, `${OLDER} > 0`);
    expect(await ledger.verify()).toMatchObject({ ok: true, proves_from_seq: 1, chain_from_seq: 6 });
    await ledger.post("adjustment:later", 1);
    expect(await ledger.verify()).toMatchObject({ ok: true, proves_from_seq: 1, chain_from_seq: 6 });
    await ledger.send(correct(29_000, "of a call from before"));
    expect(await ledger.verify()).toMatchObject({ ok: true, entries: 7, chain_from_seq: 6 });
    await tamper(ledger, "UPDATE entry SET reason = 'other' WHERE seq = 6");
    expect(await differenceOf(ledger)).toMatch(/^entry 1:6: its digest/);
  });

  test("between others, as an older release writes them after a rollback: the chain begins anew behind them", async () => {
    const ledger = await chainedLedger();
    // What the older release has posted last.
    await tamper(ledger, `${OLDER} = 5`);
    expect(await ledger.verify()).toMatchObject({ ok: true, chain_from_seq: 6 });
    await ledger.post("adjustment:later", 1);
    expect(await ledger.verify()).toMatchObject({ ok: true, chain_from_seq: 6 });
    await tamper(ledger, "UPDATE entry SET reason = 'other' WHERE seq = 2");
    expect(await differenceOf(ledger)).toMatch(/^entry 1:2: its digest/);
  });
});

test("a ledger that was rewritten consistently proves itself, and has another head", async () => {
  const ledger = await chainedLedger();
  const before = await linksOf(ledger);
  await tamper(ledger, "UPDATE entry SET posted_at_ms = posted_at_ms - 1 WHERE seq = 2");
  await rechain(ledger, 2);
  expect(await ledger.verify()).toMatchObject({ ok: true });
  expect((await linksOf(ledger)).at(-1)?.digest).not.toBe(before.at(-1)?.digest);
});
