import { and, eq, exists, inArray, sql } from "drizzle-orm";
import type { AuditFact } from "../../units/audit-fact";
import { auditStatement } from "../accounts/audit";
import type { Database } from "../database";
import { billing_profiles, saved_cards } from "./purchase-schema";

/** The one card that is charged for an organization without its holder. */
export type SavedCardRow = typeof saved_cards.$inferSelect;

/** An organization's saved card; undefined: it has none. */
export async function findSavedCard(
  db: Database,
  organization_id: string,
): Promise<SavedCardRow | undefined> {
  return db.select().from(saved_cards).where(eq(saved_cards.organization_id, organization_id)).get();
}

/** The saved card that a payment method at Stripe is; undefined: it is none of ours. */
export async function findSavedCardByMethod(
  db: Database,
  payment_method_id: string,
): Promise<SavedCardRow | undefined> {
  return db.select().from(saved_cards).where(eq(saved_cards.payment_method_id, payment_method_id)).get();
}

/** The card that is charged in the place of this one, which was chosen as default. */
export async function findSavedCardBesideDefault(
  db: Database,
  payment_method_id: string,
): Promise<SavedCardRow | undefined> {
  const chosen = sql`json_extract(${saved_cards.default_not_charged}, '$.payment_method_id')`;
  return db.select().from(saved_cards).where(sql`${chosen} = ${payment_method_id}`).get();
}

/** The card of the organization that this customer at Stripe is. */
export async function findSavedCardOfCustomer(
  db: Database,
  stripe_customer_id: string,
): Promise<SavedCardRow | undefined> {
  const { organization_id } = billing_profiles;
  const owner = db
    .select({ organization_id })
    .from(billing_profiles)
    .where(eq(billing_profiles.stripe_customer_id, stripe_customer_id));
  return db.select().from(saved_cards).where(inArray(saved_cards.organization_id, owner)).get();
}

/**
 * Keeps the card for its organization, in the place of one that was agreed to before; answers the row that stands then.
 * Of two cards the later consent stays, in whatever order they come. Written down when it is another one.
 */
export async function upsertSavedCard(
  db: Database,
  row: SavedCardRow,
  fact: AuditFact,
): Promise<SavedCardRow> {
  const { organization_id, ...card } = row;
  const is_later = sql`(${saved_cards.consent_at_ms}, ${saved_cards.payment_method_id})
    <= (${row.consent_at_ms}, ${row.payment_method_id})`;
  const stays = sql`EXISTS (SELECT 1 FROM ${saved_cards} WHERE organization_id = ${organization_id}
    AND ((consent_at_ms, payment_method_id) > (${row.consent_at_ms}, ${row.payment_method_id})
      OR (payment_method_id = ${row.payment_method_id} AND consent_reference = ${row.consent_reference})))`;
  const [, , found] = await db.batch([
    auditStatement(db, fact, sql`NOT ${stays}`),
    db
      .insert(saved_cards)
      .values(row)
      .onConflictDoUpdate({ target: saved_cards.organization_id, set: card, setWhere: is_later }),
    db.select().from(saved_cards).where(eq(saved_cards.organization_id, organization_id)),
  ]);
  if (!found[0]) throw new Error("A card that was just saved is not there.");
  return found[0];
}

/** What the card's bank has changed about it. */
export async function updateSavedCard(
  db: Database,
  payment_method_id: string,
  change: Pick<SavedCardRow, "brand" | "last4" | "exp_month" | "exp_year" | "fingerprint">,
): Promise<void> {
  await db.update(saved_cards).set(change).where(eq(saved_cards.payment_method_id, payment_method_id));
}

/** Records which card was chosen as default beside the one that is charged, as long as that one is. */
export async function recordDefaultCard(
  db: Database,
  { organization_id, payment_method_id }: SavedCardRow,
  default_not_charged: SavedCardRow["default_not_charged"],
): Promise<void> {
  await db
    .update(saved_cards)
    .set({ default_not_charged })
    .where(
      and(
        eq(saved_cards.organization_id, organization_id),
        eq(saved_cards.payment_method_id, payment_method_id),
      ),
    );
}

/** Forgets the organization's card when it is one of these, and writes down who asked. */
export async function dropSavedCards(
  db: Database,
  organization_id: string,
  payment_method_ids: string[],
  fact: AuditFact | null = null,
): Promise<void> {
  const is_one = and(
    eq(saved_cards.organization_id, organization_id),
    inArray(saved_cards.payment_method_id, payment_method_ids),
  );
  const { payment_method_id } = saved_cards;
  await db.batch([
    auditStatement(db, fact, exists(db.select({ payment_method_id }).from(saved_cards).where(is_one))),
    db.delete(saved_cards).where(is_one),
  ]);
}
