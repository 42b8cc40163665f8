import type { Settings } from "../../env";
import { type DeckPointer, inForceAt } from "../../organizations/deck-versions";
import type { DeckReader } from "../deck/reader";
import type { DeckInForce, PriceSources } from "./decide";

/** Versions that may set prices, in the order in which they begin. */
export interface DeckVersions {
  own: readonly DeckPointer[];
  standard: readonly DeckPointer[];
}

/**
 * What prices of an organization's calls are looked up in, as of an instant.
 * @throws DeckUnavailable
 */
export async function priceSources(
  reader: DeckReader,
  { own, standard }: DeckVersions,
  at_ms: number,
  { closing }: Pick<Settings, "closing">,
): Promise<PriceSources> {
  const [own_deck, standard_deck] = await Promise.all(
    [own, standard].map((versions) => deckInForce(reader, inForceAt(versions, at_ms))),
  );
  return { at_ms, own: own_deck ?? null, standard: standard_deck ?? null, closing };
}

async function deckInForce(reader: DeckReader, pointer: DeckPointer | null): Promise<DeckInForce | null> {
  if (!pointer) return null;
  const { deck_id, markup_basis_points, has_rows } = pointer;
  return { deck_id, markup_basis_points, content: has_rows ? await reader.content(deck_id) : null };
}
