import type { ResolvedCall } from "../../../src/ledger/core/calls/call";
import type { ChainedEntry } from "../../../src/ledger/store/entry-chain";
import { EntryChain } from "../../../src/ledger/store/entry-chain";
import type { Random } from "../random";
import { rechainNow } from "./chain";

type Value = string | number | boolean | null;

/** What is done to a ledger, and whether its digests still are as they were: then `verify` alone must name it. */
export interface Tampering {
  what: string;
  is_plain: boolean;
}

/** The fields of a receipt that a digest is of. */
const RECEIPT = [
  ...[
    "call_id",
    "direction",
    "from",
    "to",
    "number",
    "rate",
    "byok",
    "outcome",
    "reject_reason",
    "authorized",
  ],
  ...["started_at_ms", "answered_at_ms", "ended_at_ms", "reported_answered_at_ms", "reported_ended_at_ms"],
  ...["end_reason", "duration_ms", "billable_seconds", "fee_micros", "provider_costs"],
  ...["reported_provider_cost_micros", "provider_cost_micros", "charged_micros", "overrun_micros"],
  ...["balance_before_micros", "balance_after_micros", "flags"],
];

const COLUMNS = [
  ...["seq", "epoch", "kind", "currency", "amount_micros", "balance_after_micros", "month_seconds_after"],
  ...["call_id", "key", "reason", "posted_at_ms", "salt", "receipt_digest", "digest"],
] as const;

/** The value with one bit turned over, whichever; of what is not there, that there is something. */
function withABitTurned(random: Random, value: Value): Value {
  if (value === null) return "x";
  if (typeof value === "boolean") return !value;
  if (typeof value === "number") {
    const bit = 2 ** random.between(0, 40);
    return Math.floor(value / bit) % 2 === 1 ? value - bit : value + bit;
  }
  const at = random.between(0, value.length - 1);
  const turned = String.fromCharCode(value.charCodeAt(at) ^ (1 << random.between(0, 5)));
  return value.slice(0, at) + turned + value.slice(at + 1);
}

/** Tampers with rows of a ledger behind its back, as somebody with access to the storage of its object can. */
export class Tamperer {
  readonly #sql: SqlStorage;
  readonly #random: Random;
  /** Entries that the chain proves, the oldest first. */
  readonly #entries: readonly ChainedEntry[];

  constructor(sql: SqlStorage, random: Random, from_seq: number) {
    this.#sql = sql;
    this.#random = random;
    this.#entries = new EntryChain(sql).after(from_seq - 1, 10_000);
  }

