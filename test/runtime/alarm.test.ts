import { expect, test } from "vitest";
import { ObjectAlarm } from "../../src/runtime/alarm";

const NOW_MS = 1_000_000_000;

/** An alarm of an object whose earlier life has set one at `stored_ms`; `set_ms` are those that are set now. */
async function alarmAt(stored_ms: number | null, slack_ms = 0) {
  const set_ms: number[] = [];
  const storage = {
    getAlarm: async () => stored_ms,
    setAlarm: async (at_ms: number | Date) => {
      set_ms.push(Number(at_ms));
    },
  };
  const alarm = new ObjectAlarm({ storage, waitUntil: () => {} }, slack_ms);
  await alarm.read(NOW_MS);
  return { alarm, set_ms };
}

test("an alarm is set when there is none", async () => {
  const { alarm, set_ms } = await alarmAt(null);
  expect(alarm.isSet).toBe(false);
  alarm.scheduleBy(NOW_MS + 500);
  expect(alarm.isSet).toBe(true);
  expect(set_ms).toEqual([NOW_MS + 500]);
});

test("one that is early enough is left as it is, an earlier one is set", async () => {
  const { alarm, set_ms } = await alarmAt(NOW_MS + 500);
  alarm.scheduleBy(NOW_MS + 500);
  alarm.scheduleBy(NOW_MS + 900);
  expect(set_ms).toEqual([]);
  alarm.scheduleBy(NOW_MS + 100);
  expect(set_ms).toEqual([NOW_MS + 100]);
});

test("within its slack a later one will do", async () => {
  const { alarm, set_ms } = await alarmAt(NOW_MS + 30_000, 30_000);
  alarm.scheduleBy(NOW_MS);
  expect(set_ms).toEqual([]);
  alarm.scheduleBy(NOW_MS - 1);
  expect(set_ms).toEqual([NOW_MS - 1]);
});

test("one that the platform has lost counts as none, one that is merely late does not", async () => {
  expect((await alarmAt(NOW_MS - 60_001)).alarm.isSet).toBe(false);
  const { alarm, set_ms } = await alarmAt(NOW_MS - 60_000);
  expect(alarm.isSet).toBe(true);
  alarm.clearIfLost(NOW_MS + 1);
  expect(alarm.isSet).toBe(false);
  alarm.scheduleBy(NOW_MS + 1);
  expect(set_ms).toEqual([NOW_MS + 1]);
});

test("one that has fired is not set any more, and was due when it was first to fire", async () => {
  const { alarm } = await alarmAt(NOW_MS - 5_000);
  expect(alarm.fired(NOW_MS - 1_000, NOW_MS)).toBe(NOW_MS - 5_000);
  expect(alarm.isSet).toBe(false);
  expect(alarm.fired(NOW_MS - 9_000, NOW_MS)).toBe(NOW_MS - 9_000);
  expect(alarm.fired(undefined, NOW_MS)).toBe(NOW_MS);
});
