import { isRefused, type Refused } from "../../../units/refusal";
import type { Book, Changes, Decision } from "../book";
import { numberedKey } from "../entry-keys";
import type { CreditReversal, Post, ReverseCredit, ReverseCreditAnswer } from "./commands";
import { bookAfter } from "./next-entry";
import { decidePost } from "./post";
import type { PostedTotal, Reversal } from "./reversal";

/**
 * How much credit the reversals of a purchase take together: what each would take on its own, never more than the purchase,
 * and all of it when all the money is back.
 */
export function reversedTogether(
  purchase: { net_micros: number; gross_micros: number },
  reversals: readonly Pick<Reversal, "is_back" | "gross_micros" | "net_micros">[],
): number {
  const back = reversals.filter(({ is_back }) => is_back);
  if (sum(back, ({ gross_micros }) => gross_micros) >= purchase.gross_micros) return purchase.net_micros;
  return Math.min(
    purchase.net_micros,
    sum(back, ({ net_micros }) => net_micros),
  );
}

/**
 * Brings what was taken for each reversal of a purchase to what it should be by all that is known of them. One whose money
 * came again gives back all that it took; what the others then lack is taken first, so that nothing can be spent in
 * between. Decided from what was posted, and from the latest report of each: the order of the reports, and repeats, make
 * no difference. Refuses as `decidePost` does: the refusal of one entry is that of all.
 */
export function decideReversals(
  book: Book,
  { purchase, reversals: told }: ReverseCredit,
  known: readonly Reversal[],
  postedUnder: (key: string) => PostedTotal,
): Decision<ReverseCreditAnswer> & { posts: Post[] } {
  const reversals = merged(known, told);
  const now = reversals.map((reversal) => {
    const [take, give_back] = [postedUnder(reversal.keys.take), postedUnder(reversal.keys.give_back)];
    return { ...reversal, take, give_back, taken_micros: 0 - take.amount_micros - give_back.amount_micros };
  });
  const targets = targetsOf(reversedTogether(purchase, reversals), now);
  const moved = now.map((one, index) => ({ ...one, more_micros: (targets[index] ?? 0) - one.taken_micros }));
  const posts = [
    ...moved.filter(({ more_micros }) => more_micros > 0),
    ...moved.filter(({ more_micros }) => more_micros < 0),
  ].map((one) => postOf(one));
  const steps = postAll(book, posts);
  if ("outcome" in steps) return { answer: steps, posts: [] };
  const answer: ReverseCreditAnswer = { outcome: "taken_back", reversals: moved.map(answerOf) };
  if (steps.length === 0 && reversals.every((reversal, index) => reversal === known[index]))
    return { answer, posts };
  const [first = {}, ...more] = steps;
  return { answer, changes: { ...first, reversed: { purchase_id: purchase.id, reversals } }, more, posts };
}

/** The latest report of each; amounts and keys stay as they were first reported. */
function merged(known: readonly Reversal[], told: readonly Reversal[]): Reversal[] {
  const by_id = new Map(known.map((reversal) => [reversal.id, reversal]));
  for (const reversal of told) {
    const before = by_id.get(reversal.id);
    if (!before) by_id.set(reversal.id, reversal);
    else if (reversal.moves > before.moves)
      by_id.set(reversal.id, { ...before, moves: reversal.moves, is_back: reversal.is_back });
  }
  return [...by_id.values()];
}

/**
 * What each is to have taken so that together it is `together_micros`: what it has already, as far as that goes; what is
 * lacking up to its own share, the first one first, and the rest the last one.
 */
function targetsOf(
  together_micros: number,
  reversals: readonly (Reversal & { taken_micros: number })[],
): number[] {
  const targets = reversals.map(({ is_back, taken_micros }) => (is_back ? Math.max(0, taken_micros) : 0));
  let lack_micros = together_micros - sum(targets, (micros) => micros);
  const move = (index: number, micros: number) => {
    targets[index] = (targets[index] ?? 0) + micros;
    lack_micros -= micros;
  };
  const back = [...reversals.keys()].filter((index) => reversals[index]?.is_back);
  const above = (index: number) => (targets[index] ?? 0) - (reversals[index]?.net_micros ?? 0);
  for (const index of back) move(index, clamp(lack_micros, 0, Math.max(0, -above(index))));
  for (const index of back.toReversed()) move(index, clamp(lack_micros, -Math.max(0, above(index)), 0));
  for (const index of back.toReversed()) move(index, Math.max(lack_micros, -(targets[index] ?? 0)));
  return targets;
}

function postOf(one: {
  kind: Reversal["kind"];
  keys: Reversal["keys"];
  take: PostedTotal;
  give_back: PostedTotal;
  more_micros: number;
}): Post {
  const [key, { count }] =
    one.more_micros > 0 ? [one.keys.take, one.take] : [one.keys.give_back, one.give_back];
  return {
    key: numberedKey(key, count + 1),
    kind: one.kind,
    amount_micros: -one.more_micros,
    reason: one.kind,
  };
}

/** The changes of each post, each on the book that the one before leaves; the refusal of one is that of all. */
function postAll(book: Book, posts: readonly Post[]): Changes[] | Refused<ReverseCreditAnswer> {
  const steps: Changes[] = [];
  let at = book;
  for (const post of posts) {
    const { answer, changes } = decidePost(at, post, undefined);
    if (isRefused(answer)) return answer;
    if (changes) steps.push(changes);
    at = bookAfter(at, answer.entry);
  }
  return steps;
}

function answerOf(
  one: Reversal & { take: PostedTotal; give_back: PostedTotal; taken_micros: number; more_micros: number },
): CreditReversal {
  const { id, moves, is_back, take, give_back, taken_micros, more_micros } = one;
  const took_micros = Math.max(0, more_micros) - take.amount_micros;
  return {
    id,
    moves,
    is_back,
    net_micros: is_back ? taken_micros + more_micros : took_micros,
    entries: take.count + give_back.count + (more_micros === 0 ? 0 : 1),
  };
}

function sum<One>(all: readonly One[], of: (one: One) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}

function clamp(value: number, from: number, to: number): number {
  return Math.min(to, Math.max(from, value));
}
