import { compileDeck } from "../../../../src/pricing/deck/compile";
import { findDestination } from "../../../../src/pricing/deck/find";
import { type Deck, openDeck } from "../../../../src/pricing/deck/layout";
import { Random } from "../../../support/random";
import { randomNumber, randomRows } from "../../../support/random-deck";

/** As many as make the processor's caches matter. */
const NUMBER_COUNT = 100_000;

const rows = randomRows(new Random(7), 100_000);
const numbers = Array.from({ length: NUMBER_COUNT }, (_, seed) => randomNumber(new Random(seed), rows));
let made: { deck: Deck; names: string } | undefined;

/** What is timed, from outside: a Worker's own clock stands while it computes. */
const WORKS: Record<string, (times: number) => object> = {
  loop: (times) => ({ sum: sumOf(times, (number) => number.length) }),
  build: () => {
    const compiled = compileDeck(rows);
    if (compiled.outcome === "repeated") throw new Error("The rows repeat each other.");
    made = { deck: compiled.deck, names: JSON.stringify(compiled.names) };
    return { deck_bytes: made.deck.bytes.byteLength, names_bytes: made.names.length };
  },
  open: (times) => {
    let deck = builtDeck();
    for (let time = 0; time < times; time++) deck = openDeck(deck.bytes);
    return { entry_count: deck.entry_count };
  },
  find: (times) => {
    const deck = builtDeck();
    const question = { direction: "outbound" as const, origin: null, now_ms: 0 };
    return { sum: sumOf(times, (number) => findDestination(deck, { ...question, number })?.entry ?? 0) };
  },
};

function builtDeck(): Deck {
  if (!made) throw new Error("Build it first.");
  return made.deck;
}

function sumOf(times: number, work: (number: string) => number): number {
  let sum = 0;
  for (let time = 0; time < times; time++) sum += work(numbers[time % NUMBER_COUNT] ?? "");
  return sum;
}

/** Does one of the works as often as asked. */
export default {
  fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const work = WORKS[pathname.slice(1)];
    return work
      ? Response.json(work(Number(searchParams.get("times"))))
      : new Response(null, { status: 404 });
  },
} satisfies ExportedHandler;
