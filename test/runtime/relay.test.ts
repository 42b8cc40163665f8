import { expect, test } from "vitest";
import { Relay, type RelayOptions } from "../../src/runtime/relay";

const BEGIN_MS = 1_000_000;

/** A relay whose runs come to what `outcomes` says, in order, and whose time passes only while it waits. */
function relayWith(outcomes: (boolean | Error)[], options: Partial<RelayOptions> = {}) {
  const seen = { runs: 0, waits_ms: [] as number[], retries_ms: [] as number[], failures: [] as unknown[] };
  const clock = { now_ms: BEGIN_MS, chance: 0.5 };
  const relay = new Relay({
    run: async () => {
      const outcome = outcomes[seen.runs++] ?? true;
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
    logFailure: (error) => seen.failures.push(error),
    retryBy: (at_ms) => seen.retries_ms.push(at_ms - clock.now_ms),
    first_retry_ms: 1_000,
    max_retry_ms: 60_000,
    conditions: {
      nowMs: () => clock.now_ms,
      random: () => clock.chance,
      wait: async (ms) => {
        seen.waits_ms.push(ms);
        clock.now_ms += ms;
      },
    },
    ...options,
  });
  return { relay, seen, clock };
}

test("the first run begins at once, and says whether it caught up", async () => {
  const { relay, seen } = relayWith([true]);
  expect(await relay.run()).toBe(true);
  expect(seen).toEqual({ runs: 1, waits_ms: [], retries_ms: [], failures: [] });
});

test("one run at a time: all who ask during it share one more, after it", async () => {
  const first = Promise.withResolvers<boolean>();
  const begun: string[] = [];
  const { relay } = relayWith([], {
    run: () => {
      begun.push(`run ${begun.length + 1}`);
      return begun.length === 1 ? first.promise : Promise.resolve(true);
    },
  });
  const asked = relay.run();
  await Promise.resolve();
  await Promise.resolve();
  const meanwhile = [relay.run(), relay.run(), relay.run()];
  expect(begun).toEqual(["run 1"]);
  first.resolve(true);
  expect(await asked).toBe(true);
  expect(await Promise.all(meanwhile)).toEqual([true, true, true]);
  expect(begun).toEqual(["run 1", "run 2"]);
});

test("what fails is tried again later and later, up to the longest delay", async () => {
  const { relay, seen } = relayWith(Array(9).fill(false));
  for (let run = 0; run < 9; run++) expect(await relay.run()).toBe(false);
  expect(seen.retries_ms).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

test("an error is a run that did not catch up, and is logged", async () => {
  const error = new Error("It would not take it.");
  const { relay, seen } = relayWith([error]);
  expect(await relay.run()).toBe(false);
  expect(seen.failures).toEqual([error]);
  expect(seen.retries_ms).toEqual([1_000]);
});

test("the delay begins anew after a run that caught up", async () => {
  const { relay, seen } = relayWith([false, false, true, false]);
  for (let run = 0; run < 4; run++) await relay.run();
  expect(seen.retries_ms).toEqual([1_000, 2_000, 1_000]);
});

test("objects that fail together are not tried again together", async () => {
  const { relay, seen, clock } = relayWith([false, false]);
  clock.chance = 0;
  await relay.run();
  clock.chance = 1;
  await relay.run();
  expect(seen.retries_ms).toEqual([750, 2_500]);
});

test("between runs it cools down, longer after each failure, up to five seconds", async () => {
  const { relay, seen } = relayWith([true, false, false, false, false, false, true], { cooldown_ms: 250 });
  for (let run = 0; run < 8; run++) await relay.run();
  expect(seen.waits_ms).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 250]);
});

test("without a cool-down of its own it cools down after failures alone", async () => {
  const { relay, seen } = relayWith([true, true, false, true]);
  for (let run = 0; run < 5; run++) await relay.run();
  expect(seen.waits_ms).toEqual([500]);
});

test("a clock that is set back does not make the cool-down long", async () => {
  const { relay, seen, clock } = relayWith([true, true], { cooldown_ms: 250 });
  await relay.run();
  clock.now_ms -= 3_600_000;
  await relay.run();
  expect(seen.waits_ms).toEqual([5_000]);
});

test("what has failed and is asked for only when due waits for its time, and asks for the alarm again", async () => {
  const { relay, seen, clock } = relayWith([false, true]);
  expect(await relay.runWhenDue()).toBe(false);
  clock.now_ms += 400;
  expect(await relay.runWhenDue()).toBe(false);
  expect(seen).toMatchObject({ runs: 1, retries_ms: [1_000, 600] });
  clock.now_ms += 600;
  expect(await relay.runWhenDue()).toBe(true);
  expect(seen.runs).toBe(2);
});

test("asked for when due, a run that is under way is enough", async () => {
  const only = Promise.withResolvers<boolean>();
  let runs = 0;
  const { relay } = relayWith([], {
    run: () => {
      runs += 1;
      return only.promise;
    },
  });
  const asked = [relay.runWhenDue(), relay.runWhenDue()];
  await Promise.resolve();
  await Promise.resolve();
  asked.push(relay.runWhenDue());
  only.resolve(true);
  expect(await Promise.all(asked)).toEqual([true, true, true]);
  expect(runs).toBe(1);
});

test("after a reset nothing waits for earlier failures", async () => {
  const { relay, seen } = relayWith([false, false, false]);
  await relay.run();
  relay.reset();
  expect(await relay.runWhenDue()).toBe(false);
  expect(seen.waits_ms).toEqual([]);
  expect(seen.retries_ms).toEqual([1_000, 1_000]);
});
