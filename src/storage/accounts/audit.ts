import { and, desc, eq, lt } from "drizzle-orm";
import type { Database } from "../database";
import { audit } from "../schema";

/** One action of a person or a key, as it stands in `audit`. Never changed, never deleted. */
export type AuditRow = typeof audit.$inferSelect;

/** Appends an action to the audit log, before it is done. A repeated request is another row. */
export async function insertAudit(db: Database, row: typeof audit.$inferInsert): Promise<void> {
  await db.insert(audit).values(row);
}

/** What was changed for one organization, the newest first (ids sort by time). */
export async function listAudit(
  db: Database,
  organization_id: string,
  page: { before_id: string | null; limit: number },
): Promise<AuditRow[]> {
  const of_organization = eq(audit.organization_id, organization_id);
  return db
    .select()
    .from(audit)
    .where(page.before_id === null ? of_organization : and(of_organization, lt(audit.id, page.before_id)))
    .orderBy(desc(audit.at_ms), desc(audit.id))
    .limit(page.limit);
}
