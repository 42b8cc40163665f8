/**
 * How a purchase may stand, and where it may go from there. `paid` and `credited` never go back, nor does `closed`; `expired`,
 * `failed` and `mismatch` may still become `paid` when money turns out to have come. `mismatch`: money came otherwise than it
 * was asked for, and a person resolves it. Stored, and shown by the API: none of these is ever renamed.
 */
export const PURCHASE_STATUSES = [
  "created",
  "open",
  "requires_action",
  "paid",
  "credited",
  "expired",
  "failed",
  "mismatch",
  "refunded",
  "closed",
] as const;

/** One of the statuses above; `TRANSITIONS` says which may follow. */
export type PurchaseStatus = (typeof PURCHASE_STATUSES)[number];

/**
 * Every move that there is. The UPDATE that moves a purchase to a status takes the statuses that it may come from out of this
 * table, so that news which come late, twice or out of order change no row. A status that leads to itself may get another
 * address to pay at. `refunded` leads back to `mismatch` when the refund by which a person has resolved it fails.
 */
export const TRANSITIONS = {
  created: ["open", "requires_action", "paid", "expired", "failed", "mismatch"],
  open: ["open", "requires_action", "paid", "expired", "failed", "mismatch"],
  requires_action: ["requires_action", "paid", "expired", "failed", "mismatch"],
  paid: ["credited"],
  credited: [],
  expired: ["paid", "mismatch"],
  failed: ["paid", "mismatch"],
  mismatch: ["paid", "refunded", "closed"],
  refunded: ["mismatch"],
  closed: [],
} as const satisfies Record<PurchaseStatus, readonly PurchaseStatus[]>;

/** What a purchase may be when it is first written down: one that cannot be sold has failed, one that was lost is open. */
export type InitialStatus = "created" | "open" | "failed";

/** The statuses from which a move to `To` is allowed. */
export type SourceOf<To extends PurchaseStatus> = {
  [From in PurchaseStatus]: To extends (typeof TRANSITIONS)[From][number] ? From : never;
}[PurchaseStatus];

/** As `SourceOf`, for an UPDATE. */
export function sourcesOf(to: PurchaseStatus): PurchaseStatus[] {
  return PURCHASE_STATUSES.filter((from) => leadsTo(from, to));
}

function leadsTo(from: PurchaseStatus, to: PurchaseStatus): boolean {
  const next: readonly PurchaseStatus[] = TRANSITIONS[from];
  return next.includes(to);
}

/** Whether the money has not come, and may come without anything else: the page is being made, is open, or waits for a bank. */
export function isAwaitingPayment(status: PurchaseStatus): boolean {
  return status === "created" || isPayable(status);
}

/** Whether its buyer can pay it now, at its `pay_url`. */
export function isPayable(status: PurchaseStatus): boolean {
  return status === "open" || status === "requires_action";
}

/** Whether the Worker still has to bring it to an end, by itself or with its buyer: the cron looks at these and at no others. */
export function isUnderWay(status: PurchaseStatus): boolean {
  return isAwaitingPayment(status) || status === "paid";
}

/** Whether it has ended without money, as far as is known: it may be bought again. */
export function isUnpaid(status: PurchaseStatus): boolean {
  return status === "expired" || status === "failed";
}

/** Whether a person has resolved it without credit. */
export function isClosed(status: PurchaseStatus): boolean {
  return status === "refunded" || status === "closed";
}

/**
 * How a refund or a dispute of a purchase stands: whether its money is with the buyer (`taking`, `taken`) or came back to us
 * (`returning`, `returned`), and whether the ledger has answered to that (`taken`, `returned`). Each may lead to each, as money
 * moves again and again: what orders them is not the status but how often the money has moved (`moves`) and how many entries
 * the ledger has made of it (`entries`). News with a lower number change no row. Stored, and shown by the API.
 */
export const REVERSAL_STATUSES = ["taking", "taken", "returning", "returned"] as const;

/** One of the statuses above. */
export type ReversalStatus = (typeof REVERSAL_STATUSES)[number];

/** The status of a reversal whose money has moved, before the ledger has heard of it. */
export function movedStatus(is_back: boolean): ReversalStatus {
  return is_back ? "taking" : "returning";
}

/** The status of a reversal of which the ledger has what was heard. */
export function answeredStatus(is_back: boolean): ReversalStatus {
  return is_back ? "taken" : "returned";
}

/** Whether it holds credit, or is about to. What is about to come back is free to be taken by another reversal. */
export function holdsCredit(status: ReversalStatus): boolean {
  return status === "taking" || status === "taken";
}

/** Whether the ledger has answered to the last that was heard of it. */
export function isAnswered(status: ReversalStatus): boolean {
  return status === "taken" || status === "returned";
}
