import { copyOfCall, copyOfEntry, isCopied } from "../ledger/core/copies";
import type { CopiedPage } from "../ledger/object/commands/checks";
import type { OrganizationHandle } from "../organizations/open-organization";
import { callCopies, entryCopies, newestCopies, type StoredRow } from "../storage/calls/ledger-copies";
import type { Database } from "../storage/database";
import { isMasked } from "../units/commitment";
import { isRefused } from "../units/refusal";

/** Entries that are compared with D1 in one portion. */
const PORTION = 500;

type LedgerHandle = Pick<OrganizationHandle, "organization_id" | "ledger">;

/** Where a comparison stands: the last entry that was compared, null when all were. */
export interface ComparedPortion {
  compared_seq: number | null;
  difference: string | null;
}

/**
 * Compares the next entries of a ledger after `after_seq`, and the calls that they are of, with the copies that D1 has of them. A
 * copy that is not there yet, or is of another version of the call, says nothing. What changes while it is compared is
 * compared again.
 * @throws LedgerUnavailable
 */
export async function compareCopies(
  db: Database,
  organization: LedgerHandle,
  after_seq: number,
): Promise<ComparedPortion> {
  const found = await comparePage(db, organization, after_seq);
  return found.difference === null ? found : comparePage(db, organization, after_seq);
}

/**
 * Names what D1 was given lately and the ledger no longer has, null when it has all.
 * @throws LedgerUnavailable
 */
export async function missingFromLedger(
  db: Database,
  { organization_id, ledger }: LedgerHandle,
): Promise<string | null> {
  // In this order: a ledger has everything before D1 has it.
  const copies = await newestCopies(db, organization_id);
  const answer = await ledger.ask(async (object) => object.missing(copies));
  if (isRefused(answer)) throw new Error(answer.message);
  return answer.difference;
}

async function comparePage(
  db: Database,
  { organization_id, ledger }: LedgerHandle,
  after_seq: number,
): Promise<ComparedPortion> {
  const page = await ledger.ask(async (object) => object.copied(after_seq, PORTION));
  if (isRefused(page)) throw new Error(page.message);
  const { entries, calls }: CopiedPage = page;
  const [entry_copies, call_copies] = await Promise.all([
    entryCopies(db, organization_id, entries.filter(isCopied)),
    callCopies(db, organization_id, calls),
  ]);
  const of_entries = new Map(entry_copies.map((copy) => [`${copy.epoch}:${copy.seq}`, copy]));
  const of_calls = new Map(call_copies.map((copy) => [copy.call_id, copy]));
  const by_id = new Map(calls.map((call) => [call.call_id, call]));
  for (const entry of entries) {
    const name = `entry ${entry.epoch}:${entry.seq}`;
    const call = by_id.get(entry.call_id ?? "");
    const difference = call
      ? differenceOfCall(name, copyOfCall(call, { organization_id, epoch: 0 }), of_calls.get(call.call_id))
      : differenceOf(
          name,
          copyOfEntry(entry, organization_id),
          of_entries.get(`${entry.epoch}:${entry.seq}`),
        );
    if (difference) return { compared_seq: null, difference };
  }
  const last = entries.at(-1);
  return { compared_seq: last && entries.length === PORTION ? last.seq : null, difference: null };
}

function differenceOfCall(name: string, call: ReturnType<typeof copyOfCall>, copy: StoredRow | undefined) {
  if (copy?.version !== call.version) return null;
  const same = { ...call, epoch: copy.epoch, updated_at_ms: copy.updated_at_ms && call.updated_at_ms };
  return differenceOf(`${name}: its call ${call.call_id}`, same, copy);
}

/** The first of the row's columns that D1 has otherwise. Texts may name a person, who does not belong into a report. */
function differenceOf(
  name: string,
  row: Record<string, unknown>,
  copy: StoredRow | undefined,
): string | null {
  for (const [column, stored] of Object.entries(copy ?? {})) {
    // A later release may have added columns.
    const value = column in row ? storedValue(row[column]) : stored;
    if (value === stored || (typeof value === "string" && isMasked(value))) continue;
    return typeof value === "string" || typeof stored === "string"
      ? `${name}: its ${column} is not as D1 has it`
      : `${name}: its ${column} is ${value}, D1 has ${stored}`;
  }
  return null;
}

/** A value as it is stored in D1. */
function storedValue(value: unknown): string | number | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return Number(value);
  return typeof value === "object" ? JSON.stringify(value) : (value as string | number);
}
