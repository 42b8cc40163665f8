import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Projector } from "../../../src/ledger/object/projector";
import { replay, report, runProperty } from "./run";
import type { Step } from "./steps";

/** A trace that a failing run has printed; when it is not empty only this is played. */
const REPLAY: Step[] = [];

const SEEDS = Array.from({ length: 20 }, (_, at) => at + 1);
const STEPS = 1_005;

/** The copy to D1 runs beside one seed in so many: it costs as much as all the rest, and has its own tests. */
const PROJECTED = 10;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** What a run must meet to be worth anything: `command: answer`. */
const EVERY_ANSWER = Object.entries({
  authorize:
    "granted insufficient_credits credit_in_use organization_suspended organization_closed idempotency_conflict call_already_settled invalid",
  answered: "granted not_found call_already_settled",
  renew: "granted not_found invalid stale_request idempotency_conflict call_already_settled",
  settle: "settled parked invalid too_soon missing_field call_already_settled",
  void: "voided not_found call_answered idempotency_conflict call_already_settled",
  correct: "settled not_found invalid idempotency_conflict call_not_settled",
}).flatMap(([op, answers]) => answers.split(" ").map((answer) => `${op}: ${answer}`));

const heard = new Set<string>();

describe("the ledger does what the model says, whatever happens", () => {
  if (REPLAY.length > 0)
    test("on the trace to replay", async () => {
      expect(await replay(REPLAY)).toBeNull();
    });

  test.for(REPLAY.length > 0 ? [] : SEEDS)(
    `for ${STEPS} steps of seed %i`,
    { timeout: 120_000 },
    async (seed) => {
      if (seed % PROJECTED !== 0) vi.spyOn(Projector.prototype, "flush").mockResolvedValue(true);
      const failure = await runProperty(seed, STEPS, { heard });
      expect(failure === null ? "" : report(failure)).toBe("");
    },
  );

  if (REPLAY.length === 0)
    test("and met every kind of answer on the way", () => {
      expect(EVERY_ANSWER.filter((answer) => !heard.has(answer))).toEqual([]);
    });
});
