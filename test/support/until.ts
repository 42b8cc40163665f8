import { setTimeout as pause } from "node:timers/promises";

type Falsy = false | 0 | "" | null | undefined;

/** Waits until `holds` answers something true, and answers that. */
export async function until<T>(
  what: string,
  holds: () => T | Falsy | Promise<T | Falsy>,
  limit_ms = 15_000,
): Promise<T> {
  const deadline_ms = Date.now() + limit_ms;
  for (;;) {
    const answer = await holds();
    if (answer) return answer;
    if (Date.now() > deadline_ms) throw new Error(`waited ${limit_ms / 1_000} s in vain for ${what}`);
    await pause(50);
  }
}
