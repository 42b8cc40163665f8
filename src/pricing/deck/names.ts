/** The destinations of a deck's entries, kept apart from it: only people read them. */
export interface DeckNames {
  /** Each name once: a country has many prefixes. */
  names: string[];
  /** Which of the names each entry has. */
  of: number[];
}

/** Of the names of all entries, in their order. */
export function namesOf(entry_names: readonly string[]): DeckNames {
  const places = new Map<string, number>();
  const of = entry_names.map((name) => {
    const place = places.get(name) ?? places.size;
    places.set(name, place);
    return place;
  });
  return { names: [...places.keys()], of };
}

/** The destination of an entry. */
export function nameOfEntry({ names, of }: DeckNames, entry: number): string {
  return names[of[entry] ?? -1] ?? "";
}
