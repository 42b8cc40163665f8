import type { PurchaseRow } from "../storage/purchases";
import type { ReversalRow } from "../storage/reversals";
import type { PaidObject } from "../stripe/money-moved";
import type { MoneyBack } from "../stripe/refunds";
import { centsToMicros } from "../units/money";
import { purchaseKey, reversalKeys } from "./purchase-keys";

/** One thing on which Stripe, our records and a ledger do not agree. `id` is of what the difference is about. */
export interface Difference {
  kind:
    | "paid_unknown"
    | "paid_twice"
    | "paid_not_credited"
    | "paid_amount_differs"
    | "tax_differs"
    | "credited_not_paid"
    | "entry_missing"
    | "entry_amount_differs"
    | "entry_unknown"
    | "refund_differs"
    | "dispute_differs"
    | "taken_above_purchase";
  id: string;
  organization_id: string | null;
  detail: string;
}

export interface MoneyRecords {
  paid: readonly PaidObject[];
  back: readonly (MoneyBack & { purchase: PurchaseRow })[];
  purchases: readonly PurchaseRow[];
  reversals: readonly ReversalRow[];
  /** Entries as projected, to find those that nothing accounts for. */
  entries: readonly { organization_id: string; key: string | null; amount_micros: number }[];
  /** The keys that rows from before the span account for. */
  older_keys: readonly string[];
  /** Amounts as the ledgers themselves answer them, by key. */
  posted: ReadonlyMap<string, number>;
}

/** Every difference between what was paid, what is written down and what is in the ledgers. Pure. */
export function compareMoney(records: MoneyRecords): Difference[] {
  return [
    ...paidAgainstPurchases(records),
    ...purchasesAgainstPaid(records),
    ...rowsAgainstLedgers(records),
    ...entriesAgainstRows(records),
    ...backAgainstReversals(records),
    ...takenAgainstPurchases(records),
  ];
}

/** The keys of the entries that a purchase or a reversal may have in its ledger. */
export function entryKeysOf(row: PurchaseRow | ReversalRow): string[] {
  if (!isReversal(row)) return [purchaseKey(row.id)];
  const { take, give_back } = reversalKeys(row);
  return [take, give_back];
}

function isReversal(row: PurchaseRow | ReversalRow): row is ReversalRow {
  return row.kind === "refund" || row.kind === "dispute";
}

function paidAgainstPurchases({ paid, purchases }: MoneyRecords): Difference[] {
  const by_id = new Map(purchases.map((purchase) => [purchase.id, purchase]));
  const seen = new Set<string>();
  return paid.flatMap((object): Difference[] => {
    const purchase = by_id.get(object.purchase_id);
    if (!purchase)
      return [difference("paid_unknown", object.id, null, `names purchase ${object.purchase_id}`)];
    const of = (kind: Difference["kind"], detail: string) =>
      difference(kind, purchase.id, purchase.organization_id, detail);
    if (seen.has(purchase.id)) return [of("paid_twice", object.id)];
    seen.add(purchase.id);
    if (purchase.status !== "credited")
      return [of("paid_not_credited", `is ${purchase.status}, ${object.id} is paid`)];
    const found: Difference[] = [];
    if (object.net_cents !== purchase.net_cents || object.gross_cents !== purchase.gross_cents)
      found.push(of("paid_amount_differs", `${object.net_cents}/${object.gross_cents} cents at Stripe`));
    if (object.tax_cents !== purchase.tax_decision.tax_cents)
      found.push(
        of("tax_differs", `${object.tax_cents} cents charged, ${purchase.tax_decision.tax_cents} expected`),
      );
    return found;
  });
}

function purchasesAgainstPaid({ paid, purchases }: MoneyRecords): Difference[] {
  const paid_ids = new Set(paid.map(({ purchase_id }) => purchase_id));
  return purchases
    .filter(({ id, status }) => (status === "credited" || status === "paid") && !paid_ids.has(id))
    .map(({ id, organization_id, status }) =>
      difference("credited_not_paid", id, organization_id, `is ${status}, nothing is paid at Stripe`),
    );
}

function rowsAgainstLedgers({ purchases, reversals, posted }: MoneyRecords): Difference[] {
  const credited = purchases.filter(({ status }) => status === "credited");
  const taken = reversals.filter(({ status }) => status === "taken" || status === "returned");
  return [
    ...credited.flatMap((row) => wrongEntry(row, purchaseKey(row.id), row.net_cents, posted)),
    ...taken.flatMap((row) => {
      const [take = "", give_back = ""] = entryKeysOf(row);
      const returned = row.status === "returned" ? wrongEntry(row, give_back, row.net_cents, posted) : [];
      return [...wrongEntry(row, take, -row.net_cents, posted), ...returned];
    }),
  ];
}

function wrongEntry(
  { id, organization_id }: PurchaseRow | ReversalRow,
  key: string,
  expected_cents: number,
  posted: ReadonlyMap<string, number>,
): Difference[] {
  const amount_micros = posted.get(key);
  const expected_micros = centsToMicros(expected_cents);
  if (amount_micros === expected_micros) return [];
  // A reversal of nothing posts nothing.
  if (amount_micros === undefined && expected_micros === 0) return [];
  return amount_micros === undefined
    ? [difference("entry_missing", id, organization_id, key)]
    : [
        difference(
          "entry_amount_differs",
          id,
          organization_id,
          `${key}: ${amount_micros} for ${expected_micros}`,
        ),
      ];
}

function entriesAgainstRows({ entries, purchases, reversals, older_keys }: MoneyRecords): Difference[] {
  const known = new Set([...[...purchases, ...reversals].flatMap((row) => entryKeysOf(row)), ...older_keys]);
  return entries
    .filter(({ key }) => key !== null && !known.has(key))
    .map(({ key, organization_id, amount_micros }) =>
      difference("entry_unknown", key ?? "", organization_id, `${amount_micros} micros without a record`),
    );
}

function backAgainstReversals({ back, reversals }: MoneyRecords): Difference[] {
  const by_id = new Map(reversals.map((reversal) => [reversal.id, reversal]));
  return back.flatMap(({ id, kind, is_back, gross_cents, purchase }): Difference[] => {
    const status = by_id.get(id)?.status;
    const expected = is_back ? "taken" : "returned";
    // What went back and came again before we heard of it has left no trace, and needs none.
    if (status === expected || (status === undefined && !is_back)) return [];
    const detail = `${gross_cents} cents are ${status ?? "unknown"}, not ${expected}`;
    return [difference(`${kind}_differs`, id, purchase.organization_id, detail)];
  });
}

function takenAgainstPurchases({ purchases, reversals }: MoneyRecords): Difference[] {
  const taken = Map.groupBy(
    reversals.filter(({ status }) => status !== "returned"),
    ({ purchase_id }) => purchase_id,
  );
  return purchases.flatMap(({ id, organization_id, net_cents }) => {
    const sum_cents = (taken.get(id) ?? []).reduce((sum, reversal) => sum + reversal.net_cents, 0);
    if (sum_cents <= net_cents) return [];
    return [difference("taken_above_purchase", id, organization_id, `${sum_cents} of ${net_cents} cents`)];
  });
}

function difference(
  kind: Difference["kind"],
  id: string,
  organization_id: string | null,
  detail: string,
): Difference {
  return { kind, id, organization_id, detail };
}
