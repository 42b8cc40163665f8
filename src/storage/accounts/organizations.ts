import { and, asc, eq, gt, ne, notExists } from "drizzle-orm";
import type { Database } from "../database";
import { organizations } from "../schema";

/** An organization as lists and the directory know it. What it owns stands in its ledger. */
export type OrganizationRow = typeof organizations.$inferSelect;

/** What an operator may change of an organization. */
export type OrganizationPatch = Partial<
  Pick<OrganizationRow, "company_name" | "email" | "language" | "state">
>;

/**
 * Makes an organization known, unless it was before or another one has its `external_id`. Answers it as it stands, undefined
 * when it is not known, and whether it was written now.
 */
export async function insertOrganization(
  db: Database,
  row: OrganizationRow,
): Promise<{ row: OrganizationRow | undefined; is_new: boolean }> {
  const [inserted, [found]] = await db.batch([
    db.insert(organizations).values(row).onConflictDoNothing().returning(),
    db.select().from(organizations).where(eq(organizations.id, row.id)),
  ]);
  return { row: found, is_new: inserted.length > 0 };
}

/** The organization that has this id of the platform's; undefined: none has. */
export async function findByExternalId(
  db: Database,
  external_id: string,
): Promise<OrganizationRow | undefined> {
  return db.select().from(organizations).where(eq(organizations.external_id, external_id)).get();
}

/** Gives an organization an id of the platform's, or takes it away; false when another one has it. */
export async function setExternalId(db: Database, id: string, external_id: string | null): Promise<boolean> {
  const other = db
    .select({ id: organizations.id })
    .from(organizations)
    .where(and(eq(organizations.external_id, external_id ?? ""), ne(organizations.id, id)));
  const set = await db
    .update(organizations)
    .set({ external_id })
    .where(and(eq(organizations.id, id), external_id === null ? undefined : notExists(other)))
    .returning({ id: organizations.id });
  return set.length > 0;
}

/** Writes the stated fields of an organization; changes nothing when there is none. */
export async function updateOrganization(db: Database, id: string, patch: OrganizationPatch): Promise<void> {
  await db.update(organizations).set(patch).where(eq(organizations.id, id));
}

/** An organization by its id; undefined: there is none. */
export async function findOrganization(db: Database, id: string): Promise<OrganizationRow | undefined> {
  return db.select().from(organizations).where(eq(organizations.id, id)).get();
}

/** A page in the order of creation (ids sort by it), after `after_id` or from the start; `external_id`: of that one only. */
export async function listOrganizations(
  db: Database,
  page: { after_id: string | null; limit: number; external_id?: string | undefined },
): Promise<OrganizationRow[]> {
  const after = gt(organizations.id, page.after_id ?? "");
  const { external_id } = page;
  return db
    .select()
    .from(organizations)
    .where(external_id === undefined ? after : and(after, eq(organizations.external_id, external_id)))
    .orderBy(asc(organizations.id))
    .limit(page.limit);
}
