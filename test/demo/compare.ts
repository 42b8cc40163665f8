import { setTimeout as pause } from "node:timers/promises";
import type { BookKeeper, Books } from "./books.ts";
import { type Receipts, sum } from "./receipts.ts";

/** The run as three sources tell it that do not know of each other, in micros. */
export interface Comparison {
  receipts_micros: number;
  usage_micros: number;
  ledger_micros: number;
  balance_micros: number;
  differences: string[];
}

const PROJECTION_LIMIT_MS = 20_000;
const POLL_MS = 100;
const CALLS_NAMED = 5;

/** What has come to the books since `before`, held against the receipts: call by call and in total. */
export async function compare(keeper: BookKeeper, before: Books, receipts: Receipts): Promise<Comparison> {
  const after = await caughtUp(keeper, before, receipts);
  const entries = await keeper.entriesAfter(before.last_seq);
  const told = amounts([...receipts.charged.values()].map((call) => [call.call_id, call.charged_micros]));
  const posted = amounts(
    entries.map((entry) => [entry.call_id, -entry.amount_micros]),
    told,
  );
  const used = amounts(
    (await keeper.usage()).map((row) => [row.call_id, row.cost_micros]),
    told,
  );
  const { posted_micros, first_difference } = after;
  const usage_calls = after.usage_calls - before.usage_calls;
  const usage_micros = after.usage_micros - before.usage_micros;
  const posted_due = before.posted_micros + sum(entries, (entry) => entry.amount_micros);
  const differences = [
    ...receipts.differences,
    ...byCall("usage", used, told),
    ...byCall("the ledger", posted, told),
    ...inTotal("calls in the usage summary", usage_calls, told.size),
    ...inTotal("micros in the usage summary", usage_micros, receipts.charged_micros),
    ...inTotal("micros of balance", posted_micros, posted_due),
    ...(posted_micros < 0 ? [`the balance fell below zero: ${posted_micros} micros`] : []),
    ...(first_difference === null ? [] : [`verify: ${first_difference}`]),
  ];
  return {
    receipts_micros: receipts.charged_micros,
    usage_micros,
    ledger_micros: sum(posted.values(), (micros) => micros),
    balance_micros: posted_micros,
    differences,
  };
}

/** Usage is a copy that follows the ledger: waits until it has all of the run, within a limit. */
async function caughtUp(keeper: BookKeeper, before: Books, receipts: Receipts): Promise<Books> {
  const until_ms = Date.now() + PROJECTION_LIMIT_MS;
  for (;;) {
    const books = await keeper.books();
    const calls = books.usage_calls - before.usage_calls;
    const micros = books.usage_micros - before.usage_micros;
    if (calls === receipts.charged.size && micros === receipts.charged_micros) return books;
    if (Date.now() > until_ms) return books;
    await pause(POLL_MS);
  }
}

/** Sums by call; with `only`, of the calls in there. */
function amounts(
  items: readonly (readonly [call_id: string | null, micros: number])[],
  only?: ReadonlyMap<string, number>,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [call_id, micros] of items)
    if (call_id !== null && (!only || only.has(call_id)))
      sums.set(call_id, (sums.get(call_id) ?? 0) + micros);
  return sums;
}

function byCall(source: string, found: Map<string, number>, told: Map<string, number>): string[] {
  const wrong = [...told].filter(([call_id, micros]) => found.get(call_id) !== micros);
  const named = wrong.slice(0, CALLS_NAMED).map(([call_id, micros]) => {
    const there = found.get(call_id);
    return `call ${call_id}: ${micros} micros by its receipt, ${there ?? "nothing"} in ${source}`;
  });
  return wrong.length > CALLS_NAMED
    ? [...named, `and ${wrong.length - CALLS_NAMED} more in ${source}`]
    : named;
}

function inTotal(what: string, found: number, due: number): string[] {
  return found === due ? [] : [`${found} ${what}, ${due} expected`];
}
