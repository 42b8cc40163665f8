import { and, asc, eq, gt, lt, sql } from "drizzle-orm";
import type { Database } from "../database";
import { active_organizations, organizations } from "../schema";

/** An organization that had something copied on a day. */
export interface ActiveOrganization {
  id: string;
  jurisdiction: string | null;
}

/** Organizations that had something copied on a day and not on the day after, in the order of their ids. */
export async function listActiveOn(
  db: Database,
  day: number,
  page: { after_id: string; limit: number },
): Promise<ActiveOrganization[]> {
  const { organization_id } = active_organizations;
  const on_the_day_after = sql`SELECT 1 FROM active_organizations AS after
    WHERE after.day = ${day + 1} AND after.organization_id = ${organization_id}`;
  return db
    .select({ id: organizations.id, jurisdiction: organizations.jurisdiction })
    .from(active_organizations)
    .innerJoin(organizations, eq(organizations.id, organization_id))
    .where(
      and(
        eq(active_organizations.day, day),
        gt(organization_id, page.after_id),
        sql`NOT EXISTS (${on_the_day_after})`,
      ),
    )
    .orderBy(asc(organization_id))
    .limit(page.limit);
}

/** Forgets some of the days before this one. */
export async function forgetActiveBefore(db: Database, day: number, limit: number): Promise<void> {
  const { day: active_day, organization_id } = active_organizations;
  const oldest = db
    .select({ key: sql`${active_day}, ${organization_id}` })
    .from(active_organizations)
    .where(lt(active_day, day))
    .orderBy(active_day, organization_id)
    .limit(limit);
  await db.delete(active_organizations).where(sql`(${active_day}, ${organization_id}) IN (${oldest})`);
}
