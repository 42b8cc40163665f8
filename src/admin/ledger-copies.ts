import type { ResolvedCall } from "../ledger/core/calls/call";
import type { Entry } from "../ledger/core/credit/entry";
import type { CopiedPage } from "../ledger/object/commands/checks";
import type { OrganizationHandle } from "../organizations/open-organization";
import {
  type CallCopy,
  callCopies,
  copiedEntryAfter,
  type EntryCopy,
  entryCopies,
} from "../storage/calls/ledger-copies";
import type { Database } from "../storage/database";
import { isRefused } from "../units/refusal";

/** Entries that are compared with D1 in one portion. */
const PORTION = 200;

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
 * Names an entry that D1 has heard of and that is after the last one of the ledger; null when there is none.
 * @throws LedgerUnavailable
 */
export async function missingEntry(
  db: Database,
  { organization_id, ledger }: LedgerHandle,
): Promise<string | null> {
  const before = await ledger.ask(async (object) => object.chainedAt(0));
  if (isRefused(before)) throw new Error(before.message);
  const seq = await copiedEntryAfter(db, organization_id, { epoch: before.epoch, seq: before.last_seq });
  if (seq === null) return null;
  // It may have been posted in the meantime.
  const after = await ledger.ask(async (object) => object.chainedAt(0));
  if (isRefused(after)) throw new Error(after.message);
  const is_there = after.epoch !== before.epoch || after.last_seq >= seq;
  return is_there ? null : `entry ${after.last_seq + 1} is missing: D1 has a copy of entry ${seq}`;
}

async function comparePage(
  db: Database,
  { organization_id, ledger }: LedgerHandle,
  after_seq: number,
): Promise<ComparedPortion> {
  const page = await ledger.ask(async (object) => object.copied(after_seq, PORTION));
  if (isRefused(page)) throw new Error(page.message);
  const { entries, calls }: CopiedPage = page;
  const money = entries.filter(({ call_id, kind }) => call_id === null && kind !== "checkpoint");
  const [entry_copies, call_copies] = await Promise.all([
    entryCopies(db, organization_id, money),
    callCopies(db, organization_id, calls),
  ]);
  const of_entries = new Map(entry_copies.map((copy) => [`${copy.epoch}:${copy.seq}`, copy]));
  const of_calls = new Map(call_copies.map((copy) => [copy.call_id, copy]));
  const by_id = new Map(calls.map((call) => [call.call_id, call]));
  for (const entry of entries) {
    const call = by_id.get(entry.call_id ?? "");
    const difference =
      differenceOfEntry(entry, of_entries.get(`${entry.epoch}:${entry.seq}`)) ??
      (call && differenceOfCall(entry, call, of_calls.get(call.call_id)));
    if (difference) return { compared_seq: null, difference };
  }
  const last = entries.at(-1);
  return { compared_seq: last && entries.length === PORTION ? last.seq : null, difference: null };
}

function differenceOfEntry(entry: Entry, copy: EntryCopy | undefined): string | null {
  const { epoch, seq, kind, amount_micros, balance_after_micros, posted_at_ms } = entry;
  return copy
    ? differenceOf(
        `entry ${epoch}:${seq}`,
        { kind, amount_micros, balance_after_micros, posted_at_ms },
        { ...copy },
      )
    : null;
}

function differenceOfCall(entry: Entry, call: ResolvedCall, copy: CallCopy | undefined): string | null {
  if (copy?.version !== call.version) return null;
  const { outcome, duration_ms, billable_seconds, fee_micros, provider_cost_micros, charged_micros } = call;
  const first_entry_seq = call.entry_seqs[0] ?? null;
  const facts = { outcome, duration_ms, billable_seconds, fee_micros, provider_cost_micros, charged_micros };
  const name = `entry ${entry.epoch}:${entry.seq}: its call ${call.call_id}`;
  return differenceOf(name, { ...facts, first_entry_seq }, { ...copy });
}

/** The first fact that D1 has otherwise. */
function differenceOf(
  name: string,
  facts: Record<string, unknown>,
  copy: Record<string, unknown>,
): string | null {
  for (const [field, value] of Object.entries(facts))
    if (copy[field] !== value) return `${name}: its ${field} is ${value}, D1 has ${copy[field]}`;
  return null;
}
