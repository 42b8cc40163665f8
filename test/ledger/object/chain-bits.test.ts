import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";
import type { CallCommand } from "../../../src/ledger/core/calls/commands";
import { stopClock } from "../../support/clock";
import { linksOf, tamper } from "../../support/ledger/chain";
import { authorize, fundedLedger, settle, type TestLedger } from "../../support/ledger/ledger";
import { DAY_MS, expectProof, playCalls, runAlarm } from "../../support/ledger/retention";

afterEach(() => {
  vi.useRealTimers();
});

type Value = string | number | boolean | null;

/** The value with one bit of it turned over; of what is not there, that there is something. */
function withOneBitTurned(value: Value): Value {
  if (value === null) return "x";
  if (typeof value === "boolean") return !value;
  if (typeof value === "number") return value + (value % 2 === 0 ? 1 : -1);
  const at = Math.floor(value.length / 2);
  return value.slice(0, at) + String.fromCharCode(value.charCodeAt(at) ^ 1) + value.slice(at + 1);
}

/** Entries 1 (credit), 2 (call a), 3 (call b), 4 (b's correction) and 5 (credit that somebody gave a reason for). */
async function playedLedger(): Promise<TestLedger> {
  const ledger = await fundedLedger(10_000_000);
  for (const call_id of ["a", "b"]) {
    await ledger.send(authorize(call_id, { number: "+31201234567" }));
    const provider_costs = [{ service: "stt", cost_micros: 1_000 }];
    await ledger.send({ ...settle(call_id, 30_000), provider_costs } as CallCommand);
  }
  const correction = { op: "correct" as const, correction_id: "k", reason: "CDR" };
  await ledger.send({ ...correction, call_id: "b", duration_ms: 20_000 });
  await ledger.post("adjustment:later", 1);
  expect(await ledger.verify()).toMatchObject({ ok: true });
  return ledger;
}

async function differenceOf(ledger: TestLedger): Promise<string | null> {
  const verification = await ledger.verify();
  if (verification.outcome !== "verified") throw new Error(verification.outcome);
  expect(verification.ok).toBe(verification.first_difference === null);
  return verification.first_difference;
}

type Row = Record<string, Value>;

const rowsOf = (ledger: TestLedger, query: string) =>
  runInDurableObject(
    ledger.stub(),
    (_, { storage }) => storage.sql.exec<Row & never>(query).toArray() as Row[],
  );

/** Writes values behind the ledger's back, as they are bound. */
async function overwrite(ledger: TestLedger, statement: string, ...values: Value[]): Promise<void> {
  await runInDurableObject(ledger.stub(), (_, { storage }) => {
    storage.sql.exec(statement, ...(values as SqlStorageValue[]));
  });
  await evictDurableObject(ledger.stub());
}

/** Turns a bit of each of these columns of an entry over, one after the other, and answers those that no proof has named. */
async function unnoticedColumns(ledger: TestLedger, seq: number, columns: Row): Promise<string[]> {
  const unnoticed: string[] = [];
  for (const [column, value] of Object.entries(columns)) {
    // The number of a row is turned over so that it takes no other one's.
    const turned = column === "seq" ? seq ^ 1_024 : withOneBitTurned(value);
    await overwrite(ledger, `UPDATE entry SET ${column} = ? WHERE seq = ?`, turned, seq);
    if (!/^(entry|checkpoint|posted|call) ?/.test((await differenceOf(ledger)) ?? "")) unnoticed.push(column);
    const now = column === "seq" ? (turned as number) : seq;
    await overwrite(ledger, `UPDATE entry SET ${column} = ? WHERE seq = ?`, value, now);
  }
  expect(await differenceOf(ledger)).toBeNull();
  return unnoticed;
}

test("one bit in any column of any entry's row is named", async () => {
  const ledger = await playedLedger();
  for (const { seq, origin: _, ...columns } of await rowsOf(ledger, "SELECT * FROM entry"))
    expect(await unnoticedColumns(ledger, seq as number, { seq, ...columns } as Row)).toEqual([]);
}, 60_000);

