import { type Bindings, readSettings } from "../env";
import type { AuditRow } from "../storage/accounts/audit";
import {
  type AuditSealRow,
  lastSeal,
  lastSignedSeal,
  rowsOfSeals,
  sealsAfter,
  strayRow,
} from "../storage/accounts/audit-seals";
import { type Database, openDatabase } from "../storage/database";
import { MINUTE_MS } from "../units/duration";
import { auditDigest, sealDigest } from "./audit-digest";
import { differenceOfSigned } from "./audit-seals";

/** Seals that one portion of a check looks at: with all their rows, some thousand. */
const SEALS_PER_PORTION = 20;
const MOST_ROWS = 5_000;

/** A row that is sealed this long after later ones: D1 was away when it was written, or somebody has put it in. */
const LATE_MS = 10 * MINUTE_MS;

/** Rows that are named, of however many. */
const MOST_NAMED = 100;

/** Where a check stands. */
export interface AuditCursor {
  /** The last seal that was checked, its digest, and the latest time of a row up to there. */
  seq: number;
  digest: string | null;
  latest_ms: number;
}

/** What a portion of a check has found. */
export interface AuditFinding {
  first_difference: string | null;
  seals: number;
  rows: number;
  /** When the first and the last of these seals were made; null without any. */
  from_ms: number | null;
  until_ms: number | null;
  /** Rows that state an earlier time than rows that were sealed well before them. */
  late_ids: string[];
  /** The last seal that has left, signed; null: none has. */
  signed: { seq: number; digest: string } | null;
  /** Where the next portion begins, null at the end or at a difference. */
  cursor: AuditCursor | null;
}

const BEGINNING: AuditCursor = { seq: 0, digest: null, latest_ms: 0 };

/**
 * Checks a portion of the audit against its seals, from `cursor` on, from the first seal with null: that each follows the one
 * before, that its rows are there as they were sealed and no others, and that the last one that left is as it was signed.
 * Rows that no seal has yet are not proven. A value that was masked by its commitment is no difference.
 */
export async function verifyAudit(env: Bindings, cursor: AuditCursor | null): Promise<AuditFinding> {
  const db = openDatabase(env);
  const from = cursor ?? BEGINNING;
  const [seals, signed] = await Promise.all([
    sealsAfter(db, from.seq, SEALS_PER_PORTION + 1),
    lastSignedSeal(db),
  ]);
  const portion = seals.slice(0, SEALS_PER_PORTION);
  const last = portion.at(-1);
  const rows = await rowsIn(db, portion);
  const late_ids = lateIn(portion, rows, from.latest_ms);
  const first_difference =
    (await differenceOfSigned(signed, readSettings(env).key_secrets)) ??
    (cursor ? null : await differenceOfStray(db)) ??
    differenceOfSeals(from, portion, rows);
  const is_end = first_difference !== null || seals.length <= SEALS_PER_PORTION || !last;
  return {
    first_difference,
    seals: portion.length,
    rows: rows.length,
    from_ms: portion[0]?.at_ms ?? null,
    until_ms: last?.at_ms ?? null,
    late_ids: late_ids.slice(0, MOST_NAMED),
    signed: signed ? { seq: signed.seq, digest: signed.digest } : null,
    cursor: is_end ? null : { seq: last.seq, digest: last.digest, latest_ms: latestOf(rows, from.latest_ms) },
  };
}

async function rowsIn(db: Database, portion: readonly AuditSealRow[]): Promise<AuditRow[]> {
  const [first, last] = [portion[0], portion.at(-1)];
  if (!first || !last) return [];
  return rowsOfSeals(db, { first_seq: first.seq, last_seq: last.seq, limit: MOST_ROWS });
}

async function differenceOfStray(db: Database): Promise<string | null> {
  const stray = await strayRow(db, (await lastSeal(db))?.seq ?? 0);
  return stray ? `row ${stray.id}: it names seal ${stray.seal}, which is not there` : null;
}

function differenceOfSeals(
  from: AuditCursor,
  portion: readonly AuditSealRow[],
  rows: readonly AuditRow[],
): string | null {
  const by_seal = Map.groupBy(rows, ({ seal }) => seal);
  let before: Pick<AuditSealRow, "seq" | "digest"> | AuditCursor = from;
  for (const seal of portion) {
    if (seal.seq !== before.seq + 1) return `seal ${before.seq + 1} is missing`;
    if (seal.previous !== before.digest) return `seal ${seal.seq}: it does not follow seal ${before.seq}`;
    if (seal.digest !== sealDigest(seal)) return `seal ${seal.seq}: it is not as it was made`;
    const difference = differenceOfRows(seal, by_seal.get(seal.seq) ?? []);
    if (difference) return difference;
    before = seal;
  }
  return null;
}

function differenceOfRows({ seq, leaves }: AuditSealRow, rows: readonly AuditRow[]): string | null {
  const sealed = new Map(leaves);
  for (const row of rows) {
    const digest = sealed.get(row.id);
    if (digest === undefined) return `row ${row.id}: it was put in after seal ${seq} was made`;
    if (digest !== auditDigest(row)) return `row ${row.id}: it was changed after seal ${seq} was made`;
    sealed.delete(row.id);
  }
  const [missing] = sealed.keys();
  return missing === undefined ? null : `row ${missing}: it is missing, and seal ${seq} has it`;
}

function lateIn(portion: readonly AuditSealRow[], rows: readonly AuditRow[], latest_ms: number): string[] {
  const by_seal = Map.groupBy(rows, ({ seal }) => seal);
  const late: string[] = [];
  let until_ms = latest_ms;
  for (const { seq } of portion) {
    const own = by_seal.get(seq) ?? [];
    late.push(...own.filter(({ at_ms }) => at_ms < until_ms - LATE_MS).map(({ id }) => id));
    until_ms = latestOf(own, until_ms);
  }
  return late;
}

function latestOf(rows: readonly AuditRow[], latest_ms: number): number {
  return rows.reduce((latest, { at_ms }) => Math.max(latest, at_ms), latest_ms);
}
