import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readPage } from "../../../src/calls/usage/page";
import { rollUpUsage } from "../../../src/calls/usage/roll-up";
import { surveyCalls } from "../../../src/calls/usage/survey";
import { addDays, startOfDay } from "../../../src/dashboard/format/days";
import type { CallRow } from "../../../src/storage/calls/calls";
import type { CallFilter } from "../../../src/storage/calls/filter";
import { project } from "../../../src/storage/calls/projection";
import { openDatabase } from "../../../src/storage/database";
import { DAY_MS } from "../../../src/units/duration";
import { newId } from "../../../src/units/id";
import { Random } from "../../support/random";
import { anyCall, anyFilter, BEGIN_MS, DAYS, END_MS, FIRST_DAY, Model } from "./model";
import { changedBefore, cutOff, writeAsBefore } from "./writers";

const STEPS = 20;
const ZONES = [
  "UTC",
  "Europe/Amsterdam",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Pacific/Chatham",
  "Australia/Lord_Howe",
  "America/St_Johns",
];
const db = openDatabase(env);
const LATER_MS = END_MS + DAY_MS;

let failures: string[] = [];
beforeEach(() => {
  failures = [];
  vi.spyOn(console, "error").mockImplementation((line) => void failures.push(String(line)));
});
afterEach(() => void vi.restoreAllMocks());

async function rollUpAll(): Promise<void> {
  failures = [];
  for (let runs = 0; (await rollUpUsage(env, LATER_MS)).rolled > 0; runs += 1) {
    expect(failures).toEqual([]);
    expect(runs).toBeLessThan(50);
  }
}

function anyBatch(random: Random, { organization_id, calls }: Model): CallRow[] {
  const known = [...calls.values()];
  const batch = Array.from({ length: random.between(1, 12) }, () =>
    anyCall(random, organization_id, known.length > 0 && random.chance(0.3) ? random.pick(known) : undefined),
  );
  return [...new Map(batch.map((call) => [call.call_id, call])).values()];
}

/** One thing that happens to the records; answers whether they are right only when the cron has been there. */
async function step(random: Random, model: Model): Promise<boolean> {
  const batch = anyBatch(random, model);
  const what = random.weighted({ copy: 6, repeat: 1, before: 2, lost: 1, roll: 2, cut: 2, race: 2 });
  if (what === "roll") await rollUpUsage(env, LATER_MS);
  else if (what === "cut")
    await rollUpUsage({ ...env, DB: cutOff(random.between(0, 25)) }, LATER_MS).catch(() => {});
  else if (what === "lost") {
    const lost = random.pick([...model.calls]);
    model.calls.delete(lost[0]);
    const of_it = "organization_id = ? AND started_at_ms = ? AND call_id = ?";
    const { organization_id, started_at_ms, call_id } = lost[1];
    await env.DB.prepare(`DELETE FROM calls WHERE ${of_it}`)
      .bind(organization_id, started_at_ms, call_id)
      .run();
  } else {
    for (const call of batch) model.take(call);
    if (what === "before") await writeAsBefore(batch);
    else if (what === "race") {
      const write = () => project(env.DB, { calls: batch, entries: [] });
      const { rolled } = await rollUpUsage({ ...env, DB: changedBefore(write) }, LATER_MS);
      if (rolled === 0) await write();
    } else
      for (const _ of what === "repeat" ? [1, 2] : [1]) await project(env.DB, { calls: batch, entries: [] });
  }
  return what === "before" || what === "lost";
}

function anyCuts(random: Random): number[] {
  const zone = random.pick(ZONES);
  const first = addDays(FIRST_DAY, random.between(0, DAYS - 2));
  const days = Array.from({ length: random.between(2, 4) }, (_, day) =>
    startOfDay(zone, addDays(first, day)),
  );
  if (random.chance(0.5)) return days;
  const ends = [random.between(BEGIN_MS, END_MS), random.between(BEGIN_MS, END_MS)].sort((a, b) => a - b);
  return random.chance(0.2) ? [0, 8.64e15] : ends;
}

/** All pages by cursor, of any sizes. */
async function pagesOf(random: Random, model: Model, filter: CallFilter, cuts: number[]): Promise<CallRow[]> {
  const rows: CallRow[] = [];
  let pages = 0;
  for (let after: Parameters<typeof readPage>[3]["after"] = null; ; ) {
    const survey = await surveyCalls(db, model.organization_id, filter, cuts);
    const limit = random.between(1, 40);
    const page = await readPage(db, model.organization_id, survey, { after, offset: 0, limit });
    expect(page.rows.length).toBeLessThanOrEqual(limit);
    pages += 1;
    expect(pages).toBeLessThan(300);
    rows.push(...page.rows);
    if (page.next === null) return rows;
    after = page.next;
  }
}

async function expectAsTheModel(random: Random, model: Model): Promise<void> {
  const filter = anyFilter(random);
  const cuts = anyCuts(random);
  const range = { ...filter, from_ms: cuts[0], until_ms: cuts.at(-1) };
  const survey = await surveyCalls(db, model.organization_id, filter, cuts);
  const parts = cuts.slice(1).map((until_ms, at) => model.sum({ ...filter, from_ms: cuts[at], until_ms }));
  expect({ filter, cuts, parts: survey.parts }).toEqual({ filter, cuts, parts });
  const listed = model.list(range).map(({ call_id, version }) => [call_id, version]);
  const told = (rows: CallRow[]) => rows.map(({ call_id, version }) => [call_id, version]);
  expect(told(await pagesOf(random, model, filter, cuts))).toEqual(listed);
  const offset = random.between(0, listed.length);
  const page = await readPage(db, model.organization_id, survey, { after: null, offset, limit: 10 });
  expect(told(page.rows)).toEqual(listed.slice(offset, offset + 10));
}

test.each([1, 2, 3, 4])(
  "whatever is written, lost and added up, lists, counts and sums are those of the calls (%i)",
  async (seed) => {
    const random = new Random(seed);
    const models = [new Model(newId("org")), new Model(newId("org"))];
    for (const model of models) {
      const calls = Array.from({ length: 60 }, () => anyCall(random, model.organization_id));
      for (const call of calls) model.take(call);
      await project(env.DB, { calls, entries: [] });
    }
    for (let steps = 0; steps < STEPS; steps += 1) {
      if (await step(random, random.pick(models))) await rollUpAll();
      await expectAsTheModel(random, random.pick(models));
    }
    await rollUpAll();
    for (const model of models) {
      for (let times = 0; times < 5; times += 1) await expectAsTheModel(random, model);
      expect(await asTheReleaseBeforeReads(model)).toEqual(totals(model));
    }
  },
  60_000,
);

/** It reads sums from `usage_hours`, which only the cron still writes. */
async function asTheReleaseBeforeReads({ organization_id }: Model) {
  return env.DB.prepare(
    `SELECT sum(calls) AS calls, sum(seconds) AS seconds, sum(billable_seconds) AS billable_seconds,
       sum(charged_micros) AS charged_micros FROM usage_hours WHERE organization_id = ?`,
  )
    .bind(organization_id)
    .first();
}

function totals(model: Model) {
  const { calls, seconds, billable_seconds, charged_micros } = model.sum({});
  return { calls, seconds, billable_seconds, charged_micros };
}
