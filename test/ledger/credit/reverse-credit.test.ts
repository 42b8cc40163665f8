import fc from "fast-check";
import { expect, test } from "vitest";
import type { Book } from "../../../src/ledger/core/book";
import type { Reversal } from "../../../src/ledger/core/credit/reversal";
import { decideReversals, reversedTogether } from "../../../src/ledger/core/credit/reverse-credit";

const BOOK = { next_seq: 1, epoch: 1, month_seconds: 0, posted_micros: 0, now_ms: 0 } as Book;

/** How a refund's or dispute's money moves: there, and for some back again. */
const REVERSAL = fc.record({
  kind: fc.constantFrom("refund" as const, "dispute" as const),
  share: fc.integer({ min: 1, max: 100 }),
  comes_again: fc.boolean(),
});

const CASE = fc.record({
  net_micros: fc.integer({ min: 1, max: 1_000 }),
  rate: fc.integer({ min: 0, max: 27 }),
  parts: fc.array(REVERSAL, { minLength: 1, maxLength: 5 }),
  order: fc.array(fc.nat({ max: 9 }), { maxLength: 30 }),
});

test("whatever comes of refunds and disputes, in any order and doubled, takes what the last word of each comes to", () => {
  fc.assert(
    fc.property(CASE, ({ net_micros, rate, parts, order }) => {
      const gross_micros = Math.round((net_micros * (100 + rate)) / 100);
      const purchase = { id: "pur_1", net_micros, gross_micros };
      const words = parts.flatMap(({ kind, share, comes_again }, index): Reversal[] => {
        const gross = Math.max(1, Math.round((gross_micros * share) / 100));
        const net = Math.round((net_micros * gross) / gross_micros);
        const keys = { take: `${kind}:${index}`, give_back: `${kind}:${index}:back` };
        const went = { id: `${index}`, kind, gross_micros: gross, net_micros: net, keys };
        const there = { ...went, moves: 1, is_back: true };
        return comes_again ? [there, { ...went, moves: 2, is_back: false }] : [there];
      });
      const heard = [...order.flatMap((place) => words[place] ?? []), ...words];

      const posted = new Map<string, number[]>();
      let known: readonly Reversal[] = [];
      let balance_micros = net_micros;
      for (const word of heard) {
        const under = (key: string) => {
          const amounts = posted.get(key) ?? [];
          return { count: amounts.length, amount_micros: amounts.reduce((sum, amount) => sum + amount, 0) };
        };
        const decided = decideReversals(
          { ...BOOK, posted_micros: balance_micros },
          { purchase, reversals: [word] },
          known,
          under,
        );
        if (!decided.changes) continue;
        known = decided.changes.reversed?.reversals ?? known;
        const entries = [decided.changes, ...(decided.more ?? [])].flatMap(({ entry }) => entry ?? []);
        const last_micros = entries.reduce((sum, { amount_micros }) => sum + amount_micros, balance_micros);
        for (const { key, amount_micros } of entries) {
          balance_micros += amount_micros;
          // On the way nothing is ever there to be spent that is not there in the end.
          expect(amount_micros < 0 || balance_micros <= last_micros).toBe(true);
          const [, base = "", number = "1"] = /^(\w+:\d+(?::back)?)(?::(\d+))?$/.exec(key ?? "") ?? [];
          const before = posted.get(base) ?? [];
          expect(Number(number)).toBe(before.length + 1);
          posted.set(base, [...before, amount_micros]);
        }
        expect(balance_micros).toBe(net_micros - reversedTogether(purchase, known));
      }
      const last = new Map(words.map((word) => [word.id, word]));
      expect(balance_micros).toBe(net_micros - reversedTogether(purchase, [...last.values()]));
      for (const word of last.values()) {
        if (word.is_back) continue;
        const sums = [word.keys.take, word.keys.give_back].flatMap((key) => posted.get(key) ?? []);
        expect(sums.reduce((sum, amount) => sum + amount, 0)).toBe(0);
      }
    }),
    { numRuns: 2_000 },
  );
});
