import { desc, eq, lt, sql } from "drizzle-orm";
import type { AuditFact } from "../../units/audit-fact";
import type { Database } from "../database";
import { platform_keys } from "../schema";
import { auditStatement } from "./audit";

/** The key of a telephony node or an operator: its hash, never the key itself. */
export type PlatformKeyRow = typeof platform_keys.$inferSelect;

/** Writes a new key down. Rejects when its id or hash is there already. */
export async function insertPlatformKey(db: Database, row: PlatformKeyRow): Promise<void> {
  await db.insert(platform_keys).values(row);
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

/** Revokes the key, the first time counts. Answers it, or undefined when there is none. */
export async function revokePlatformKey(
  db: Database,
  key_id: string,
  fact: AuditFact,
): Promise<PlatformKeyRow | undefined> {
  const [[row]] = await db.batch([
    db
      .update(platform_keys)
      .set({ revoked_at_ms: sql`coalesce(${platform_keys.revoked_at_ms}, ${fact.at_ms})` })
      .where(eq(platform_keys.key_id, key_id))
      .returning(),
    auditStatement(db, fact, sql`EXISTS (SELECT 1 FROM ${platform_keys} WHERE key_id = ${key_id})`),
  ]);
  return row;
}
