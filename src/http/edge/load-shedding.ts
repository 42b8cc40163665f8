import { createMiddleware } from "hono/factory";
import { ConcurrencyLimit } from "../../runtime/concurrency-limit";
import { SECOND_MS } from "../../units/duration";
import type { AppEnv } from "../context";
import { ApiError } from "../errors";
import { callsForHelp } from "./calls-for-help";

/**
 * Requests of nodes between their arrival and the question to a ledger, in this isolate. What is done there takes less than
 * a millisecond of the processor each: of more at once the last would have waited for about a second before anybody looked at it.
 */
const MAX_WAITING_REQUESTS = 1_000;

/** Longer than KV and D1 are waited for. */
const MAX_WAIT_MS = 2 * SECOND_MS;

const room = new ConcurrencyLimit(MAX_WAITING_REQUESTS);

/**
 * Refuses a request at once, as 503, when more have come than can be answered in time: before its key is looked at, so that
 * it costs next to nothing; a call for help passes. Who waits for a ledger is not counted: one organization's slow ledger shuts out no other.
 */
export const shedLoad = createMiddleware<AppEnv>(async (c, next) => {
  const now_ms = c.get("arrived_at_ms");
  const leave = room.acquire(now_ms, now_ms + MAX_WAIT_MS) ?? ((await callsForHelp(c)) ? () => {} : null);
  if (!leave) throw new ApiError("ledger_unavailable");
  c.set("leaveDoor", leave);
  try {
    await next();
  } finally {
    leave();
  }
});
