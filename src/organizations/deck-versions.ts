import { DAY_MS, MINUTE_MS } from "../units/duration";

/** A version of a rate deck, as far as setting up a call must know it. */
export interface DeckPointer {
  deck_id: string;
  effective_from_ms: number;
  /** What is added to the standard deck's prices; null: nothing. */
  markup_basis_points: number | null;
  /** Whether it has content of its own. */
  has_rows: boolean;
}

/**
 * A version is known so long before it begins: what an isolate remembers and what KV's other places remember are each a minute
 * old at most, so that all of them change at the same instant.
 */
export const NOTICE_MS = 3 * MINUTE_MS;

/** Versions can be read for so long after their end: a call may be reported 30 days after it, and may have lasted one. */
export const READABLE_MS = 31 * DAY_MS;

/** The version in force at an instant; null before the first. `pointers` are in the order in which they begin. */
export function inForceAt(pointers: readonly DeckPointer[], at_ms: number): DeckPointer | null {
  return pointers.findLast(({ effective_from_ms }) => effective_from_ms <= at_ms) ?? null;
}
