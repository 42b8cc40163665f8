import { asc, eq, gt, sql } from "drizzle-orm";
import type { Database } from "../database";
import { organizations } from "../schema";

/** An organization as lists and the directory know it. What it owns stands in its ledger. */
export type OrganizationRow = typeof organizations.$inferSelect;

/** What an operator may change of an organization. */
export type OrganizationPatch = Partial<
  Pick<OrganizationRow, "company_name" | "email" | "language" | "state">
>;

/** Makes an organization known. A repeat changes nothing. */
export async function insertOrganization(db: Database, row: OrganizationRow): Promise<void> {
  await db.insert(organizations).values(row).onConflictDoNothing();
}

/** Makes an organization known as its ledger knows it, where it is not known or known otherwise. */
export async function restoreOrganization(db: Database, row: OrganizationRow): Promise<void> {
  const { company_name, email, language, state } = row;
  const set = { company_name, email, language, state };
  const known = sql`(${organizations.company_name}, ${organizations.email}, ${organizations.language}, ${organizations.state})`;
  await db
    .insert(organizations)
    .values(row)
    .onConflictDoUpdate({
      target: organizations.id,
      set,
      setWhere: sql`${known} IS NOT (${company_name}, ${email}, ${language}, ${state})`,
    });
}

/** Writes the stated fields of an organization; changes nothing when there is none. */
export async function updateOrganization(db: Database, id: string, patch: OrganizationPatch): Promise<void> {
  await db.update(organizations).set(patch).where(eq(organizations.id, id));
}

/** An organization by its id; undefined: there is none. */
export async function findOrganization(db: Database, id: string): Promise<OrganizationRow | undefined> {
  return db.select().from(organizations).where(eq(organizations.id, id)).get();
}

/** Which of these ids are of an organization that is known here. */
export async function knownOrganizations(db: Database, ids: readonly string[]): Promise<string[]> {
  const told = sql`SELECT value FROM json_each(${JSON.stringify(ids)})`;
  const rows = await db
    .select({ id: organizations.id })
    .from(organizations)
    .where(sql`${organizations.id} IN (${told})`);
  return rows.map(({ id }) => id);
}

/** A page in the order of creation (ids sort by it), after `after_id` or from the start. */
export async function listOrganizations(
  db: Database,
  page: { after_id: string | null; limit: number },
): Promise<OrganizationRow[]> {
  return db
    .select()
    .from(organizations)
    .where(gt(organizations.id, page.after_id ?? ""))
    .orderBy(asc(organizations.id))
    .limit(page.limit);
}
