import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import type { ResolvedCall } from "../../../src/ledger/core/calls/call";
import { entryDigest, receiptDigest } from "../../../src/ledger/core/chain";
import { type ChainedEntry, EntryChain } from "../../../src/ledger/store/entry-chain";
import { commitmentsOf } from "../../../src/units/commitment";
import type { TestLedger } from "./ledger";

type Reachable = Pick<TestLedger, "stub">;

/** Changes rows behind the ledger's back, as somebody with access to the object's storage can, and starts it anew on them. */
export async function tamper(ledger: Reachable, ...statements: string[]): Promise<void> {
  await runInDurableObject(ledger.stub(), (_, { storage }) => {
    for (const statement of statements) storage.sql.exec(statement);
  });
  await evictDurableObject(ledger.stub());
}

/** The entries as they stand, with their links. */
export function linksOf(ledger: Reachable): Promise<ChainedEntry[]> {
  return runInDurableObject(ledger.stub(), (_, { storage }) => new EntryChain(storage.sql).after(0, 10_000));
}

/** Works out all links anew from `from_seq` on, so that rows that were changed before agree with each other. */
export async function rechain(ledger: Reachable, from_seq: number): Promise<void> {
  await runInDurableObject(ledger.stub(), (_, { storage }) => rechainNow(storage.sql, from_seq));
  await evictDurableObject(ledger.stub());
}

/** The same, within the object. */
export function rechainNow(sql: SqlStorage, from_seq: number): void {
  const chain = new EntryChain(sql);
  let previous = chain.get(from_seq - 1)?.digest ?? null;
  for (const entry of chain.after(from_seq - 1, 10_000)) {
    const [row] = sql
      .exec<{ facts: string }>("SELECT facts FROM call WHERE call_id = ?", entry.call_id)
      .toArray();
    const call = row && (JSON.parse(row.facts) as ResolvedCall);
    const { seq } = entry;
    const commit = commitmentsOf(entry.salt);
    const is_last = call?.entry_seqs.at(-1) === seq;
    const receipt_digest = is_last
      ? receiptDigest(call.receipt_at_entry ?? call, commit)
      : entry.receipt_digest;
    const digest = entryDigest(previous, entry, receipt_digest, commit);
    sql.exec("UPDATE entry SET receipt_digest = ?, digest = ? WHERE seq = ?", receipt_digest, digest, seq);
    previous = digest;
  }
}

/** Puts commitments in the place of these values of a call, wherever they stand in its rows. */
export async function mask(
  ledger: Reachable,
  call_id: string,
  values: readonly string[],
  keeps_salt: boolean,
): Promise<void> {
  await runInDurableObject(ledger.stub(), (_, { storage: { sql } }) => {
    const { salt } = sql.exec<{ salt: string }>("SELECT salt FROM entry WHERE call_id = ?", call_id).next()
      .value as { salt: string };
    const commit = commitmentsOf(salt);
    const row = sql.exec<{ facts: string }>("SELECT facts FROM call WHERE call_id = ?", call_id).one();
    const facts = JSON.stringify(JSON.parse(row.facts), (_key, value) =>
      values.includes(value) ? `masked:${commit(value)}` : value,
    );
    const masked_id = values.includes(call_id) ? `masked:${commit(call_id)}` : call_id;
    sql.exec("UPDATE call SET call_id = ?, facts = ? WHERE call_id = ?", masked_id, facts, call_id);
    for (const reason of values)
      sql.exec(
        "UPDATE entry SET reason = ? WHERE call_id = ? AND reason = ?",
        `masked:${commit(reason)}`,
        call_id,
        reason,
      );
    sql.exec("UPDATE entry SET call_id = ? WHERE call_id = ?", masked_id, call_id);
    if (!keeps_salt) sql.exec("UPDATE entry SET salt = NULL WHERE call_id = ?", masked_id);
  });
  await evictDurableObject(ledger.stub());
}
