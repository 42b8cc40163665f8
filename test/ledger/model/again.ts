import type { ProviderCost } from "../../../src/ledger/core/calls/call";
import type { Settle } from "../../../src/ledger/core/calls/commands";
import { type Expected, type ModelBook, receipt, refused } from "./book";
import { hearCosts, type ModelCall, receiptOf } from "./call";
import { possible } from "./times";

/** How far apart two signs of one end may be. */
const APART_MS = 2_000;

/** A report of a call that had one: the same again, or costs that the first left open, or something else. */
export function settleAgain(book: ModelBook, call: ModelCall, command: Settle, now_ms: number): Expected {
  const first = call.first_report;
  if (!first) return refused("call_already_settled", { receipt: receiptOf(call) });
  const as_first: Expected = { outcome: "receipt", receipt: call.first_receipt ?? receiptOf(call) };
  const said = priced(command.provider_costs);
  const said_first = priced(first.provider_costs);
  const same_costs = said === null || said === said_first;
  if (nearby(call, first, command) && same_costs) return as_first;
  const added = nearby(call, first, command) ? addedCosts(call, first, command.provider_costs ?? []) : null;
  if (added === null) return refused("call_already_settled", { receipt: receiptOf(call) });
  const before = JSON.stringify([priced(call.provider_costs), call.reported_provider_micros]);
  const heard = { ...call };
  hearCosts(heard, [...call.provider_costs, ...added]);
  if (before === JSON.stringify([priced(heard.provider_costs), heard.reported_provider_micros]))
    return receipt(call);
  hearCosts(call, [...call.provider_costs, ...added]);
  if (call.phase === "settled") book.charge(call, "correction", call.duration_ms, now_ms);
  return receipt(call);
}

/** Whether it tells of the same end, as far as it says anything. */
function nearby(call: ModelCall, first: Settle, again: Settle): boolean {
  const kept = call.first_receipt as {
    answered_at_ms: number | null;
    reported_answered_at_ms: number | null;
    ended_at_ms: number;
  };
  // A time that was left open at first, and that cannot be, is a wrong clock's.
  const sensible = (said: number | null, said_first: number | null) =>
    said !== null && said_first === null && !possible(call, said, kept.ended_at_ms) ? null : said;
  const times: [number | null, number | null][] = [
    [again.duration_ms, first.duration_ms],
    [
      sensible(again.answered_at_ms, first.answered_at_ms),
      first.answered_at_ms ?? kept.reported_answered_at_ms ?? kept.answered_at_ms,
    ],
    [sensible(again.ended_at_ms, first.ended_at_ms), first.ended_at_ms ?? kept.ended_at_ms],
  ];
  const close = times.every(
    ([said, known]) => said === null || (known !== null && Math.abs(said - known) <= APART_MS),
  );
  return close && again.end_reason === first.end_reason;
}

/** What it adds to the costs known so far; null when it contradicts them. */
function addedCosts(call: ModelCall, first: Settle, costs: ProviderCost[]): ProviderCost[] | null {
  const so_far = call.provider_costs;
  if (so_far.length === 0) return first.provider_costs === null ? costs : null;
  if (costs.length === 0) return null;
  const services = [...new Set(so_far.map(({ service }) => service))];
  const contradicts = services.some((service) => {
    const again = costs.filter((cost) => cost.service === service);
    const known = so_far.filter((cost) => cost.service === service);
    return again.length > 0 && priced(again) !== priced(known);
  });
  return contradicts ? null : costs.filter((cost) => !services.includes(cost.service));
}

/** Costs by service as text, so that two lists of the same can be told. */
function priced(costs: readonly ProviderCost[] | null): string | null {
  if (costs === null) return null;
  const services = [...new Set(costs.map(({ service }) => service))].sort();
  const sum = (wanted: string) =>
    costs.filter(({ service }) => service === wanted).reduce((all, { cost_micros }) => all + cost_micros, 0);
  return services.map((service) => `${service} ${sum(service)}`).join();
}
