import { setTimeout as pause } from "node:timers/promises";
import type { BookKeeper, Entry, Usage } from "./books.ts";
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
const POLL_MS = 250;
const CALLS_NAMED = 5;

/** What has come to the books since the entry `before`, held against the receipts call by call. */
export async function compare(keeper: BookKeeper, before: Entry, receipts: Receipts): Promise<Comparison> {
  const told = amounts([...receipts.charged.values()].map((call) => [call.call_id, call.charged_micros]));
  const { used, summary, all_micros, all_calls } = await caughtUp(keeper, told);
  const entries = await keeper.entriesAfter(before);
  const posted = amounts(
    entries.map((entry) => [entry.call_id, -entry.amount_micros]),
    told,
  );
  const balance_micros = (entries[0] ?? before).balance_after_micros;
  const balance_due = before.balance_after_micros + sum(entries, (entry) => entry.amount_micros);
  const first_difference = await keeper.firstDifference();
  return {
    receipts_micros: receipts.charged_micros,
    usage_micros: sum(used.values(), (micros) => micros),
    ledger_micros: sum(posted.values(), (micros) => micros),
    balance_micros,
    differences: [
      ...receipts.differences,
      ...byCall("usage", used, told),
      ...byCall("the ledger", posted, told),
      ...inTotal("calls in the usage summary", summary.total_calls, all_calls),
      ...inTotal("micros in the usage summary", summary.total_cost_micros, all_micros),
      ...inTotal("micros of balance", balance_micros, balance_due),
      ...(balance_micros < 0 ? [`the balance fell below zero: ${balance_micros} micros`] : []),
      ...(first_difference === null ? [] : [`verify: ${first_difference}`]),
    ],
  };
}

/** Usage is a copy that follows the ledger: waits until it has all of the run, within a limit. */
async function caughtUp(keeper: BookKeeper, told: ReadonlyMap<string, number>) {
  const until_ms = Date.now() + PROJECTION_LIMIT_MS;
  for (;;) {
    const { rows, summary }: Usage = await keeper.usage();
    const used = amounts(
      rows.map((row) => [row.call_id, row.cost_micros]),
      told,
    );
    const all_micros = sum(rows, (row) => row.cost_micros);
    const agrees = summary.total_cost_micros === all_micros && byCall("usage", used, told).length === 0;
    if (agrees || Date.now() > until_ms) return { used, summary, all_micros, all_calls: rows.length };
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

function byCall(
  source: string,
  found: ReadonlyMap<string, number>,
  told: ReadonlyMap<string, number>,
): string[] {
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
