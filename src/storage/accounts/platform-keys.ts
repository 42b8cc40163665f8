import { and, asc, desc, eq, gt, isNull, lt, lte, or, sql } from "drizzle-orm";
import type { AuditFact } from "../../units/audit-fact";
import { DAY_MS } from "../../units/duration";
import type { Database } from "../database";
import { platform_keys } from "../schema";
import { auditStatement } from "./audit";

/** The key of a telephony node or an operator: its hash, never the key itself. */
export type PlatformKeyRow = typeof platform_keys.$inferSelect;

/** Writes a new key down, and with it who asked, unless it was before. Answers it as it stands, and whether it was written now. */
export async function insertPlatformKey(
  db: Database,
  row: typeof platform_keys.$inferInsert,
  fact: AuditFact | null = null,
): Promise<{ row: PlatformKeyRow; is_new: boolean }> {
  const is_known = sql`EXISTS (SELECT 1 FROM ${platform_keys} WHERE key_id = ${row.key_id})`;
  const [, inserted, [found]] = await db.batch([
    auditStatement(db, fact, sql`NOT ${is_known}`),
    db.insert(platform_keys).values(row).onConflictDoNothing({ target: platform_keys.key_id }).returning(),
    db.select().from(platform_keys).where(eq(platform_keys.key_id, row.key_id)),
  ]);
  if (!found) throw new Error("A key that was just written down is not there.");
  return { row: found, is_new: inserted.length > 0 };
}

/** A key by its id, revoked or not; undefined: there is none. */
export async function findPlatformKey(db: Database, key_id: string): Promise<PlatformKeyRow | undefined> {
  return db.select().from(platform_keys).where(eq(platform_keys.key_id, key_id)).get();
}

/** The newest first, those before one of them. */
export async function listPlatformKeys(
  db: Database,
  { before, limit }: { before?: string; limit: number },
): Promise<PlatformKeyRow[]> {
  const older = before === undefined ? undefined : lt(platform_keys.key_id, before);
  return db.select().from(platform_keys).where(older).orderBy(desc(platform_keys.key_id)).limit(limit);
}

/** How many days ahead of its end operators are told of a key. */
export type EndToldDays = 14 | 1;

/** A key of an operator that has an end. */
export type AdminKeyRow = PlatformKeyRow & { expires_at_ms: number };

/** Operators' keys that are to be told of: those that end first, first. One that was made for less has no such day. */
export async function listEndingAdminKeys(
  db: Database,
  now_ms: number,
  limit: number,
): Promise<{ key: AdminKeyRow; days: EndToldDays }[]> {
  const { created_at_ms, expires_at_ms, end_told_days } = platform_keys;
  const isWithin = (days: EndToldDays) =>
    and(
      lte(expires_at_ms, now_ms + days * DAY_MS),
      sql`${created_at_ms} < ${expires_at_ms} - ${days * DAY_MS}`,
    );
  const rows = await db
    .select()
    .from(platform_keys)
    .where(
      and(
        // Written out, so that the index of these keys serves.
        sql`${platform_keys.kind} = 'admin'`,
        isNull(platform_keys.revoked_at_ms),
        gt(expires_at_ms, now_ms),
        lte(expires_at_ms, now_ms + 14 * DAY_MS),
        or(
          and(isNull(end_told_days), isWithin(14)),
          and(or(isNull(end_told_days), gt(end_told_days, 1)), isWithin(1)),
        ),
      ),
    )
    .orderBy(asc(expires_at_ms))
    .limit(limit);
  return rows.flatMap((row) => {
    const end_ms = row.expires_at_ms;
    if (end_ms === null) return [];
    return [{ key: { ...row, expires_at_ms: end_ms }, days: end_ms <= now_ms + DAY_MS ? 1 : 14 }];
  });
}

/** Notes that operators know of a key's end. */
export async function markEndTold(db: Database, key_id: string, days: EndToldDays): Promise<void> {
  await db.update(platform_keys).set({ end_told_days: days }).where(eq(platform_keys.key_id, key_id));
}

/** Revokes the key, the first time counts. Answers it, or undefined when there is none. */
export async function revokePlatformKey(
  db: Database,
  key_id: string,
  fact: AuditFact,
): Promise<PlatformKeyRow | undefined> {
  const is_in_force = sql`SELECT 1 FROM ${platform_keys} WHERE key_id = ${key_id} AND revoked_at_ms IS NULL`;
  const [, [row]] = await db.batch([
    auditStatement(db, fact, sql`EXISTS (${is_in_force})`),
    db
      .update(platform_keys)
      .set({ revoked_at_ms: sql`coalesce(${platform_keys.revoked_at_ms}, ${fact.at_ms})` })
      .where(eq(platform_keys.key_id, key_id))
      .returning(),
  ]);
  return row;
}

/** Notes under which secret of KEY_SECRETS a key was made, where that is not known. */
export async function noteKeySecret(db: Database, key_id: string, secret_version: string): Promise<void> {
  await db
    .update(platform_keys)
    .set({ secret_version })
    .where(and(eq(platform_keys.key_id, key_id), isNull(platform_keys.secret_version)));
}
