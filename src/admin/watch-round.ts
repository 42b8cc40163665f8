import type { Bindings } from "../env";
import { Directory } from "../organizations/directory";
import { organizationsInDirectory } from "../organizations/listed";
import { within } from "../runtime/deadline";
import {
  type ActiveOrganization,
  forgetActiveBefore,
  listActiveOn,
} from "../storage/accounts/active-organizations";
import { listOrganizations } from "../storage/accounts/organizations";
import { findCronPosition, putCronPosition } from "../storage/cron-positions";
import { openDatabase } from "../storage/database";
import { DAY_MS, SECOND_MS } from "../units/duration";
import { log } from "../units/log";

/**
 * Ledgers visited in one run. A visit is three requests at most, and an invocation has ten thousand
 * (developers.cloudflare.com/workers/platform/limits).
 */
const VISITS_PER_RUN = { active: 600, in_turn: 1_000, without_d1: 400 };

/** Rows of past days that are forgotten in one run. */
const FORGOTTEN_PER_RUN = 2_000;

const STORE_PATIENCE_MS = 5 * SECOND_MS;

const POSITION = "watchdog";
const KV_POSITION = "watchdog:directory";

/** Whom to visit while neither store says it: as many as an isolate may remember without being large. */
const MAX_REMEMBERED = 5_000;

const remembered = new Map<string, Watched>();

/** An organization whose ledger is visited. */
type Watched = ActiveOrganization;

/** Where the watch stands. */
interface Position {
  /** Among the active ones; null: at the beginning of their round. */
  active: { day: number; after_id: string } | null;
  /** Among all; null: at the beginning. */
  after_id: string | null;
}

/** Whom one run visits, in that order. */
interface WatchRound {
  organizations: Watched[];
  /** The stores that could not say whom. */
  away: string[];
  /** Writes down that so many of them were visited, so that the next run goes on behind them. */
  cameTo(visited: number): Promise<void>;
}

/**
 * Whom to visit in this run: those that were active in the last day, and all in turn. With D1 away, those that KV knows;
 * with KV away, too, those that this isolate remembers, in an order of chance.
 */
export async function whomToVisit(env: Bindings, now_ms = Date.now()): Promise<WatchRound> {
  try {
    return await inTime(() => fromD1(env, now_ms));
  } catch (error) {
    log.warn("watchdog_without_d1", { error });
  }
  try {
    return await fromDirectory(env);
  } catch (error) {
    log.warn("watchdog_without_kv", { error });
  }
  const organizations = shuffled([...remembered.values()]).slice(0, VISITS_PER_RUN.without_d1);
  return { organizations, away: ["d1", "kv"], cameTo: async () => {} };
}

async function fromD1(env: Bindings, now_ms: number): Promise<WatchRound> {
  const db = openDatabase(env);
  const today = Math.floor(now_ms / DAY_MS);
  const position = (await findCronPosition<Position>(db, POSITION)) ?? { active: null, after_id: null };
  const active = await activeAfter(env, position.active, today);
  // What the active ones leave of a run is for the others.
  const limit = VISITS_PER_RUN.in_turn + VISITS_PER_RUN.active - active.found.length;
  const page = await listOrganizations(db, { after_id: position.after_id, limit });
  const in_turn = page.map(({ id, jurisdiction }) => ({ id, jurisdiction }));
  const organizations = [...active.found, ...in_turn];
  remember(organizations);
  await forgetActiveBefore(db, today - 1, FORGOTTEN_PER_RUN);
  const cameTo = (visited: number) => {
    const of_active = Math.min(visited, active.found.length);
    const of_all = Math.max(0, Math.min(visited - active.found.length, in_turn.length));
    const is_round_over = of_all === in_turn.length && in_turn.length < limit;
    return inTime(() =>
      putCronPosition(db, POSITION, {
        active: active.positionAfter(of_active),
        after_id: is_round_over ? null : (in_turn[of_all - 1]?.id ?? position.after_id),
      }),
    );
  };
  return { organizations, away: [], cameTo };
}

/** The next of those that were active today, then of those that were yesterday and not today. */
async function activeAfter(env: Bindings, position: Position["active"], today: number) {
  const db = openDatabase(env);
  const found: (Watched & { day: number })[] = [];
  const is_of_now = position !== null && position.day >= today - 1 && position.day <= today;
  let { day, after_id } = is_of_now ? position : { day: today, after_id: "" };
  let is_over = false;
  while (!is_over) {
    const limit = VISITS_PER_RUN.active - found.length;
    const page = await listActiveOn(db, day, { after_id, limit });
    found.push(...page.map((row) => ({ ...row, day })));
    if (page.length === limit) break;
    is_over = day < today;
    day = today - 1;
    after_id = "";
  }
  const positionAfter = (visited: number): Position["active"] => {
    if (is_over && visited === found.length) return null;
    const last = found[visited - 1];
    return last ? { day: last.day, after_id: last.id } : position;
  };
  return { found, positionAfter };
}

/** KV keeps its own place: D1, which has the other, is away. */
async function fromDirectory(env: Bindings): Promise<WatchRound> {
  const cursor = await inTime(() => env.DIRECTORY.get(KV_POSITION));
  const { ids, next_cursor } = await organizationsInDirectory(env, cursor || null, VISITS_PER_RUN.without_d1);
  const directory = new Directory(env);
  const entries = await Promise.all(ids.map((id) => remembered.get(id) ?? directory.organization(id)));
  const organizations = ids.flatMap((id, at) => {
    const entry = entries[at];
    return entry ? [{ id, jurisdiction: entry.jurisdiction }] : [];
  });
  remember(organizations);
  const cameTo = async (visited: number) => {
    if (visited === organizations.length)
      await inTime(() => env.DIRECTORY.put(KV_POSITION, next_cursor ?? ""));
  };
  return { organizations, away: ["d1"], cameTo };
}

function remember(organizations: readonly Watched[]): void {
  for (const { id, jurisdiction } of organizations) {
    if (remembered.size >= MAX_REMEMBERED) return;
    remembered.set(id, { id, jurisdiction });
  }
}

function inTime<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  return within(STORE_PATIENCE_MS, ask, () => new Error("It did not answer in time."));
}

function shuffled<Item>(items: Item[]): Item[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
