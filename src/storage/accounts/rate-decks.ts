import { and, desc, eq, gte, isNull, lt, or, type SQL, sql } from "drizzle-orm";
import type { AuditFact } from "../../units/audit-fact";
import type { Database } from "../database";
import { rate_decks } from "../schema";
import { auditStatement } from "./audit";

/** A version of a rate deck: the standard one where `organization_id` is null. */
export type RateDeckRow = typeof rate_decks.$inferSelect;

/** Whose versions: an organization's, or null for those of the standard deck. */
export type DeckOwner = string | null;

/** Why a version was not added. */
export type DeckConflict = "same_instant" | "too_many";

/**
 * Adds a version. Answers what stands under its id, which is the same when it was added before, or why it was not added:
 * decided where it is written, because several operators may be writing.
 */
export async function insertRateDeck(
  db: Database,
  row: RateDeckRow,
  { most, since_ms, fact }: { most: number; since_ms: number; fact: AuditFact },
): Promise<RateDeckRow | DeckConflict> {
  const of_owner = ofOwner(row.organization_id);
  const others = and(of_owner, isNull(rate_decks.withdrawn_at_ms));
  const begins_then = and(others, eq(rate_decks.effective_from_ms, row.effective_from_ms));
  const is_known = sql`EXISTS (SELECT 1 FROM ${rate_decks} WHERE ${eq(rate_decks.deck_id, row.deck_id)})`;
  const has_room = sql`(SELECT count(*) FROM ${rate_decks}
    WHERE ${and(others, gte(rate_decks.effective_from_ms, since_ms))}) < ${most}`;
  const is_free = sql`NOT EXISTS (SELECT 1 FROM ${rate_decks} WHERE ${begins_then})`;
  const may_add = sql`NOT ${is_known} AND ${has_room} AND ${is_free}`;
  const values = sql.join(
    [
      ...[row.deck_id, row.organization_id, row.effective_from_ms, row.created_at_ms, row.withdrawn_at_ms],
      ...[row.label, row.markup_basis_points, row.outbound_rows, row.inbound_rows, row.removed_at_ms],
    ].map((value) => sql`${value}`),
    sql`, `,
  );
  const [, , [stands], [rival]] = await db.batch([
    auditStatement(db, fact, may_add),
    db.insert(rate_decks).select(sql`SELECT ${values} WHERE ${may_add}`),
    db.select().from(rate_decks).where(eq(rate_decks.deck_id, row.deck_id)),
    db.select({ deck_id: rate_decks.deck_id }).from(rate_decks).where(begins_then),
  ]);
  return stands ?? (rival ? "same_instant" : "too_many");
}

/** Withdraws a version that begins after `begins_after_ms`. Answers it as it stands; undefined when there is none. */
export async function withdrawRateDeck(
  db: Database,
  { owner, deck_id }: { owner: DeckOwner; deck_id: string },
  { now_ms, begins_after_ms, fact }: { now_ms: number; begins_after_ms: number; fact: AuditFact },
): Promise<RateDeckRow | undefined> {
  const is_it = and(eq(rate_decks.deck_id, deck_id), ofOwner(owner));
  const may_be = and(
    is_it,
    isNull(rate_decks.withdrawn_at_ms),
    gte(rate_decks.effective_from_ms, begins_after_ms),
  );
  const [, , [stands]] = await db.batch([
    auditStatement(db, fact, sql`EXISTS (SELECT 1 FROM ${rate_decks} WHERE ${may_be})`),
    db.update(rate_decks).set({ withdrawn_at_ms: now_ms }).where(may_be),
    db.select().from(rate_decks).where(is_it),
  ]);
  return stands;
}

/** A version of somebody's deck, withdrawn or not. */
export async function findRateDeck(
  db: Database,
  owner: DeckOwner,
  deck_id: string,
): Promise<RateDeckRow | undefined> {
  return db
    .select()
    .from(rate_decks)
    .where(and(eq(rate_decks.deck_id, deck_id), ofOwner(owner)))
    .get();
}

/** Versions, the latest to be added first, those after a place in that order. */
export async function listRateDecks(
  db: Database,
  owner: DeckOwner,
  { after, limit }: { after: readonly [created_at_ms: number, deck_id: string] | null; limit: number },
): Promise<RateDeckRow[]> {
  const { created_at_ms, deck_id } = rate_decks;
  const rest =
    after === null
      ? undefined
      : or(lt(created_at_ms, after[0]), and(eq(created_at_ms, after[0]), lt(deck_id, after[1])));
  return db
    .select()
    .from(rate_decks)
    .where(and(ofOwner(owner), rest))
    .orderBy(desc(created_at_ms), desc(deck_id))
    .limit(limit);
}

/** Versions that calls since `since_ms` may be rated by, in the order in which they begin. */
export async function decksInForceSince(
  db: Database,
  owner: DeckOwner,
  since_ms: number,
): Promise<RateDeckRow[]> {
  const standing = and(ofOwner(owner), isNull(rate_decks.withdrawn_at_ms));
  const begun_before = db
    .select({ effective_from_ms: rate_decks.effective_from_ms })
    .from(rate_decks)
    .where(and(standing, lt(rate_decks.effective_from_ms, since_ms)))
    .orderBy(desc(rate_decks.effective_from_ms))
    .limit(1);
  return db
    .select()
    .from(rate_decks)
    .where(and(standing, gte(rate_decks.effective_from_ms, sql`ifnull(${begun_before}, 0)`)))
    .orderBy(rate_decks.effective_from_ms);
}

/** In the words of the indexes, which a null is no value of. */
function ofOwner(owner: DeckOwner): SQL {
  return sql`ifnull(${rate_decks.organization_id}, '') = ${owner ?? ""}`;
}
