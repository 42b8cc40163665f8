const PURCHASE = "purchase:";

/** The key of a purchase's entry in its ledger. */
export function purchaseKey(purchase_id: string): string {
  return PURCHASE + purchase_id;
}

/** The purchase that an entry with this key is of; null for entries of other causes. */
export function purchaseOfKey(key: string | null): string | null {
  return key?.startsWith(PURCHASE) ? key.slice(PURCHASE.length) : null;
}

/** The refund or dispute that an entry with this key is of; null for entries of other causes. */
export function reversalOfKey(key: string | null): string | null {
  return /^(?:refund|dispute):([^:]+)/.exec(key ?? "")?.[1] ?? null;
}

/** The money key of a correction: unique within its call, whatever characters the two ids have. */
export function correctionKey({
  call_id,
  correction_id,
}: {
  call_id: string;
  correction_id: string;
}): string {
  return `correction:${JSON.stringify([call_id, correction_id])}`;
}

/** The keys of the entries that a reversal may have: of the credit that it takes, and of the credit that comes back. */
export function reversalKeys({ id, kind }: { id: string; kind: "refund" | "dispute" }) {
  return kind === "refund"
    ? { take: `refund:${id}`, give_back: `refund:${id}:failed` }
    : { take: `dispute:${id}:withdrawn`, give_back: `dispute:${id}:reinstated` };
}
