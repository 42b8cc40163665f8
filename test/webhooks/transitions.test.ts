import { expect, it } from "vitest";
import { deliveryAfter } from "../../src/webhooks/object/delivery-transitions";
import { endpointAfter } from "../../src/webhooks/object/endpoint-transitions";
import { cooldownMs, nextTryAt } from "../../src/webhooks/object/retry-schedule";
import type { Delivery, Endpoint, TryResult } from "../../src/webhooks/types";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = Date.parse("2030-01-01T00:00:00Z");

const DELIVERY: Delivery = {
  event_id: "evt_1",
  endpoint_id: "whe_1",
  type: "credits.added",
  body: "{}",
  state: "pending",
  tries: 0,
  next_try_at_ms: NOW_MS,
  attempts: [],
  created_at_ms: NOW_MS,
};

const ENDPOINT: Endpoint = {
  endpoint_id: "whe_1",
  url: "https://hooks.customer.com/",
  description: "",
  events: null,
  state: "enabled",
  disabled_because: null,
  created_at_ms: NOW_MS,
  failures_in_a_row: 0,
  failing_since_ms: null,
  rests_until_ms: 0,
  previous_secret_until_ms: null,
};

const answered = (status: number | null, at_ms: number, retry_after_ms: number | null = null): TryResult => ({
  event_id: "evt_1",
  at_ms,
  duration_ms: 5,
  status,
  error: null,
  excerpt: "",
  retry_after_ms,
});

/** Tries a delivery that always fails, each time when it is due: how long after the first, until it is given up. */
function triesOf(delivery: Delivery, first_ms: number): { delivery: Delivery; after_ms: number[] } {
  let present = delivery;
  let at_ms = first_ms;
  const after_ms: number[] = [];
  while (present.state === "pending") {
    after_ms.push(at_ms - first_ms);
    present = deliveryAfter(present, answered(500, at_ms), at_ms);
    at_ms = present.next_try_at_ms ?? at_ms;
  }
  return { delivery: present, after_ms };
}

it("what always fails is tried ten times in about three days, ever more seldom, and then given up", () => {
  const { delivery, after_ms } = triesOf(DELIVERY, NOW_MS);
  expect(after_ms).toHaveLength(10);
  const waits_ms = after_ms.slice(1).map((each, n) => each - (after_ms[n] ?? 0));
  expect(waits_ms).toEqual([...waits_ms].sort((a, b) => a - b));
  expect(after_ms.at(-1)).toBeGreaterThan(3 * DAY_MS);
  expect(after_ms.at(-1)).toBeLessThan(4 * DAY_MS);
  expect(delivery).toMatchObject({ state: "failed", next_try_at_ms: null, tries: 10 });
});

it("waits differ by chance, by a fifth at most, so that what failed together does not come back together", () => {
  expect(nextTryAt(2, null, NOW_MS, 0)).toBe(NOW_MS + 5 * MINUTE_MS);
  expect(nextTryAt(2, null, NOW_MS, 1)).toBe(NOW_MS + 6 * MINUTE_MS);
  expect(new Set(Array.from({ length: 20 }, () => nextTryAt(5, null, NOW_MS))).size).toBeGreaterThan(1);
});

it("a receiver that asks to be left alone is, for an hour at most, and never less long than planned", () => {
  expect(nextTryAt(1, MINUTE_MS, NOW_MS, 0)).toBe(NOW_MS + MINUTE_MS);
  expect(nextTryAt(1, DAY_MS, NOW_MS, 0)).toBe(NOW_MS + HOUR_MS);
  expect(nextTryAt(4, MINUTE_MS, NOW_MS, 0)).toBe(NOW_MS + 2 * HOUR_MS);
});

it.each([200, 201, 204, 299])("%i delivers", (status) => {
  const after = deliveryAfter(DELIVERY, answered(status, NOW_MS), NOW_MS);
  expect(after).toMatchObject({ state: "delivered", next_try_at_ms: null });
});

it.each([null, 101, 301, 302, 304, 307, 400, 401, 410, 429, 500, 502, 504])("%s does not", (status) => {
  expect(deliveryAfter(DELIVERY, answered(status, NOW_MS), NOW_MS).state).toBe("pending");
});

it.each([
  ["was never tried, its endpoint being dead", []],
  ["was tried before", [answered(500, NOW_MS)]],
])("one that is sent again days later and %s has all its tries", (_, earlier) => {
  const old = { ...DELIVERY, attempts: earlier, tries: 0 };
  expect(triesOf(old, NOW_MS + 10 * DAY_MS).after_ms).toHaveLength(10);
});

it("of many tries the last twenty are kept", () => {
  let { delivery } = triesOf(DELIVERY, NOW_MS);
  for (let again = 1; again <= 3; again++)
    delivery = triesOf({ ...delivery, state: "pending", tries: 0 }, NOW_MS + again * 5 * DAY_MS).delivery;
  expect(delivery.attempts).toHaveLength(20);
});

it("an endpoint is disabled at once by 410, and by five days of nothing but failures", () => {
  expect(endpointAfter(ENDPOINT, answered(410, NOW_MS), NOW_MS)).toMatchObject({
    state: "disabled",
    disabled_because: "gone",
  });
  const failing = endpointAfter(ENDPOINT, answered(500, NOW_MS), NOW_MS);
  const almost_ms = NOW_MS + 5 * DAY_MS - 1;
  expect(endpointAfter(failing, answered(null, almost_ms), almost_ms).state).toBe("enabled");
  const late_ms = NOW_MS + 5 * DAY_MS;
  expect(endpointAfter(failing, answered(500, late_ms), late_ms)).toMatchObject({
    state: "disabled",
    disabled_because: "failing",
  });
});

it("one success forgets all failures", () => {
  const failing = endpointAfter(ENDPOINT, answered(500, NOW_MS), NOW_MS);
  expect(endpointAfter(failing, answered(204, NOW_MS + DAY_MS), NOW_MS + DAY_MS)).toEqual(ENDPOINT);
});

it("an endpoint that keeps failing rests in between, ever longer, five minutes at most", () => {
  expect([1, 7, 8, 9, 10].map(cooldownMs)).toEqual([0, 0, 2_000, 4_000, 8_000]);
  expect(cooldownMs(1_000)).toBe(5 * MINUTE_MS);
});
