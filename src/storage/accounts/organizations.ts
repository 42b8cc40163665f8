import { and, asc, eq, exists, gt, ne, notExists, sql } from "drizzle-orm";
import type { AuditFact } from "../../units/audit-fact";
import type { Database } from "../database";
import { billing_profiles } from "../purchases/purchase-schema";
import { organizations } from "../schema";
import { auditStatement } from "./audit";

/** An organization as lists and the directory know it. What it owns stands in its ledger. */
export type OrganizationRow = typeof organizations.$inferSelect;

/** What an operator may change of an organization. */
export type OrganizationPatch = Partial<
  Pick<OrganizationRow, "company_name" | "email" | "language" | "state">
>;

/**
 * Makes an organization known, unless it was before or another one has its `external_id`. Answers it as it stands, undefined
 * when it is not known, and whether it was written now, and with it who asked.
 */
export async function insertOrganization(
  db: Database,
  row: OrganizationRow,
  fact: AuditFact,
): Promise<{ row: OrganizationRow | undefined; is_new: boolean }> {
  const is_known = sql`EXISTS (SELECT 1 FROM ${organizations} WHERE id = ${row.id} OR external_id = ${row.external_id})`;
  const [, inserted, [found]] = await db.batch([
    auditStatement(db, fact, sql`NOT ${is_known}`),
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
export async function setExternalId(
  db: Database,
  id: string,
  external_id: string | null,
  fact: AuditFact,
): Promise<boolean> {
  const other = db
    .select({ id: organizations.id })
    .from(organizations)
    .where(and(eq(organizations.external_id, external_id ?? ""), ne(organizations.id, id)));
  const may_be_set = and(eq(organizations.id, id), external_id === null ? undefined : notExists(other));
  const is_other = sql`${organizations.external_id} IS NOT ${external_id}`;
  const changes = exists(
    db.select({ id: organizations.id }).from(organizations).where(and(may_be_set, is_other)),
  );
  const [, set] = await db.batch([
    auditStatement(db, fact, changes),
    db.update(organizations).set({ external_id }).where(may_be_set).returning({ id: organizations.id }),
  ]);
  return set.length > 0;
}

/**
 * Makes an organization known as its ledger knows it, where it is not known or known otherwise. What its ledger has not been told
 * stays as it is. Answers which other organization has its `external_id`, null as a rule: then it gets none.
 */
export async function restoreOrganization(
  db: Database,
  { external_id: told, ...row }: Omit<OrganizationRow, "external_id"> & { external_id?: string | null },
): Promise<{ taken_by: string | null }> {
  const { id, company_name, email, language, state } = row;
  const set = { company_name, email, language, state };
  const known = sql`(${organizations.company_name}, ${organizations.email}, ${organizations.language}, ${organizations.state})`;
  const insert = db
    .insert(organizations)
    .values({ ...row, external_id: null })
    .onConflictDoUpdate({
      target: organizations.id,
      set,
      setWhere: sql`${known} IS NOT (${company_name}, ${email}, ${language}, ${state})`,
    });
  if (told === undefined) {
    await insert;
    return { taken_by: null };
  }
  const [, , [other]] = await db.batch([insert, ...idStatements(db, id, told)]);
  return { taken_by: other?.id ?? null };
}

/**
 * Gives an organization the id of the platform's that its ledger has been told. Answers whether it had another, and which other
 * organization has it, null as a rule: then nothing changes.
 */
export async function restoreExternalId(
  db: Database,
  id: string,
  told: string | null,
): Promise<{ is_mended: boolean; taken_by: string | null }> {
  const [mended, [other]] = await db.batch(idStatements(db, id, told));
  return { is_mended: mended.length > 0, taken_by: other?.id ?? null };
}

/** Sets an id of the platform's where it is another and nobody else's, and says whose it is. */
function idStatements(db: Database, id: string, told: string | null) {
  const others = db
    .select({ id: organizations.id })
    .from(organizations)
    .where(and(eq(organizations.external_id, told ?? ""), ne(organizations.id, id)));
  const is_other = sql`${organizations.external_id} IS NOT ${told}`;
  return [
    db
      .update(organizations)
      .set({ external_id: told })
      .where(and(eq(organizations.id, id), is_other, notExists(others)))
      .returning({ id: organizations.id }),
    others,
  ] as const;
}

/** Writes the stated fields of an organization; changes nothing when there is none. */
export async function updateOrganization(db: Database, id: string, patch: OrganizationPatch): Promise<void> {
  await db.update(organizations).set(patch).where(eq(organizations.id, id));
}

/** An organization by its id; undefined: there is none. */
export async function findOrganization(db: Database, id: string): Promise<OrganizationRow | undefined> {
  return db.select().from(organizations).where(eq(organizations.id, id)).get();
}

/** What requests must know of an organization: where its ledger is, how its callers are spoken to, and where it is. */
export async function findOrganizationEntry(
  db: Database,
  id: string,
): Promise<(Pick<OrganizationRow, "jurisdiction" | "language"> & { country: string | null }) | undefined> {
  const row = await db
    .select({
      id: organizations.id,
      jurisdiction: organizations.jurisdiction,
      language: organizations.language,
      country: billing_profiles.country,
    })
    .from(organizations)
    .leftJoin(billing_profiles, eq(billing_profiles.organization_id, organizations.id))
    .where(eq(organizations.id, id))
    .get();
  return row && { jurisdiction: row.jurisdiction, language: row.language, country: row.country };
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
