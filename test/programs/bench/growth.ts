import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { performance } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";
import { parseArgs } from "node:util";
import {
  askAdmin,
  type Customer,
  createCustomer,
  type Platform,
  startPlatform,
} from "../../support/node/platform.ts";
import { buildWorker } from "../../support/node/workerd.ts";
import { BENCH_SETTINGS } from "./contenders.ts";
import { drive, type Sample } from "./load.ts";
import { median, printTable, shown } from "./table.ts";
import { authorizeMany, authorizes, edgeTarget, newCallId, say, settles } from "./traffic.ts";

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });

/** Settled calls that stand in one organization's object. */
const HISTORIES = [0, 100, 100_000, ...(values.quick ? [] : [1_000_000])];
const ROUNDS = values.quick ? 2 : 9;
const SECONDS = values.quick ? 1 : 1.5;
const CONNECTIONS = [1, 64];
const RESTARTS = values.quick ? 3 : 9;
const CREDIT_MICROS = 1e14;

interface Grown {
  calls: number;
  customer: Customer;
  bytes: number;
  samples: Map<number, Sample[]>;
  first_answers_ms: number[];
  verified_ms: number;
}

/** What a growing history does to authorize and to the start of the object. */
async function main(): Promise<void> {
  const directory = mkdtempSync(`${tmpdir()}/ringfence-growth-`);
  try {
    const module = await buildWorker(`${directory}/worker`);
    const options = { directory: `${directory}/platform`, module, settings: BENCH_SETTINGS };
    mkdirSync(options.directory);
    const grown = await grow(options);
    await measureStarts(options, grown);
    await measureAuthorize(options, grown);
    print(grown);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

type Options = Parameters<typeof startPlatform>[0];

/** One organization for each length of history, filled while workerd is down. */
async function grow(options: Options): Promise<Grown[]> {
  const platform = await startPlatform(options);
  const grown: Grown[] = [];
  for (const calls of HISTORIES) {
    const customer = await createCustomer(platform, CREDIT_MICROS);
    if (calls > 0) await settleOne(platform, customer);
    grown.push({ calls, customer, bytes: 0, samples: new Map(), first_answers_ms: [], verified_ms: 0 });
  }
  await platform.stop();
  for (const it of grown) {
    const began_ms = performance.now();
    it.bytes = fill(options.directory, it);
    console.log(`${it.calls} settled calls stand in the object, after ${seconds(began_ms)} s`);
  }
  const check = await startPlatform(options);
  for (const it of grown) {
    const began_ms = performance.now();
    const path = `/organizations/${it.customer.organization_id}/verify`;
    const { ok, first_difference } = await askAdmin<{ ok: boolean; first_difference?: string }>(check, path);
    it.verified_ms = performance.now() - began_ms;
    if (!ok) throw new Error(`The filled ledger of ${it.calls} calls is not in order: ${first_difference}`);
  }
  await check.stop();
  return grown;
}

async function settleOne(platform: Platform, { organization_id }: Customer): Promise<void> {
  const live = await authorizeMany(platform, [organization_id], 1);
  await say(platform, settles(live).next());
}

/** Rows as the ledger writes them: copies of the one settled call, each with its own id, place and balance. */
function fill(directory: string, { calls, customer }: Grown): number {
  const database = new DatabaseSync(fileOf(directory, customer.organization_id));
  if (calls > 0) {
    const entry = database.prepare("SELECT * FROM entry WHERE kind = 'call'").get() as Row;
    const call = database.prepare("SELECT * FROM call").get() as Row;
    const facts = JSON.parse(String(call.facts)) as Record<string, unknown>;
    const amount_micros = Number(entry.amount_micros);
    let seq = Number(entry.seq);
    let balance_micros = Number(entry.balance_after_micros);
    let month_seconds = Number(entry.month_seconds_after);
    const billable_seconds = Number(facts.billable_seconds);
    const insertEntry = insertInto(database, "entry", entry);
    const insertCall = insertInto(database, "call", call);
    database.exec("BEGIN");
    for (let made = 1; made < calls; made++) {
      const call_id = newCallId();
      const balance_before_micros = balance_micros;
      balance_micros += amount_micros;
      month_seconds += billable_seconds;
      seq += 1;
      const balances = { balance_before_micros, balance_after_micros: balance_micros, entry_seqs: [seq] };
      insertEntry({
        ...entry,
        seq,
        call_id,
        balance_after_micros: balance_micros,
        month_seconds_after: month_seconds,
      });
      insertCall({ ...call, call_id, facts: JSON.stringify({ ...facts, call_id, ...balances }) });
    }
    database.prepare("UPDATE projection SET entry_seq = ?").run(seq);
    database.exec("COMMIT");
  }
  const pages = database.prepare("PRAGMA page_count").get() as { page_count: number };
  const size = database.prepare("PRAGMA page_size").get() as { page_size: number };
  database.close();
  return pages.page_count * size.page_size;
}

type Row = Record<string, string | number | null>;

function insertInto(database: DatabaseSync, table: string, row: Row): (row: Row) => void {
  const names = Object.keys(row);
  const marks = names.map(() => "?").join(", ");
  const insert = database.prepare(`INSERT INTO ${table} (${names.join(", ")}) VALUES (${marks})`);
  return (values) => insert.run(...names.map((name) => values[name] ?? null));
}

/** The file of the object that keeps this organization. */
function fileOf(directory: string, organization_id: string): string {
  const objects = `${directory}/objects/OrganizationLedger`;
  for (const name of readdirSync(objects)) {
    if (!name.endsWith(".sqlite") || name === "metadata.sqlite") continue;
    const database = new DatabaseSync(`${objects}/${name}`);
    try {
      const row = database.prepare("SELECT organization_id FROM organization").get();
      if (row?.organization_id === organization_id) return `${objects}/${name}`;
    } finally {
      database.close();
    }
  }
  throw new Error(`No object keeps ${organization_id}.`);
}

/** The first answer of each object after workerd was started; the isolate is warm by then. */
async function measureStarts(options: Options, grown: Grown[]): Promise<void> {
  for (let restart = 0; restart < RESTARTS; restart++) {
    const platform = await startPlatform(options);
    const warm = await createCustomer(platform, CREDIT_MICROS);
    for (let asked = 0; asked < 50; asked++) await account(platform, warm);
    for (const it of inOtherOrder(grown, restart)) {
      const began_ms = performance.now();
      await account(platform, it.customer);
      it.first_answers_ms.push(performance.now() - began_ms);
    }
    await platform.stop();
  }
}

async function account({ base_url }: Platform, { api_key }: Customer): Promise<void> {
  const response = await fetch(`${base_url}/api/v1/account`, {
    headers: { authorization: `Bearer ${api_key}` },
  });
  if (!response.ok) throw new Error(`The account answered ${response.status}.`);
  await response.arrayBuffer();
}

async function measureAuthorize(options: Options, grown: Grown[]): Promise<void> {
  const platform = await startPlatform(options);
  const { base_url, edge_key, pid } = platform;
  for (let round = 0; round < ROUNDS; round++)
    for (const it of inOtherOrder(grown, round)) {
      const target = edgeTarget(base_url, edge_key, authorizes([it.customer.organization_id]));
      await drive(target, 8, SECONDS / 4);
      for (const connections of CONNECTIONS) {
        const samples = it.samples.get(connections) ?? [];
        samples.push(await drive(target, connections, SECONDS, [pid]));
        it.samples.set(connections, samples);
      }
    }
  await platform.stop();
}

function inOtherOrder<Member>(members: readonly Member[], round: number): Member[] {
  const from = round % members.length;
  return [...members.slice(from), ...members.slice(0, from)];
}

function print(grown: readonly Grown[]): void {
  const head = [
    "settled calls",
    "object MB",
    "first answer ms",
    "verify s",
    "connections",
    "authorize/s",
    "÷ empty",
    "CPU µs",
    "÷ empty",
    "p50 ms",
    "p99 ms",
  ];
  const speeds = (it: Grown | undefined, connections: number) =>
    (it?.samples.get(connections) ?? []).map(({ per_second }) => per_second);
  const costs_us = (it: Grown | undefined, connections: number) =>
    (it?.samples.get(connections) ?? []).map(({ cpu_us }) => cpu_us ?? Number.NaN);
  const toEmpty = (of: typeof speeds, it: Grown, connections: number) =>
    shown(median(of(it, connections)) / median(of(grown[0], connections)), 2);
  const rows = grown.flatMap((it) =>
    CONNECTIONS.map((connections) => {
      const samples = it.samples.get(connections) ?? [];
      return [
        String(it.calls),
        shown(it.bytes / 1e6, 1),
        shown(median(it.first_answers_ms), 1),
        shown(it.verified_ms / 1_000, 1),
        String(connections),
        shown(median(speeds(it, connections)), 0),
        toEmpty(speeds, it, connections),
        shown(median(costs_us(it, connections)), 0),
        toEmpty(costs_us, it, connections),
        shown(median(samples.map(({ p50_ms }) => p50_ms)), 2),
        shown(median(samples.map(({ p99_ms }) => p99_ms)), 2),
      ];
    }),
  );
  printTable(head, rows);
  console.log(
    `\nMedians of ${ROUNDS} rounds and ${RESTARTS} starts. The first answer holds the object's start-up, ` +
      "its Worker already being warm.",
  );
}

function seconds(began_ms: number): string {
  return ((performance.now() - began_ms) / 1_000).toFixed(1);
}

await main();