test("one bit in any column of a checkpoint's row, and in the sums that it stands for, is named", async () => {
  const clock = stopClock("2030-11-10T12:00:00.000Z");
  const ledger = await playedLedger();
  clock.pass(300 * DAY_MS);
  await playCalls(ledger, "young", 2);
  clock.pass(100 * DAY_MS);
  await runAlarm(ledger);
  await expectProof(ledger, 6);
  expect(await ledger.verify()).not.toHaveProperty("chain_from_seq");
  const [checkpoint] = await rowsOf(ledger, "SELECT * FROM entry WHERE kind = 'checkpoint'");
  const { origin, ...columns } = checkpoint ?? {};
  expect(await unnoticedColumns(ledger, 5, columns)).toEqual([]);
  for (const [field, value] of Object.entries(JSON.parse(origin as string) as Row)) {
    const turned = JSON.stringify({ ...JSON.parse(origin as string), [field]: withOneBitTurned(value) });
    await overwrite(ledger, "UPDATE entry SET origin = ? WHERE seq = 5", turned);
    expect(await differenceOf(ledger), field).toMatch(/^checkpoint 1:5: /);
  }
  await overwrite(ledger, "UPDATE entry SET origin = NULL WHERE seq = 5");
  expect(await differenceOf(ledger)).toMatch(/^checkpoint 1:5: what its digest is of is missing/);
  await overwrite(ledger, "UPDATE entry SET origin = ? WHERE seq = 5", origin as string);
  await tamper(
    ledger,
    "UPDATE left_total SET amount_micros = amount_micros + 1 WHERE kind = 'call'",
    "UPDATE left_total SET amount_micros = amount_micros - 1 WHERE kind = 'correction'",
  );
  expect(await differenceOf(ledger)).toMatch(/^checkpoint 1:5: what it says, or the sums by kind/);
}, 60_000);

test("the proof goes on over what leaves, twice, and an entry that follows the checkpoint is still chained to it", async () => {
  const clock = stopClock("2030-11-10T12:00:00.000Z");
  const ledger = await playedLedger();
  for (const [name, proves_from_seq] of [
    ["first", 6],
    ["second", 8],
  ] as const) {
    clock.pass(300 * DAY_MS);
    await playCalls(ledger, name, 2);
    clock.pass(150 * DAY_MS);
    await runAlarm(ledger);
    await expectProof(ledger, proves_from_seq);
  }
  const links = await linksOf(ledger);
  expect(links.map(({ seq, kind }) => [seq, kind])).toEqual([
    [7, "checkpoint"],
    [8, "call"],
    [9, "call"],
  ]);
  await tamper(ledger, "UPDATE entry SET digest = 'x' WHERE seq = 7");
  expect(await differenceOf(ledger)).toMatch(/^checkpoint 1:7: its digest is not the one/);
});

/** Every value in a receipt, by its path. */
function leavesOf(value: unknown, path = "$"): [path: string, value: Value][] {
  if (value === null || typeof value !== "object") return [[path, value as Value]];
  return Object.entries(value).flatMap(([name, part]) =>
    leavesOf(part, Array.isArray(value) ? `${path}[${name}]` : `${path}.${name}`),
  );
}

/** What a call knows beside its receipt: what is needed to recognise repeats and to charge what is reported late. */
const NOT_OF_THE_RECEIPT = [
  ...[
    "version",
    "resolved_at_ms",
    "granted_seconds",
    "held_micros",
    "proof_of_life_seconds",
    "charged_at_ms",
  ],
  ...["report_fingerprint", "first_receipt", "request_digest", "node_terms", "updated_at_ms", "unrated"],
  ...["receipt_at_entry", "entry_seqs"],
];

test("one bit in any part of a call's receipt is named", async () => {
  const ledger = await playedLedger();
  const [row] = await rowsOf(ledger, "SELECT facts FROM call WHERE call_id = 'a'");
  const facts = row?.facts as string;
  const unnoticed: string[] = [];
  const receipt = Object.entries(JSON.parse(facts)).filter(([name]) => !NOT_OF_THE_RECEIPT.includes(name));
  for (const [path, value] of leavesOf(Object.fromEntries(receipt))) {
    const turned = JSON.stringify(withOneBitTurned(value));
    const changed = "UPDATE call SET facts = json_set(facts, ?, json(?)) WHERE call_id = 'a'";
    await overwrite(ledger, changed, path, turned);
    if (!/^(call .: |entry 1:2: )/.test((await differenceOf(ledger)) ?? "")) unnoticed.push(path);
    await overwrite(ledger, "UPDATE call SET facts = ? WHERE call_id = 'a'", facts);
  }
  expect(receipt.length).toBeGreaterThan(20);
  expect(unnoticed).toEqual([]);
}, 60_000);

test("two entries that were swapped, and added up anew, are named", async () => {
  const ledger = await playedLedger();
  await tamper(
    ledger,
    "UPDATE entry SET seq = 99 WHERE seq = 2",
    "UPDATE entry SET seq = 2 WHERE seq = 3",
    "UPDATE entry SET seq = 3 WHERE seq = 99",
    "UPDATE entry SET balance_after_micros = 10000000 + (SELECT sum(amount_micros) FROM entry AS before WHERE before.seq BETWEEN 2 AND entry.seq) WHERE seq IN (2, 3)",
    "UPDATE call SET facts = json_set(facts, '$.entry_seqs', json('[3]')) WHERE call_id = 'a'",
    "UPDATE call SET facts = json_set(facts, '$.entry_seqs', json('[2,4]')) WHERE call_id = 'b'",
  );
  expect(await differenceOf(ledger)).toMatch(/^entry 1:2: its digest is not the one/);
});
