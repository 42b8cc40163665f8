import { readFileSync } from "node:fs";
import { Redis } from "ioredis";
import {
  type Authorize,
  CREDIT_MICROS,
  type Held,
  LONGEST_SECONDS,
  ORGANIZATION_IDS,
  RATE,
  SHORTEST_SECONDS,
  servePeer,
} from "./app";

const redis = new Redis(process.env.REDIS_URL ?? "", { enableAutoPipelining: true });
const script = readFileSync(process.env.REDIS_SCRIPT ?? "", "utf8");
const sha = (await redis.script("LOAD", script)) as string;

/** The whole decision is one script; with `appendfsync always` its answer leaves after the fsync. */
async function authorize(call: Authorize): Promise<Held> {
  const { organization_id, call_id, direction, from, to } = call;
  const [granted_seconds = 0, held_micros = 0, final_unit = 1] = (await redis.evalsha(
    sha,
    2,
    `organization:${organization_id}`,
    `call:${organization_id}:${call_id}`,
    `${direction} ${from} ${to}`,
    RATE.price_micros_per_minute,
    SHORTEST_SECONDS,
    LONGEST_SECONDS,
  )) as number[];
  const conflict = granted_seconds < 0;
  return { granted_seconds, held_micros, final_unit: final_unit === 1, conflict };
}

const books = { posted_micros: CREDIT_MICROS, held_micros: 0, live_calls: 0 };
for (const id of ORGANIZATION_IDS) await redis.hset(`organization:${id}`, books);
servePeer(authorize);
