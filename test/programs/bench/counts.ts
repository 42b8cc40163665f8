import { mkdirSync, readdirSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { ROOT } from "../../../.scripts/wrangler.ts";
import { createCustomer, type Platform, queryD1, startPlatform } from "../../support/node/platform.ts";
import type { Tally } from "./baselines/counting.ts";
import { bundleForWorkerd } from "./bundle.ts";
import { BENCH_SETTINGS } from "./contenders.ts";
import { authorizeBody, say } from "./traffic.ts";

/** What a call writes, each figure an average. */
export interface CallCounts extends Tally {
  /** How its requests came: `lone` waits for each projection, as in an organization with a call now and then. */
  way: "lone" | "busy" | "batches";
  calls: number;
}

export interface Counts {
  ways: CallCounts[];
  object_bytes_per_call: number;
  d1_bytes_per_call: number;
}

const LONE_CALLS = 100;
const OTHER_CALLS = 2_000;
const BATCH = 100;
const AT_ONCE = 64;

type Say = (path: string, bodies: object[]) => Promise<void>;

/** Plays calls (authorize, two renewals, settle) and counts every row that they write, in the object and in D1. */
export async function countCalls(
  directory: string,
  baseline: "counting" | "unchained" = "counting",
): Promise<Counts> {
  mkdirSync(directory, { recursive: true });
  const module = await bundleForWorkerd(
    `${ROOT}test/programs/bench/baselines/${baseline}.ts`,
    `${directory}/${baseline}.js`,
  );
  const platform = await startPlatform({ directory, module, settings: BENCH_SETTINGS });
  const { organization_id } = await createCustomer(platform, 1e12);
  const counter = new Counter(platform, organization_id);
  const sizes = () => [bytesUnder(`${directory}/objects`), bytesUnder(`${directory}/d1-data`)] as const;
  try {
    const lone = await counter.count("lone", LONE_CALLS);
    const before = sizes();
    const busy = await counter.count("busy", OTHER_CALLS);
    const batches = await counter.count("batches", OTHER_CALLS);
    const after = sizes();
    return {
      ways: [lone, busy, batches],
      object_bytes_per_call: (after[0] - before[0]) / (2 * OTHER_CALLS),
      d1_bytes_per_call: (after[1] - before[1]) / (2 * OTHER_CALLS),
    };
  } finally {
    await platform.stop();
  }
}

class Counter {
  private settled = 0;
  private readonly platform: Platform;
  private readonly organization_id: string;

  constructor(platform: Platform, organization_id: string) {
    this.platform = platform;
    this.organization_id = organization_id;
  }

  async count(way: CallCounts["way"], calls: number): Promise<CallCounts> {
    const before = await this.tally();
    if (way === "lone") for (let played = 0; played < calls; played++) await this.play(1, this.singly);
    else await this.play(calls, way === "busy" ? this.singly : this.inBatches);
    const after = await this.tally();
    const average = (name: keyof Tally) => (after[name] - before[name]) / calls;
    return {
      way,
      calls,
      object_rows: average("object_rows"),
      cursor_rows: average("cursor_rows"),
      alarms_set: average("alarms_set"),
      d1_rows: average("d1_rows"),
      projections: average("projections"),
    };
  }

  /** Calls from authorize to their rows in D1. */
  private async play(calls: number, send: Say): Promise<void> {
    const { organization_id } = this;
    const made = Array.from({ length: calls }, () => authorizeBody(organization_id));
    await send("authorize", made);
    for (const request_number of [1, 2]) {
      const renewal = { organization_id, request_number, elapsed_seconds: request_number * 30 };
      await send(
        "renew",
        made.map(({ call_id }) => ({ call_id, ...renewal })),
      );
    }
    const report = { organization_id, duration_ms: 84_000, end_reason: "hangup" };
    await send(
      "settle",
      made.map(({ call_id }) => ({ call_id, ...report })),
    );
    this.settled += calls;
    await this.projected();
  }

  private readonly singly: Say = async (op, bodies) => {
    const waiting = [...bodies];
    const one = async () => {
      for (let body = waiting.pop(); body; body = waiting.pop()) {
        const { call_id, ...rest } = body as { call_id: string };
        const path = `/api/v1/edge/calls/${op === "authorize" ? op : `${call_id}/${op}`}`;
        await say(this.platform, { path, body: JSON.stringify(op === "authorize" ? body : rest) });
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, bodies.length) }, one));
  };

  private readonly inBatches: Say = async (op, bodies) => {
    for (let from = 0; from < bodies.length; from += BATCH) {
      const operations = bodies.slice(from, from + BATCH).map((body) => ({ op, ...body }));
      await say(this.platform, { path: "/api/v1/edge/operations", body: JSON.stringify({ operations }) });
    }
  };

  private async projected(): Promise<void> {
    const { d1_url } = this.platform;
    for (;;) {
      const rows = await queryD1<{ count: number }>(d1_url, "SELECT count(*) AS count FROM calls");
      if (rows[0]?.count === this.settled) return;
      await pause(2);
    }
  }

  private async tally(): Promise<Tally> {
    const response = await fetch(`${this.platform.base_url}/tally`);
    return (await response.json()) as Tally;
  }
}

/** Pages in use of all databases below a directory, as another reader sees them. */
function bytesUnder(directory: string): number {
  let bytes = 0;
  for (const file of readdirSync(directory, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".sqlite") || file.endsWith("metadata.sqlite")) continue;
    const database = new DatabaseSync(`${directory}/${file}`, { readOnly: true });
    const pragma = (name: string) =>
      Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0] as number;
    bytes += (pragma("page_count") - pragma("freelist_count")) * pragma("page_size");
    database.close();
  }
  return bytes;
}
