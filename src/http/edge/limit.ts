import { createMiddleware } from "hono/factory";
import { MINUTE_MS, SECOND_MS } from "../../units/duration";
import type { AppEnv } from "../context";
import { ApiError } from "../errors";
import { callsForHelp } from "./calls-for-help";

/** Requests of each edge key in this minute, in this isolate: a fuse against a node that has run wild. */
let counted: { minute: number; requests: Map<string, number> } = { minute: 0, requests: new Map() };

/** Refuses an edge key that asks far more often than any node would, but for calls for help. A batch is one request. */
export function edgeLimit() {
  return createMiddleware<AppEnv>(async (c, next) => {
    const now_ms = Date.now();
    const minute = Math.floor(now_ms / MINUTE_MS);
    if (counted.minute !== minute) counted = { minute, requests: new Map() };
    const { key_id } = c.get("platform_key");
    const requests = (counted.requests.get(key_id) ?? 0) + 1;
    counted.requests.set(key_id, requests);
    if (requests > c.get("settings").edge_requests_per_minute && !(await callsForHelp(c))) {
      const seconds = Math.ceil(((minute + 1) * MINUTE_MS - now_ms) / SECOND_MS);
      throw new ApiError("rate_limit_exceeded", { headers: { "Retry-After": String(seconds) } });
    }
    await next();
  });
}
