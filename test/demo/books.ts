import { setTimeout as pause } from "node:timers/promises";
import { type Client, expectStatus } from "./client.ts";
import { type Receipts, sum } from "./receipts.ts";

interface Entry {
  seq: number;
  amount_micros: number;
  balance_after_micros: number;
  call_id: string | null;
}

interface Usage {
  usage: { call_id: string; cost_micros: number }[];
  summary: { total_calls: number; total_cost: number };
}

interface Verification {
  ok: boolean;
  first_difference?: string | null;
  posted_micros: number;
  held_micros: number;
  entries: number;
}

/** Where the organization's books stood at an instant. */
export interface Books {
  posted_micros: number;
  entries: number;
  usage_calls: number;
  usage_micros: number;
}

/** The run as three sources tell it that do not know of each other. */
export interface Comparison {
  receipts_micros: number;
  usage_micros: number;
  ledger_micros: number;
  posted_micros: number;
  differences: string[];
}

const PROJECTION_LIMIT_MS = 20_000;
const POLL_MS = 100;
const PAGE = 1_000;
const DAY_MS = 86_400_000;
const DIFFERENCES_SHOWN = 10;

/** Reads an organization's books with the customer's key (usage, ledger) and the operator's (verify). */
export class BookKeeper {
  private readonly customer: Client;
  private readonly admin: Client;
  private readonly organization_id: string;
  /** Calls that a node reports after an outage begin before the run did. */
  private readonly since = new Date(Date.now() - DAY_MS).toISOString();

  constructor(customer: Client, admin: Client, organization_id: string) {
    this.customer = customer;
    this.admin = admin;
    this.organization_id = organization_id;
  }

  async books(): Promise<Books> {
    const { posted_micros, entries } = await this.verification();
    const { summary } = await this.usage(1, 0);
    const usage_micros = Math.round(summary.total_cost * 1e6);
    return { posted_micros, entries, usage_calls: summary.total_calls, usage_micros };
  }

  /** What has come to the books since, held against what the node was told. */
  async compare(before: Books, receipts: Receipts): Promise<Comparison> {
    const after = await this.projected(before, receipts);
    const entries = await this.entriesSince(before.entries);
    const of_run = new Map<string, number>();
    for (const { call_id, amount_micros } of entries)
      if (call_id !== null && receipts.charged.has(call_id))
        of_run.set(call_id, (of_run.get(call_id) ?? 0) - amount_micros);
    const rows = new Map((await this.rows(receipts)).map(({ call_id, cost_micros }) => [call_id, cost_micros]));
    const { ok, first_difference, posted_micros } = await this.verification();
    const told = new Map([...receipts.charged].map(([call_id, receipt]) => [call_id, receipt.charged_micros]));
    const comparison = {
      receipts_micros: receipts.charged_micros,
      usage_micros: after.usage_micros - before.usage_micros,
      ledger_micros: sum(of_run.values(), (micros) => micros),
      posted_micros,
    };
    const differences = [
      ...receipts.differences,
      ...differing("usage", rows, told),
      ...differing("the ledger", of_run, told),
    ];
    differences.push(...this.totals(before, after, comparison, receipts, entries));
    if (!ok) differences.push(`verify: ${first_difference}`);
    if (posted_micros < 0) differences.push(`the balance is below zero: ${posted_micros}`);
    return { ...comparison, differences };
  }

  private totals(
    before: Books,
    after: Books,
    { receipts_micros, usage_micros, posted_micros }: Omit<Comparison, "differences">,
    receipts: Receipts,
    entries: readonly Entry[],
  ): string[] {
    const calls = after.usage_calls - before.usage_calls;
    const differences: string[] = [];
    if (calls !== receipts.charged.size)
      differences.push(`the usage summary counts ${calls} calls, the receipts ${receipts.charged.size}`);
    if (usage_micros !== receipts_micros)
      differences.push(`the usage summary makes ${usage_micros}, the receipts ${receipts_micros}`);
    const due = before.posted_micros + sum(entries, ({ amount_micros }) => amount_micros);
    if (posted_micros !== due)
      differences.push(`the balance is ${posted_micros}, the one before and all entries since make ${due}`);
    return differences;
  }

  /** Waits until the lists have caught up with the ledger, within a limit. */
  private async projected(before: Books, receipts: Receipts): Promise<Books> {
    const until_ms = Date.now() + PROJECTION_LIMIT_MS;
    for (;;) {
      const books = await this.books();
      const calls = books.usage_calls - before.usage_calls;
      const micros = books.usage_micros - before.usage_micros;
      if (calls === receipts.charged.size && micros === receipts.charged_micros) return books;
      if (Date.now() > until_ms) return books;
      await pause(POLL_MS);
    }
  }

  private async verification(): Promise<Verification> {
    const answer = await this.admin.get<Verification>(`/admin/organizations/${this.organization_id}/verify`);
    return expectStatus(answer, 200, "GET verify");
  }

  private async usage(limit: number, offset: number): Promise<Usage> {
    const query = new URLSearchParams({ start_date: this.since, limit: String(limit), offset: String(offset) });
    return expectStatus(await this.customer.get<Usage>(`/usage?${query}`), 200, "GET /usage");
  }

  private async rows(receipts: Receipts): Promise<Usage["usage"]> {
    const rows: Usage["usage"] = [];
    for (let offset = 0; ; offset += PAGE) {
      const { usage } = await this.usage(PAGE, offset);
      rows.push(...usage.filter(({ call_id }) => receipts.charged.has(call_id)));
      if (usage.length < PAGE) return rows;
    }
  }

  private async entriesSince(count: number): Promise<Entry[]> {
    return [];
  }
}

function differing(source: string, found: ReadonlyMap<string, number>, told: ReadonlyMap<string, number>): string[] {
  const differences: string[] = [];
  for (const [call_id, micros] of told)
    if (found.get(call_id) !== micros)
      differences.push(`call ${call_id}: its receipt says ${micros}, ${source} ${found.get(call_id) ?? "nothing"}`);
  const more = differences.length - DIFFERENCES_SHOWN;
  return more > 0 ? [...differences.slice(0, DIFFERENCES_SHOWN), `and ${more} more calls in ${source}`] : differences;
}
