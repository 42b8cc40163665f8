/**
 * Lets everything else in: requests that have come, deadlines that have passed. A promise that is ready does neither, nor
 * does one of a call to an object beside: the runtime looks at its sockets and clocks once nothing is ready any more.
 * Called after each portion of work that could go on without ever waiting.
 */
export function yieldToEventLoop(): Promise<void> {
  return scheduler.wait(1);
}