  /** Does something of chance, and says what. */
  tamper(): Tampering {
    const random = this.#random;
    const kinds = { bit: 6, receipt: 6, remove: 2, swap: 2, insert: 2, cut: 2, rewrite: 4 };
    const kind = random.weighted(kinds);
    const entry = random.pick(this.#entries);
    if (kind === "cut") return this.#cut(entry);
    if (kind === "bit") return this.#turnBit(entry, random.pick(COLUMNS));
    if (kind === "receipt") return this.#turnReceipt(entry);
    if (kind === "rewrite") return this.#rewrite(entry);
    const what = this.#move(kind, entry);
    const rechains = random.chance(0.5);
    this.#addUp();
    if (rechains) rechainNow(this.#sql, entry.seq);
    const is_last = entry.seq >= (this.#entries.at(-2)?.seq ?? 0);
    return { what: `${what}${rechains ? ", with digests" : ""}`, is_plain: !rechains && !is_last };
  }

  #turnBit(entry: ChainedEntry, column: (typeof COLUMNS)[number]): Tampering {
    const turned =
      column === "seq"
        ? entry.seq + 2 ** this.#random.between(20, 30)
        : withABitTurned(this.#random, entry[column]);
    this.#sql.exec(
      `UPDATE entry SET ${column} = ? WHERE seq = ?`,
      turned as string | number | null,
      entry.seq,
    );
    return { what: `${column} of entry ${entry.seq} is ${turned}`, is_plain: true };
  }

  #turnReceipt(entry: ChainedEntry): Tampering {
    const call = this.#callOf(entry.call_id);
    if (!call) return this.#turnBit(entry, "reason");
    const receipt = (call.receipt_at_entry ?? call) as unknown as Record<string, unknown>;
    const fields = RECEIPT.filter((field) => receipt[field] !== undefined);
    const path = this.#turnLeaf(receipt, this.#random.pick(fields));
    this.#putCall(entry.call_id ?? "", call);
    return { what: `${path} of call ${entry.call_id}`, is_plain: true };
  }

  /** Turns a bit over in a value, or in one within it. */
  #turnLeaf(parent: Record<string, unknown>, field: string): string {
    const value = parent[field];
    if (value === null || typeof value !== "object") {
      parent[field] = withABitTurned(this.#random, value as Value);
      return `${field} is ${parent[field]}`;
    }
    const fields = Object.keys(value);
    if (fields.length === 0) {
      parent[field] = ["x"];
      return `${field} is not empty`;
    }
    return this.#turnLeaf(value as Record<string, unknown>, this.#random.pick(fields));
  }

  /** Changes whatever, and works out everything that follows from it. */
  #rewrite(entry: ChainedEntry): Tampering {
    const is_receipt = this.#random.chance(0.5);
    const columns = ["amount_micros", "posted_at_ms", "reason", "kind", "month_seconds_after"] as const;
    const { what } = is_receipt ? this.#turnReceipt(entry) : this.#turnBit(entry, this.#random.pick(columns));
    this.#addUp();
    rechainNow(this.#sql, this.#entries[0]?.seq ?? 1);
    return { what: `${what}, with digests`, is_plain: false };
  }

  #move(kind: "remove" | "swap" | "insert", entry: ChainedEntry): string {
    const seqs = this.#entries.map(({ seq }) => seq);
    const other = this.#random.pick(seqs.filter((seq) => seq !== entry.seq));
    if (kind === "swap") {
      this.#renumber((seq) => (seq === entry.seq ? other : seq === other ? entry.seq : seq));
      return `entries ${entry.seq} and ${other} swapped`;
    }
    if (kind === "remove") {
      this.#sql.exec("DELETE FROM entry WHERE seq = ?", entry.seq);
      this.#renumber((seq) => (seq > entry.seq ? seq - 1 : seq));
      return `entry ${entry.seq} removed`;
    }
    this.#renumber((seq) => (seq > entry.seq ? seq + 1 : seq));
    const columns = COLUMNS.filter((column) => column !== "seq").join(", ");
    this.#sql.exec(
      `INSERT INTO entry (seq, ${columns}) SELECT seq + 1, ${columns} FROM entry WHERE seq = ?`,
      entry.seq,
    );
    return `entry ${entry.seq} doubled`;
  }

  #cut({ seq }: ChainedEntry): Tampering {
    this.#sql.exec("DELETE FROM call WHERE call_id IN (SELECT call_id FROM entry WHERE seq >= ?)", seq);
    this.#sql.exec("DELETE FROM entry WHERE seq >= ?", seq);
    return { what: `entries from ${seq} on cut`, is_plain: false };
  }

  /** Gives entries other numbers, also where their calls know them. */
  #renumber(numbered: (seq: number) => number): void {
    for (const { seq, call_id } of this.#entries) {
      if (numbered(seq) === seq) continue;
      this.#sql.exec("UPDATE entry SET seq = ? WHERE seq = ?", -numbered(seq), seq);
      const call = this.#callOf(call_id);
      if (!call || call_id === null) continue;
      const entry_seqs = call.entry_seqs.map((known) => (known === seq ? -numbered(seq) : known));
      this.#putCall(call_id, { ...call, entry_seqs });
    }
    this.#sql.exec("UPDATE entry SET seq = -seq WHERE seq < 0");
    for (const { call_id } of this.#entries) {
      const call = this.#callOf(call_id);
      if (!call || call_id === null) continue;
      this.#putCall(call_id, { ...call, entry_seqs: call.entry_seqs.map(Math.abs) });
    }
  }

  /** Makes balances add up again. */
  #addUp(): void {
    const first = this.#entries[0];
    let balance = first ? first.balance_after_micros - first.amount_micros : 0;
    for (const { seq, amount_micros } of new EntryChain(this.#sql).after((first?.seq ?? 1) - 1, 10_000)) {
      balance += amount_micros;
      this.#sql.exec("UPDATE entry SET balance_after_micros = ? WHERE seq = ?", balance, seq);
    }
  }

  #callOf(call_id: string | null): ResolvedCall | undefined {
    const [row] = this.#sql
      .exec<{ facts: string }>("SELECT facts FROM call WHERE call_id = ?", call_id)
      .toArray();
    return row && (JSON.parse(row.facts) as ResolvedCall);
  }

  #putCall(call_id: string, call: ResolvedCall): void {
    this.#sql.exec("UPDATE call SET facts = ? WHERE call_id = ?", JSON.stringify(call), call_id);
  }
}
