/**
 * The keys of money in a ledger: what a caller's own id makes of an entry, so that a repeat is the same entry. They are
 * built and read here only. Keys are stored and never change:
 *
 *     purchase:<id>                                     credit that was bought
 *     refund:<id>  refund:<id>:failed                   taken with a refund; given back when the refund failed
 *     dispute:<id>:withdrawn  dispute:<id>:reinstated   taken with a dispute; given back when it was won
 *     adjustment:<id>                                   given or taken by an operator
 *     correction:<["call_id","correction_id"]>          a call's correction
 *     <key>:2  <key>:3 …                                the second, third … entry under one key
 *     refund:<id>:heard  dispute:<id>:heard             no entry: auto top-up was paused for it
 */

const PURCHASE = "purchase:";

/** What takes credit back with its money. */
interface ReversalId {
  id: string;
  kind: "refund" | "dispute";
}

/** What a key that was used before asked for, and what it was answered. */
export interface EarlierUse {
  fingerprint: string;
  answer: unknown;
}

/** The key of a purchase's entry. */
export function purchaseKey(purchase_id: string): string {
  return PURCHASE + purchase_id;
}

/** The purchase that an entry with this key is of; null for entries of other causes. */
export function purchaseOfKey(key: string | null): string | null {
  return key?.startsWith(PURCHASE) ? key.slice(PURCHASE.length) : null;
}

/** The keys of the entries that a reversal may have: of the credit that it takes, and of the credit that comes back. */
export function reversalKeys({ id, kind }: ReversalId): { take: string; give_back: string } {
  return kind === "refund"
    ? { take: `refund:${id}`, give_back: `refund:${id}:failed` }
    : { take: `dispute:${id}:withdrawn`, give_back: `dispute:${id}:reinstated` };
}

/** The refund or dispute that an entry with this key is of; null for entries of other causes. */
export function reversalOfKey(key: string | null): string | null {
  return /^(?:refund|dispute):([^:]+)/.exec(key ?? "")?.[1] ?? null;
}

/** The key of the nth entry under one key: the first has the key as it is, the second `<key>:2`. */
export function numberedKey(key: string, number: number): string {
  return number === 1 ? key : `${key}:${number}`;
}

/** The key under which it is remembered that auto top-up was paused for a reversal: once, however often it is reported. */
export function pauseKey({ id, kind }: ReversalId): `refund:${string}` | `dispute:${string}` {
  return `${kind}:${id}:heard`;
}

/** The key of what an operator gives or takes, by the request's own Idempotency-Key. */
export function adjustmentKey(idempotency_key: string): string {
  return `adjustment:${idempotency_key}`;
}

/** The key of a correction: unique within its call, whatever characters the two ids have. */
export function correctionKey(call_id: string, correction_id: string): string {
  return `correction:${JSON.stringify([call_id, correction_id])}`;
}
