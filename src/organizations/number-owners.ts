import { MAX_CALL_MS, MAX_REPORT_AGE_MS } from "../ledger/core/settings";
import { OWNERS_KEPT } from "../storage/accounts/numbers";
import type { NumberOwner } from "./directory";

/** Whoever had a number so long ago can have no call of it that is still reported. */
const MAX_REPORT_DELAY_MS = MAX_REPORT_AGE_MS + MAX_CALL_MS;

/** A number that has moved more often than this within a month is asked for at its latest owners only. */
const MAX_ASKED = 8;

/**
 * The organizations that may know a call of a number, the latest owner first: all that had it within the time in which a
 * call may still be reported. `allowed`: those that the key may speak of, null for all; the others are not even asked.
 */
export function mayKnow(
  owners: readonly NumberOwner[],
  allowed: readonly string[] | null,
  now_ms: number,
): string[] {
  const recent = owners.filter(
    ({ until_ms }) => until_ms === null || until_ms > now_ms - MAX_REPORT_DELAY_MS,
  );
  const ids = new Set(recent.map(({ organization_id }) => organization_id));
  return [...ids].filter((id) => allowed === null || allowed.includes(id)).slice(0, MAX_ASKED);
}

/**
 * Whose the number was when a call began, null when it was nobody's. A little later counts as then, because a node's clock
 * says when that was; and whoever had the number first had it before anybody wrote that down.
 */
export function ownerAt(owners: readonly NumberOwner[], at_ms: number, tolerance_ms: number): string | null {
  const owner = ownedAt(owners, at_ms) ?? ownedAt(owners, at_ms + tolerance_ms);
  if (owner) return owner.organization_id;
  const first = owners.length < OWNERS_KEPT ? owners.at(-1) : undefined;
  return first && at_ms < first.from_ms ? first.organization_id : null;
}

/** Whose the number is, null when it is nobody's. */
export function presentOwner(owners: readonly NumberOwner[]): string | null {
  return owners.find(({ until_ms }) => until_ms === null)?.organization_id ?? null;
}

function ownedAt(owners: readonly NumberOwner[], at_ms: number): NumberOwner | undefined {
  return owners.find(({ from_ms, until_ms }) => from_ms <= at_ms && (until_ms === null || at_ms < until_ms));
}
