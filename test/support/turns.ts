/**
 * Lets everything else have its turn until a condition holds. For tests that have stopped the clock: timers stand still then,
 * and with them `vi.waitFor` and `expect.poll`.
 */
export async function turnsUntil(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await turn();
}

/** One turn of the event loop of the runtime, which fake timers do not stop. */
export async function turn(): Promise<void> {
  await scheduler.wait(1);
}
