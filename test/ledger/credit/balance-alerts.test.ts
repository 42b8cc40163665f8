import fc from "fast-check";
import { expect, it } from "vitest";
import {
  type AlertFacts,
  alertKey,
  alertsAfter,
  type Credit,
  DEFAULT_ALERTS,
  withThresholds,
} from "../../../src/ledger/core/credit/balance-alerts";
import { defaultRate } from "../../../src/ledger/core/credit/rating";

const credit = (remaining_micros: number, burn_micros_per_minute = 0): Credit => ({
  remaining_micros,
  burn_micros_per_minute,
  voice_rate: defaultRate("voice"),
  quota_micros: 70_000,
});

const facts = (...thresholds: AlertFacts["thresholds"]): AlertFacts => ({ ...DEFAULT_ALERTS, thresholds });

/** What is told while credit goes through these values, one after the other. */
function told(
  start: AlertFacts,
  values: [remaining: number, was_added?: boolean, burn?: number][],
): string[][] {
  let present = start;
  return values.map(([remaining, was_added = false, burn = 0]) => {
    const after = alertsAfter(present, credit(remaining, burn), was_added);
    present = after.facts;
    return after.events.map((event) =>
      event.type === "balance.low" ? alertKey(event.threshold) : event.type,
    );
  });
}

it("an alert goes off once, however often credit moves about its threshold", () => {
  const start = facts({ amount_micros: 1_000_000 });
  expect(told(start, [[1_000_000], [999_999], [1_050_000], [900_000]])).toEqual([
    [],
    ["amount:1000000"],
    [],
    [],
  ]);
});

it("it is armed again a tenth above by itself, and by added credit right above", () => {
  const start = facts({ amount_micros: 1_000_000 });
  expect(told(start, [[999_999], [1_100_000], [999_999], [1_000_000, true], [999_999]])).toEqual([
    ["amount:1000000"],
    [],
    ["amount:1000000"],
    [],
    ["amount:1000000"],
  ]);
});

it("the end of credit is told once while calls move about it, and anew after credit was added or a quota is there", () => {
  const walk: [remaining: number, events: string[], was_added?: boolean][] = [
    [1_167, []],
    [1_166, ["balance.exhausted"]],
    [40_000, []],
    [500, []],
    [-1, ["balance.negative"]],
    [69_999, []],
    [-1, []],
    [70_000, []],
    [-1, ["balance.exhausted", "balance.negative"]],
    [500, [], true],
    [-1, ["balance.negative"]],
    [2_000, [], true],
    [0, ["balance.exhausted"]],
  ];
  const values = walk.map(([remaining, , was_added]): [number, boolean?] => [remaining, was_added]);
  expect(told(facts(), values)).toEqual(walk.map(([, events]) => events));
});

it("a runway ends with the last credit that pays for a call, though nothing burns", () => {
  expect(told(facts({ runway_minutes: 10 }), [[1_167], [1_166]])).toEqual([
    [],
    ["runway:10", "balance.exhausted"],
  ]);
});

it("added credit that does not lift it above its threshold tells nothing", () => {
  expect(told(facts({ minutes: 60 }), [[1_000_000], [2_000_000, true], [1_900_000]])).toEqual([
    ["minutes:60"],
    [],
    [],
  ]);
});

it("a runway ends sooner the more calls there are, and has no end without", () => {
  const start = facts({ runway_minutes: 10 });
  expect(told(start, [[1_000_000], [1_000_000, false, 70_000], [1_000_000, false, 140_000]])).toEqual([
    [],
    [],
    ["runway:10"],
  ]);
});

it("a runway is told once while calls come and go, until credit is added or comes back", () => {
  const start = facts({ runway_minutes: 10 });
  const busy = 140_000;
  const walk: [remaining: number, events: string[], was_added?: boolean, burn?: number][] = [
    [1_000_000, ["runway:10"], false, busy],
    [900_000, [], false, 0],
    [900_000, [], false, 70_000],
    [800_000, [], false, busy],
    [800_000, [], false, 0],
    [800_000, [], false, busy],
    // A tenth above what it went off below, by itself.
    [1_540_000, [], false, busy],
    [1_390_000, ["runway:10"], false, busy],
    [1_000_000, [], false, 0],
    [1_500_000, [], true, 0],
    [1_300_000, ["runway:10"], false, busy],
    // More than that is needed while more burns.
    [1_540_000, [], false, 2 * busy],
    [1_390_000, [], false, busy],
  ];
  const values = walk.map(([remaining, , was_added = false, burn = 0]): [number, boolean, number] => [
    remaining,
    was_added,
    burn,
  ]);
  expect(told(start, values)).toEqual(walk.map(([, events]) => events));
});

it("a runway that went off before its level was kept is armed by what it is now", () => {
  const fired = { ...facts({ runway_minutes: 10 }), fired: ["runway:10"] };
  expect(
    told(fired, [
      [1_000_000, false, 0],
      [1_000_000, false, 140_000],
    ]),
  ).toEqual([[], ["runway:10"]]);
});

it("an alert that stays as it was is not told again when others are set", () => {
  const { facts: after } = alertsAfter(facts({ minutes: 60 }), credit(1_000_000), false);
  const changed = withThresholds(after, [{ minutes: 60 }, { minutes: 30 }]);
  expect(told(changed, [[1_000_000]])).toEqual([["minutes:30"]]);
});

it("between two of the same there is always a way back up (random walks)", () => {
  const step = fc.tuple(fc.integer({ min: -200_000, max: 2_000_000 }), fc.boolean());
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (walk) => {
      let present = facts({ amount_micros: 1_000_000 });
      let was_up = true;
      for (const [remaining, was_added] of walk) {
        const { facts: after, events } = alertsAfter(present, credit(remaining), was_added);
        const lows = events.filter(({ type }) => type === "balance.low").length;
        expect(lows).toBe(was_up && remaining < 1_000_000 ? 1 : 0);
        if (lows > 0) was_up = false;
        if (remaining >= (was_added ? 1_000_000 : 1_100_000)) was_up = true;
        present = after;
      }
    }),
  );
});
