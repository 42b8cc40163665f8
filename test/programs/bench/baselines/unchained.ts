import type { Entry } from "../../../../src/ledger/core/credit/entry";
import { EntryChain } from "../../../../src/ledger/store/entry-chain";
import { CURRENCY } from "../../../../src/units/money";

export { default, OrganizationLedger, OrganizationWebhooks } from "./counting";

/** The ledger as it was before there was a chain: its entries have no digests, and none is proven. */
EntryChain.prototype.insert = function (this: EntryChain, entry: Entry): void {
  const sql: SqlStorage = Reflect.get(this, "sql");
  sql.exec(
    `INSERT INTO entry (seq, epoch, kind, currency, amount_micros, balance_after_micros, month_seconds_after, call_id, key,
       reason, posted_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    entry.seq,
    entry.epoch,
    entry.kind,
    CURRENCY,
    entry.amount_micros,
    entry.balance_after_micros,
    entry.month_seconds_after,
    entry.call_id,
    entry.key,
    entry.reason,
    entry.posted_at_ms,
  );
};
