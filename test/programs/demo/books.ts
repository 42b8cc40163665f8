import { type Client, expectStatus } from "./client.ts";

/** One change of the balance, as the ledger has it. */
export interface Entry {
  seq: number;
  amount_micros: number;
  balance_after_micros: number;
  call_id: string | null;
}

/** One charged call, as the usage list has it. */
interface UsageRow {
  call_id: string;
  cost_micros: number;
}

/** All usage of the last day, and what its summary says of it. */
export interface Usage {
  rows: UsageRow[];
  summary: { total_calls: number; total_cost_micros: number };
}

interface UsagePage {
  usage: UsageRow[];
  summary: Usage["summary"];
}

interface LedgerPage {
  entries: Entry[];
  next_cursor: string | null;
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

  /** What the ledger finds when it checks itself, null when all is well. */
  async firstDifference(): Promise<string | null> {
    const path = `/admin/organizations/${this.organization_id}/verify`;
    const answer = await this.admin.get<{ ok: boolean; first_difference?: string }>(path);
    const { ok, first_difference } = expectStatus(answer, 200, "GET verify");
    return ok ? null : (first_difference ?? "not ok, without saying why");
  }

  async usage(): Promise<Usage> {
    const rows: UsageRow[] = [];
    for (let offset = 0; ; offset += PAGE) {
      const { usage, summary } = await this.usagePage(offset);
      rows.push(...usage);
      if (usage.length < PAGE) return { rows, summary };
    }
  }

  /** The newest entry; there is one as soon as there has been credit. */
  async lastEntry(): Promise<Entry> {
    const [entry] = (await this.ledgerPage(1, null)).entries;
    if (!entry) throw new Error("The ledger has no entries.");
    return entry;
  }

  /** What was posted after this entry, the newest first. */
  async entriesAfter({ seq }: Entry): Promise<Entry[]> {
    const found: Entry[] = [];
    let cursor: string | null = null;
    do {
      const page: LedgerPage = await this.ledgerPage(PAGE, cursor);
      found.push(...page.entries.filter((entry) => entry.seq > seq));
      cursor = page.entries.some((entry) => entry.seq <= seq) ? null : page.next_cursor;
    } while (cursor !== null);
    return found;
  }

  private async usagePage(offset: number): Promise<UsagePage> {
    const query = new URLSearchParams({
      start_date: this.since,
      limit: String(PAGE),
      offset: String(offset),
    });
    return expectStatus(await this.customer.get<UsagePage>(`/usage?${query}`), 200, "GET /usage");
  }

  private async ledgerPage(limit: number, cursor: string | null): Promise<LedgerPage> {
    const query = new URLSearchParams({ limit: String(limit), ...(cursor === null ? {} : { cursor }) });
    return expectStatus(await this.customer.get<LedgerPage>(`/ledger?${query}`), 200, "GET /ledger");
  }
}
