import { and, asc, eq, exists, isNull, lt, lte, ne, notExists, sql } from "drizzle-orm";
import type { AuditFact } from "../../units/audit-fact";
import type { Database } from "../database";
import { billing_profiles, type SyncRefusal } from "../purchases/purchase-schema";
import { auditStatement } from "./audit";

/** An organization's billing details, the evidence for its VAT ID, and how far Stripe has them. */
export type BillingProfileRow = typeof billing_profiles.$inferSelect;
export type { SyncRefusal };

/** The columns that a save writes: what the customer has stated, with what is known of the VAT ID at that moment. */
export type BillingProfileColumns = Omit<
  BillingProfileRow,
  "version" | "synced_version" | "sync_until_ms" | "sync_refusal" | "stripe_customer_id"
>;

/** What a check has found of a VAT ID. */
export type VatIdEvidence = Pick<
  BillingProfileRow,
  | "vat_id_state"
  | "vat_id_checked_at_ms"
  | "vat_id_source"
  | "vat_id_name"
  | "vat_id_address"
  | "vat_id_consultation_number"
  | "vat_id_check_at_ms"
>;

/** An organization's billing profile; undefined: it has none yet. */
export async function findBillingProfile(
  db: Database,
  organization_id: string,
): Promise<BillingProfileRow | undefined> {
  return db.select().from(billing_profiles).where(isOf(organization_id)).get();
}

/** The billing profile behind a customer at Stripe; undefined: the customer is not one of ours. */
export async function findBillingProfileByCustomer(
  db: Database,
  stripe_customer_id: string,
): Promise<BillingProfileRow | undefined> {
  return db
    .select()
    .from(billing_profiles)
    .where(eq(billing_profiles.stripe_customer_id, stripe_customer_id))
    .get();
}

/** The first profile of an organization; undefined when there is one already. */
export async function insertBillingProfile(
  db: Database,
  stated: BillingProfileColumns,
  fact: AuditFact,
): Promise<BillingProfileRow | undefined> {
  const present = db.select({ version: billing_profiles.version }).from(billing_profiles);
  const [, [row]] = await db.batch([
    auditStatement(db, fact, notExists(present.where(isOf(stated.organization_id)))),
    db
      .insert(billing_profiles)
      .values({ ...stated, version: 1, synced_version: 0, sync_until_ms: 0 })
      .onConflictDoNothing()
      .returning(),
  ]);
  return row;
}

/** Puts what is stated in the place of `version`; undefined when that is not the present one any more. */
export async function replaceBillingProfile(
  db: Database,
  version: number,
  stated: BillingProfileColumns,
  fact: AuditFact,
): Promise<BillingProfileRow | undefined> {
  const is_present = and(isOf(stated.organization_id), eq(billing_profiles.version, version));
  const present = db.select({ version: billing_profiles.version }).from(billing_profiles);
  const [, [row]] = await db.batch([
    auditStatement(db, fact, exists(present.where(is_present))),
    db
      .update(billing_profiles)
      .set({ ...stated, version: version + 1, sync_refusal: null })
      .where(is_present)
      .returning(),
  ]);
  return row;
}

/**
 * Records what was found of the VAT ID of `of`, unless the profile has another one by now or a later check was recorded;
 * answers the row as it is then. Another state is another version: Stripe has to follow.
 */
export async function recordVatIdCheck(
  db: Database,
  of: Pick<BillingProfileRow, "organization_id" | "vat_id" | "vat_id_type">,
  evidence: VatIdEvidence,
): Promise<BillingProfileRow> {
  const { organization_id, vat_id, vat_id_type } = of;
  const is_new = sql`${billing_profiles.vat_id_state} <> ${evidence.vat_id_state}`;
  await db
    .update(billing_profiles)
    .set({
      ...evidence,
      version: sql`${billing_profiles.version} + (${is_new})`,
      sync_refusal: sql`CASE WHEN ${is_new} THEN NULL ELSE ${billing_profiles.sync_refusal} END`,
    })
    .where(
      and(
        isOf(organization_id),
        eq(billing_profiles.vat_id, vat_id ?? ""),
        eq(billing_profiles.vat_id_type, vat_id_type ?? "eu_vat"),
        sql`coalesce(${billing_profiles.vat_id_checked_at_ms}, 0) <= ${evidence.vat_id_checked_at_ms}`,
      ),
    );
  const row = await findBillingProfile(db, organization_id);
  if (!row) throw new Error(`There is no billing profile of ${organization_id}.`);
  return row;
}

