import { vi } from "vitest";

/** In the future: the runtime's own alarm clock goes on, and an alarm that is set in its past rings at once. */
const BEGINNING = Date.parse("2030-11-04T09:00:00.000Z");

/** Stops the Worker's clock, objects included, and answers how to let it run. */
export function stopClock(at: number | string = BEGINNING) {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(at);
  return {
    pass: (ms: number) => void vi.setSystemTime(Date.now() + ms),
    set: (to: number | string) => void vi.setSystemTime(to),
  };
}
