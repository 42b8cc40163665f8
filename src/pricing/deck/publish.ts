import type { Bindings } from "../../env";
import { type TooMany, tooMany } from "../../ledger/core/refusals";
import type { Actor } from "../../organizations/actor";
import { audited } from "../../organizations/audit-log";
import { NOTICE_MS, READABLE_MS } from "../../organizations/deck-versions";
import { Directory } from "../../organizations/directory";
import {
  type DeckOwner,
  insertRateDeck,
  type RateDeckRow,
  withdrawRateDeck,
} from "../../storage/accounts/rate-decks";
import { openDatabase } from "../../storage/database";
import { type Refusal, refuse } from "../../units/refusal";
import { type Compiled, compileDeck } from "./compile";
import { packContent } from "./content";
import { contentKey } from "./reader";
import type { DeckRow } from "./row";

/** Rows of an organization's own deck: isolates keep many of these. */
const MAX_OWN_ROWS = 10_000;

/** Versions that calls of a month may be rated by, and those to come: every call's authorization reads where they begin. */
const MAX_VERSIONS = 100;

/** A version as an operator states it. */
export interface NewDeck {
  deck_id: string;
  label: string;
  effective_from_ms: number;
  /** On top of the standard deck's prices; null: none. */
  markup_basis_points: number | null;
  rows: readonly DeckRow[];
}

export type PublishAnswer = { outcome: "published"; deck: RateDeckRow } | Refusal<"invalid"> | TooMany;

/**
 * Adds a version of the standard deck, or of an organization's own. What is in it stands in KV before anybody is told of it: a key
 * that was asked for before it was written is remembered as absent.
 */
export async function publishDeck(
  env: Bindings,
  actor: Actor,
  owner: DeckOwner,
  stated: NewDeck,
): Promise<PublishAnswer> {
  const { deck_id, label, effective_from_ms, markup_basis_points, rows } = stated;
  const detail = { deck_id, label, effective_from_ms, markup_basis_points, rows: rows.length };
  const asked = { action: "rate_deck.publish", organization_id: owner, detail } as const;
  return audited(env, actor, asked, async (fact): Promise<PublishAnswer> => {
    const now_ms = Date.now();
    const compiled = compileDeck(rows);
    const refused = refusalOf(owner, stated, compiled, now_ms);
    if (refused) return refused;
    if (compiled.outcome === "compiled" && rows.length > 0)
      await env.DIRECTORY.put(contentKey(deck_id), packContent(compiled.deck, compiled.names));
    const outbound_rows = rows.filter(({ direction }) => direction === "outbound").length;
    const version: RateDeckRow = {
      ...{ deck_id, organization_id: owner, effective_from_ms, label, markup_basis_points, outbound_rows },
      inbound_rows: rows.length - outbound_rows,
      created_at_ms: now_ms,
      withdrawn_at_ms: null,
      removed_at_ms: null,
    };
    const bounds = { most: MAX_VERSIONS, since_ms: now_ms - READABLE_MS, fact };
    const deck = await insertRateDeck(openDatabase(env), version, bounds);
    if (deck === "too_many") return tooMany("versions of a rate deck", MAX_VERSIONS);
    if (deck === "same_instant")
      return invalid(
        "effective_from",
        "Another version begins at this instant. Withdraw it, or take another.",
      );
    await tell(env, owner);
    return { outcome: "published", deck };
  });
}

/**
 * Takes back a version that has not begun: while it begins in three minutes at least, so that nobody rates by it. A version that is in
 * force is ended by another one.
 */
export async function withdrawDeck(
  env: Bindings,
  actor: Actor,
  owner: DeckOwner,
  deck_id: string,
): Promise<{ outcome: "withdrawn"; deck: RateDeckRow } | Refusal<"not_found" | "invalid">> {
  const asked = { action: "rate_deck.withdraw", organization_id: owner, detail: { deck_id } } as const;
  return audited(env, actor, asked, async (fact) => {
    const now_ms = Date.now();
    const until = { now_ms, begins_after_ms: now_ms + NOTICE_MS, fact };
    const deck = await withdrawRateDeck(openDatabase(env), { owner, deck_id }, until);
    if (!deck) return refuse("not_found", { message: "There is no such version of this rate deck." });
    if (deck.withdrawn_at_ms === null)
      return refuse("invalid", {
        param: "deck_id",
        message: "This version has begun, or begins within three minutes. Publish another one to end it.",
      });
    await tell(env, owner);
    return { outcome: "withdrawn" as const, deck };
  });
}

function refusalOf(
  owner: DeckOwner,
  { effective_from_ms, markup_basis_points, rows }: NewDeck,
  compiled: Compiled,
  now_ms: number,
): Refusal<"invalid"> | null {
  if (effective_from_ms < now_ms + NOTICE_MS)
    return invalid("effective_from", "Must lie three minutes ahead, so that it is known everywhere by then.");
  if (owner === null && markup_basis_points !== null)
    return invalid("markup_basis_points", "Only an organization's own deck has a markup.");
  if (owner !== null && rows.length > MAX_OWN_ROWS)
    return invalid("rows", `An organization's own deck has ${MAX_OWN_ROWS} rows at most.`);
  if (compiled.outcome === "compiled") return null;
  const [first] = compiled.repetitions;
  return invalid(
    "rows",
    `Rows ${(first?.first_row ?? 0) + 1} and ${(first?.second_row ?? 0) + 1} are for the same calls: ${first?.direction} ${first?.prefix}.`,
  );
}

/** Where setting up a call reads which versions there are. */
async function tell(env: Bindings, owner: DeckOwner): Promise<void> {
  const directory = new Directory(env);
  await (owner === null ? directory.copyRateCard() : directory.copyOrganization(owner));
}

function invalid(param: string, message: string): Refusal<"invalid"> {
  return refuse("invalid", { param, message });
}