/** Profiles whose VAT ID is to be checked by now, those that have waited longest first. */
export async function listVatIdChecksDue(
  db: Database,
  now_ms: number,
  limit: number,
): Promise<BillingProfileRow[]> {
  return db
    .select()
    .from(billing_profiles)
    .where(lte(billing_profiles.vat_id_check_at_ms, now_ms))
    .orderBy(asc(billing_profiles.vat_id_check_at_ms))
    .limit(limit);
}

/** Claims a check that is due until `next_at_ms`: false when another run has claimed it first. */
export async function claimVatIdCheck(
  db: Database,
  { organization_id, vat_id_check_at_ms }: BillingProfileRow,
  next_at_ms: number,
): Promise<boolean> {
  const claimed = await db
    .update(billing_profiles)
    .set({ vat_id_check_at_ms: next_at_ms })
    .where(
      and(isOf(organization_id), eq(billing_profiles.vat_id_check_at_ms, vat_id_check_at_ms ?? next_at_ms)),
    )
    .returning({ organization_id: billing_profiles.organization_id });
  return claimed.length > 0;
}

/** Profiles that Stripe has not got since `before_ms` and has not refused, the oldest first. */
export async function listUnsynced(
  db: Database,
  before_ms: number,
  limit: number,
): Promise<BillingProfileRow[]> {
  return db
    .select()
    .from(billing_profiles)
    .where(
      and(
        ne(billing_profiles.synced_version, billing_profiles.version),
        isNull(billing_profiles.sync_refusal),
        lt(billing_profiles.updated_at_ms, before_ms),
      ),
    )
    .orderBy(asc(billing_profiles.updated_at_ms))
    .limit(limit);
}

/** One run's lease of Stripe's customer, to change it to one version of the profile. No two runs hold it at once. */
export interface SyncLease {
  organization_id: string;
  version: number;
  until_ms: number;
}

/** Takes the lease for the profile as it is now; undefined while another run holds it, or when there is no profile. */
export async function acquireSyncLease(
  db: Database,
  organization_id: string,
  { now_ms, until_ms }: { now_ms: number; until_ms: number },
): Promise<BillingProfileRow | undefined> {
  const [row] = await db
    .update(billing_profiles)
    .set({ sync_until_ms: until_ms })
    .where(and(isOf(organization_id), lte(billing_profiles.sync_until_ms, now_ms)))
    .returning();
  return row;
}

/**
 * Keeps the lease for longer; null when it has passed to another run. `of_current`: also null when the profile was saved since
 * the lease was taken, because what this run would do next is out of date.
 */
export async function renewSyncLease(
  db: Database,
  lease: SyncLease,
  { until_ms, of_current }: { until_ms: number; of_current: boolean },
): Promise<SyncLease | null> {
  const kept = await db
    .update(billing_profiles)
    .set({ sync_until_ms: until_ms })
    .where(of_current ? holdsCurrent(lease) : holds(lease))
    .returning({ organization_id: billing_profiles.organization_id });
  return kept.length > 0 ? { ...lease, until_ms } : null;
}

/** Records that Stripe has this version, and ends the lease; undefined when it was lost or the profile was saved since. */
export async function finishSync(db: Database, lease: SyncLease): Promise<BillingProfileRow | undefined> {
  const [row] = await db
    .update(billing_profiles)
    .set({ synced_version: lease.version, sync_until_ms: 0, sync_refusal: null })
    .where(holdsCurrent(lease))
    .returning();
  return row;
}

/** Ends the lease before the work is done, with why Stripe has refused this version when it has. */
export async function releaseSyncLease(
  db: Database,
  lease: SyncLease,
  refusal: SyncRefusal | null = null,
): Promise<void> {
  const noted = sql`CASE WHEN ${billing_profiles.version} = ${lease.version} THEN ${JSON.stringify(refusal)} END`;
  await db
    .update(billing_profiles)
    .set({ sync_until_ms: 0, ...(refusal && { sync_refusal: noted }) })
    .where(holds(lease));
}

/** Records the customer that the run that holds the lease has made. */
export async function recordCustomer(
  db: Database,
  lease: SyncLease,
  stripe_customer_id: string,
): Promise<void> {
  await db.update(billing_profiles).set({ stripe_customer_id }).where(holds(lease));
}

function isOf(organization_id: string) {
  return eq(billing_profiles.organization_id, organization_id);
}

function holds({ organization_id, until_ms }: SyncLease) {
  return and(isOf(organization_id), eq(billing_profiles.sync_until_ms, until_ms));
}

function holdsCurrent(lease: SyncLease) {
  return and(holds(lease), eq(billing_profiles.version, lease.version));
}
