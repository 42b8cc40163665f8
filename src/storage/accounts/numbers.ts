import { and, desc, eq, exists, gt, isNull, ne, notExists, sql } from "drizzle-orm";
import type { AuditFact } from "../../units/audit-fact";
import type { Database } from "../database";
import { numbers } from "../schema";
import { auditStatement } from "./audit";

/** A telephone number (E.164) and one of the organizations that have had it, from when to when. */
export type NumberRow = typeof numbers.$inferSelect;

/** So many of a number's owners are known where calls are set up. */
export const OWNERS_KEPT = 20;

/**
 * Gives a number to an organization from now on, and ends the time of the one that had it, in one transaction.
 * Answers all the number's owners, the present one first. A repeat changes nothing.
 */
export async function assignNumber(
  db: Database,
  e164: string,
  organization_id: string,
  { now_ms, fact = null }: { now_ms: number; fact?: AuditFact | null },
): Promise<NumberRow[]> {
  const present = and(isPresent(e164), eq(numbers.organization_id, organization_id));
  const [, , , owners] = await db.batch([
    auditStatement(db, fact, notExists(db.select({ e164: numbers.e164 }).from(numbers).where(present))),
    closePresent(db, e164, now_ms, organization_id),
    // From where the last owner's time ended, should two changes fall into one millisecond.
    db.insert(numbers).select(
      sql`SELECT ${e164}, ${organization_id},
              max(${now_ms}, coalesce((SELECT max(until_ms) FROM numbers WHERE e164 = ${e164}), 0)), NULL
            WHERE NOT EXISTS (SELECT 1 FROM numbers WHERE e164 = ${e164} AND until_ms IS NULL)`,
    ),
    ownersOf(db, e164),
  ]);
  return owners;
}

/** Ends the time of the organization that has the number. Answers all its owners, the last one first. */
export async function releaseNumber(
  db: Database,
  e164: string,
  { now_ms, fact = null }: { now_ms: number; fact?: AuditFact | null },
): Promise<NumberRow[]> {
  const [, , owners] = await db.batch([
    auditStatement(db, fact, exists(db.select({ e164: numbers.e164 }).from(numbers).where(isPresent(e164)))),
    closePresent(db, e164, now_ms),
    ownersOf(db, e164),
  ]);
  return owners;
}

/** Whose the number is and was, the latest owner first: the latest `OWNERS_KEPT`. */
export async function listOwners(db: Database, e164: string): Promise<NumberRow[]> {
  return ownersOf(db, e164);
}

/** The numbers that an organization has at present, in order, those after one of them. */
export async function numbersOf(
  db: Database,
  organization_id: string,
  { after = "", limit }: { after?: string; limit: number },
): Promise<NumberRow[]> {
  return db
    .select()
    .from(numbers)
    .where(
      and(eq(numbers.organization_id, organization_id), isNull(numbers.until_ms), gt(numbers.e164, after)),
    )
    .orderBy(numbers.e164)
    .limit(limit);
}

function closePresent(db: Database, e164: string, now_ms: number, unless_of?: string) {
  const present = isPresent(e164);
  return db
    .update(numbers)
    .set({ until_ms: sql`max(${now_ms}, ${numbers.from_ms} + 1)` })
    .where(unless_of === undefined ? present : and(present, ne(numbers.organization_id, unless_of)));
}

function isPresent(e164: string) {
  return and(eq(numbers.e164, e164), isNull(numbers.until_ms));
}

function ownersOf(db: Database, e164: string) {
  return db
    .select()
    .from(numbers)
    .where(eq(numbers.e164, e164))
    .orderBy(desc(numbers.from_ms))
    .limit(OWNERS_KEPT);
}
