// A thread of its own: what it reads must not keep the neighbour's clock waiting.
import { parentPort, workerData } from "node:worker_threads";
import type { Tenant } from "./filled.ts";

/** What the thread is told. */
export interface LoadOrder {
  base_url: string;
  tenant: Tenant;
  requests_per_minute: number;
  files_at_once: number;
}

/** What has come of its requests: how many were answered with which status. */
export type LoadTold = { answers: Record<string, number>; files: number; megabytes: number };

const { base_url, tenant, requests_per_minute, files_at_once } = workerData as LoadOrder;
const { from_ms, until_ms, api_keys, calls } = tenant;
const told: LoadTold = { answers: {}, files: 0, megabytes: 0 };

/** No whole quarter hours, so that both edges are read row by row. */
const edges = new URLSearchParams({
  start_date: new Date(from_ms + 433_777).toISOString(),
  end_date: new Date(until_ms - 433_777).toISOString(),
});

/** What costs most of what a key may read, each in turn. */
const PATHS = [
  "/usage?limit=1",
  `/usage?limit=1000&${edges}`,
  `/usage?limit=100&offset=${Math.floor(calls / 2)}`,
  "/calls?limit=1000",
  `/calls?limit=100&status=rejected&${edges}`,
  `/calls?limit=100&direction=inbound&offset=${Math.floor(calls / 4)}`,
];

let sent = 0;
let is_over = false;

function ask(path: string): Promise<Response> {
  const key = api_keys[sent++ % api_keys.length];
  return fetch(`${base_url}/api/v1${path}`, { headers: { authorization: `Bearer ${key}` } });
}

async function read(path: string): Promise<void> {
  const answer = await ask(path).catch(() => null);
  const status = String(answer?.status ?? "broken");
  told.answers[status] = (told.answers[status] ?? 0) + 1;
  await answer?.arrayBuffer().catch(() => null);
}

/** One file after the other, as fast as they come. */
async function readFiles(): Promise<void> {
  while (!is_over) {
    const answer = await ask("/usage.csv");
    for await (const bytes of answer.body ?? []) {
      told.megabytes += bytes.byteLength / 1e6;
      if (is_over) return;
    }
    told.files += 1;
  }
}

for (let file = 0; file < files_at_once; file++) void readFiles().catch(() => null);
const timer = setInterval(() => void read(PATHS[sent % PATHS.length] ?? ""), 60_000 / requests_per_minute);
parentPort?.once("message", () => {
  is_over = true;
  clearInterval(timer);
  parentPort?.postMessage(told);
});
