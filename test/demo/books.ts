import { type Client, expectStatus } from "./client.ts";

/** One change of the balance, as the ledger has it. */
export interface Entry {
  seq: number;
  amount_micros: number;
  call_id: string | null;
}

/** One charged call, as the usage list has it. */
export interface UsageRow {
  call_id: string;
  cost_micros: number;
}

/** Totals at an instant. */
export interface Books {
  posted_micros: number;
  last_seq: number;
  usage_calls: number;
  usage_micros: number;
  /** What the ledger found when it checked itself, null when all is well. */
  first_difference: string | null;
}

interface UsagePage {
  usage: UsageRow[];
  summary: { total_calls: number; total_cost_micros: number };
}

interface Verification {
  ok: boolean;
  first_difference?: string | null;
  posted_micros: number;
}

const PAGE = 1_000;
const DAY_MS = 86_400_000;

/** Reads an organization's books: usage and ledger with the customer's key, the check with the operator's. */
export class BookKeeper {
  private readonly customer: Client;
  private readonly admin: Client;
  private readonly organization_id: string;
  /** What a node reports after an outage began before the run did. */
  private readonly since = new Date(Date.now() - DAY_MS).toISOString();

  constructor(customer: Client, admin: Client, organization_id: string) {
    this.customer = customer;
    this.admin = admin;
    this.organization_id = organization_id;
  }

  async books(): Promise<Books> {
    const path = `/admin/organizations/${this.organization_id}/verify`;
    const verification = expectStatus(await this.admin.get<Verification>(path), 200, "GET verify");
    const { summary } = await this.usagePage(1, 0);
    const { entries } = await this.ledgerPage(1, null);
    return {
      posted_micros: verification.posted_micros,
      last_seq: entries[0]?.seq ?? 0,
      usage_calls: summary.total_calls,
      usage_micros: summary.total_cost_micros,
      first_difference: verification.ok
        ? null
        : (verification.first_difference ?? "not ok, without saying why"),
    };
  }

  /** All usage of the last day. */
  async usage(): Promise<UsageRow[]> {
    const rows: UsageRow[] = [];
    for (let offset = 0; ; offset += PAGE) {
      const { usage } = await this.usagePage(PAGE, offset);
      rows.push(...usage);
      if (usage.length < PAGE) return rows;
    }
  }

  /** The entries that were posted after this one, the newest first. */
  async entriesAfter(seq: number): Promise<Entry[]> {
    const found: Entry[] = [];
    let cursor: string | null = null;
    do {
      const page: { entries: Entry[]; next_cursor: string | null } = await this.ledgerPage(PAGE, cursor);
      found.push(...page.entries.filter((entry) => entry.seq > seq));
      cursor = page.entries.some((entry) => entry.seq <= seq) ? null : page.next_cursor;
    } while (cursor !== null);
    return found;
  }

  private async usagePage(limit: number, offset: number): Promise<UsagePage> {
    const query = new URLSearchParams({
      start_date: this.since,
      limit: String(limit),
      offset: String(offset),
    });
    return expectStatus(await this.customer.get<UsagePage>(`/usage?${query}`), 200, "GET /usage");
  }

  private async ledgerPage(limit: number, cursor: string | null) {
    const query = new URLSearchParams({ limit: String(limit), ...(cursor === null ? {} : { cursor }) });
    const answer = await this.customer.get<{ entries: Entry[]; next_cursor: string | null }>(
      `/ledger?${query}`,
    );
    return expectStatus(answer, 200, "GET /ledger");
  }
}
