import { reversedTogether } from "../ledger/core/credit/reverse-credit";
import { purchaseKey, reversalKeys } from "../ledger/core/entry-keys";
import { inMicros, purchaseInMicros } from "../purchases/refunds/reversal-amounts";
import { answeredStatus, holdsCredit, isAnswered, isClosed } from "../storage/purchases/purchase-state";
import type { PurchaseRow } from "../storage/purchases/purchases";
import type { ReversalRow } from "../storage/purchases/reversals";
import type { PaidObject } from "../stripe/money-moved";
import type { MoneyBack } from "../stripe/refunds";
import { centsToMicros } from "../units/money";

/** One thing on which Stripe, our records and a ledger do not agree. `id` is of what the difference is about. */
export interface Difference {
  kind:
    | "paid_unknown"
    | "refund_unknown"
    | "dispute_unknown"
    | "card_page_unknown"
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
    | "taken_too_little"
    | "taken_too_much";
  id: string;
  organization_id: string | null;
  detail: string;
}

export interface MoneyRecords {
  paid: readonly PaidObject[];
  /** What is ours by its name and of purchases or organizations that nothing is known of. */
  unknown: readonly Difference[];
  back: readonly (MoneyBack & { purchase: PurchaseRow })[];
  purchases: readonly PurchaseRow[];
  reversals: readonly ReversalRow[];
  /** Purchases of which something of this went back, whenever they were made, with all that did. */
  reversed: readonly { purchase: PurchaseRow; reversals: readonly ReversalRow[] }[];
  /** Entries as projected, to find those that nothing accounts for. */
  entries: readonly { organization_id: string; key: string | null; amount_micros: number }[];
  /** The keys that rows from before the span account for. */
  older_keys: readonly string[];
  /** Sums as the ledgers themselves answer them, by key: of its entry and those that are numbered after it. */
  posted: ReadonlyMap<string, number>;
}

/** Every difference between what was paid, what is written down and what is in the ledgers. Pure. */
export function compareMoney(records: MoneyRecords): Difference[] {
  return [
    ...records.unknown,
    ...paidAgainstPurchases(records),
    ...purchasesAgainstPaid(records),
    ...rowsAgainstLedgers(records),
    ...entriesAgainstRows(records),
    ...backAgainstReversals(records),
    ...reversedAgainstPurchases(records),
  ];
}

/** The keys of the entries that a purchase or a reversal may have in its ledger; further ones have a number behind it. */
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
      return [
        difference("paid_unknown", object.id, object.organization_id, `names purchase ${object.purchase_id}`),
      ];
    const of = (kind: Difference["kind"], detail: string) =>
      difference(kind, purchase.id, purchase.organization_id, detail);
    if (seen.has(purchase.id)) return [of("paid_twice", object.id)];
    seen.add(purchase.id);
    // A person has resolved it: what Stripe says was looked at.
    if (isClosed(purchase.status)) return [];
    if (purchase.status === "credited" && purchase.resolution === "accept") return [];
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
  return [
    ...credited.flatMap((row) => {
      const key = purchaseKey(row.id);
      return wrongEntry(row, key, centsToMicros(row.net_cents), posted.get(key));
    }),
    ...reversals
      .filter(({ status }) => isAnswered(status))
      .flatMap((row) => {
        const { take, give_back } = reversalKeys(row);
        const [taken, given] = [posted.get(take), posted.get(give_back)];
        const sum = taken === undefined && given === undefined ? undefined : (taken ?? 0) + (given ?? 0);
        return wrongEntry(row, take, holdsCredit(row.status) ? 0 - centsToMicros(row.net_cents) : 0, sum);
      }),
  ];
}

function wrongEntry(
  { id, organization_id }: PurchaseRow | ReversalRow,
  key: string,
  expected_micros: number,
  amount_micros: number | undefined,
): Difference[] {
  // A reversal of nothing posts nothing.
  if ((amount_micros ?? 0) === expected_micros) return [];
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
    .filter(({ key }) => key !== null && !known.has(key.replace(/:\d+$/, "")))
    .map(({ key, organization_id, amount_micros }) =>
      difference("entry_unknown", key ?? "", organization_id, `${amount_micros} micros without a record`),
    );
}

function backAgainstReversals({ back, reversals }: MoneyRecords): Difference[] {
  const by_id = new Map(reversals.map((reversal) => [reversal.id, reversal]));
  return back.flatMap(({ id, kind, is_back, gross_cents, purchase }): Difference[] => {
    const status = by_id.get(id)?.status;
    const expected = answeredStatus(is_back);
    // What went back and came again before we heard of it has left no trace, and needs none.
    if (status === expected || (status === undefined && !is_back)) return [];
    const detail = `${gross_cents} cents are ${status ?? "unknown"}, not ${expected}`;
    return [difference(`${kind}_differs`, id, purchase.organization_id, detail)];
  });
}

/** What all that went back of a purchase comes to, against what the ledger has taken for it. */
function reversedAgainstPurchases({ reversed, posted }: MoneyRecords): Difference[] {
  return reversed.flatMap(({ purchase, reversals }) => {
    // What waits for the ledger is reported by itself, when it waits for long.
    if (!reversals.every(({ status }) => isAnswered(status))) return [];
    const { id, organization_id } = purchase;
    const keys = reversals.flatMap((row) => entryKeysOf(row));
    const taken_micros = keys.reduce((sum, key) => sum - (posted.get(key) ?? 0), 0);
    const right_micros = reversedTogether(
      purchaseInMicros(purchase),
      reversals.map((row) => inMicros(purchase, row)),
    );
    if (taken_micros === right_micros) return [];
    const kind = taken_micros < right_micros ? "taken_too_little" : "taken_too_much";
    return [difference(kind, id, organization_id, `${taken_micros} of ${right_micros} micros`)];
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
