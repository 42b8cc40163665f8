import { cpSync, mkdirSync } from "node:fs";
import { ROOT } from "../../../.scripts/wrangler.ts";
import { type Customer, createCustomer, type Platform, startPlatform } from "../../support/node/platform.ts";
import { startWorkerd } from "../../support/node/workerd.ts";
import { bundleForWorkerd } from "./bundle.ts";
import { type Database, redisBenchmark } from "./databases.ts";
import { drive, type Request, type Sample } from "./load.ts";
import { redisScript, startPeer } from "./peers.ts";
import { authorizeBatches, authorizeMany, authorizes, edgeTarget, renewals, settles } from "./traffic.ts";

/** One thing that is measured: what is sent, for how many organizations. */
export interface Scenario {
  name: string;
  organizations: number;
  /** Operations in one request. */
  operations: number;
  sample(connections: number, seconds: number): Promise<Sample>;
}

/** A server under test while it runs. */
export interface Running {
  scenarios: Scenario[];
  /** The processes whose work is counted. */
  pids: number[];
  peakMemoryMib(): number | null;
  stop(): Promise<void>;
}

export interface Contender {
  name: string;
  start(directory: string): Promise<Running>;
}

/** Enough for every call of every round. */
const CREDIT_MICROS = 1e14;

/** Nothing expires and nobody is limited while we measure; calls may be played at any speed. */
export const BENCH_SETTINGS = {
  RING_SECONDS: "86400",
  NODE_TIME_TOLERANCE_SECONDS: "86400",
  EDGE_REQUESTS_PER_MINUTE: "10000000",
  CUSTOMER_REQUESTS_PER_MINUTE: "10000000",
};

/** Organizations with credit in a directory that each round starts from anew. */
export async function makeTemplate(
  directory: string,
  module: string,
  organizations: number,
): Promise<Customer[]> {
  mkdirSync(directory, { recursive: true });
  const platform = await startPlatform({ directory, module, settings: BENCH_SETTINGS });
  const customers: Customer[] = [];
  for (let made = 0; made < organizations; made++)
    customers.push(await createCustomer(platform, CREDIT_MICROS));
  await platform.stop();
  return customers;
}

/** Ringfence itself, as it is deployed. */
export function ringfence(module: string, template: string, customers: readonly Customer[]): Contender {
  return {
    name: "Ringfence",
    async start(directory) {
      cpSync(template, directory, { recursive: true });
      const platform = await startPlatform({ directory, module, settings: BENCH_SETTINGS });
      const { pid, peakMemoryMib, stop } = platform;
      return { scenarios: scenariosOf(platform, customers), pids: [pid], peakMemoryMib, stop };
    },
  };
}

/** What is measured of Ringfence. */
export function scenariosOf(platform: Platform, customers: readonly Customer[]): Scenario[] {
  const { base_url, edge_key, pid } = platform;
  const ids = customers.map(({ organization_id }) => organization_id);
  const one = ids.slice(0, 1);
  const edge = (name: string, organizations: number, operations: number, next: () => Request): Scenario => ({
    name,
    organizations,
    operations,
    sample: (connections, seconds) =>
      drive(edgeTarget(base_url, edge_key, next), connections, seconds, [pid]),
  });
  return [
    ...countsOf(ids).map((count) => edge("authorize", count, 1, authorizes(ids.slice(0, count)))),
    renewScenario(platform, one),
    settleScenario(platform, one),
    accountScenario(platform),
    edge("100 operations", 1, 100, authorizeBatches(one, 100)),
    edge("100 operations", 20, 100, authorizeBatches(ids.slice(0, 20), 100)),
    edge("500 operations", 1, 500, authorizeBatches(one, 500)),
    edge("500 operations", 20, 500, authorizeBatches(ids.slice(0, 20), 500)),
  ];
}

/** Everything is measured with one organization and with all there are. */
function countsOf(organization_ids: readonly string[]): number[] {
  return [...new Set([1, organization_ids.length])];
}

/** Far more calls than connections, so that a call is renewed again only after its answer has come. */
const RENEWED_CALLS = 1_024;

function renewScenario(platform: Platform, organization_ids: readonly string[]): Scenario {
  const { base_url, edge_key, pid } = platform;
  let next: (() => Request) | undefined;
  return {
    name: "renew",
    organizations: 1,
    operations: 1,
    async sample(connections, seconds) {
      next = renewals(await authorizeMany(platform, organization_ids, RENEWED_CALLS));
      return drive(edgeTarget(base_url, edge_key, next), connections, seconds, [pid]);
    },
  };
}

/** More than any machine settles in a second. */
const SETTLES_PER_SECOND = 12_000;

function settleScenario(platform: Platform, organization_ids: readonly string[]): Scenario {
  const { base_url, edge_key, pid } = platform;
  return {
    name: "settle",
    organizations: 1,
    operations: 1,
    async sample(connections, seconds) {
      const count = Math.ceil(SETTLES_PER_SECOND * Math.min(1, connections / 8) * seconds);
      const calls = settles(await authorizeMany(platform, organization_ids, count));
      const sample = await drive(edgeTarget(base_url, edge_key, calls.next), connections, seconds, [pid]);
      if (calls.isEmpty()) throw new Error("The calls to settle ran out: raise SETTLES_PER_SECOND.");
      return sample;
    },
  };
}

/** Calls that live while the account is asked for. */
const LIVE_CALLS = 100;

/** Of an organization of its own: an account counts what its live calls have used. */
function accountScenario(platform: Platform): Scenario {
  const { base_url, pid } = platform;
  let api_key: string | undefined;
  return {
    name: "account",
    organizations: 1,
    operations: 1,
    async sample(connections, seconds) {
      api_key ??= await customerWithCalls(platform);
      const headers = { authorization: `Bearer ${api_key}` };
      const next = () => ({ path: "/api/v1/account" });
      return drive({ url: base_url, method: "GET", headers, next }, connections, seconds, [pid]);
    },
  };
}

async function customerWithCalls(platform: Platform): Promise<string> {
  const { organization_id, api_key } = await createCustomer(platform, CREDIT_MICROS);
  await authorizeMany(platform, [organization_id], LIVE_CALLS);
  return api_key;
}

/** A tiny Worker that shows what the runtime itself costs. It is sent what authorize is sent. */
export function baseline(name: string, file: string, organization_ids: readonly string[]): Contender {
  return {
    name,
    async start(directory) {
      const source = `${ROOT}test/programs/bench/baselines/${file}.ts`;
      mkdirSync(directory, { recursive: true });
      const module = await bundleForWorkerd(source, `${directory}/${file}.js`);
      const objects = file === "constant" ? [] : [{ binding: "OBJECT", class_name: "Baseline" }];
      const server = await startWorkerd(directory, { module, objects, stores: false, settings: {} });
      const { base_url, pid, peakMemoryMib, stop } = server;
      const counts = file === "constant" ? [1] : countsOf(organization_ids);
      return {
        scenarios: authorizeScenarios({ base_url, edge_key: "", pid }, organization_ids, counts),
        pids: [pid],
        peakMemoryMib,
        stop,
      };
    },
  };
}

/** What a team would write otherwise. */
export function peer(
  name: string,
  kind: "postgres" | "redis",
  database: Database,
  organization_ids: readonly string[],
): Contender {
  return {
    name,
    async start(directory) {
      mkdirSync(directory, { recursive: true });
      const { base_url, edge_key, pid, stop } = await startPeer(
        kind,
        database.url,
        directory,
        organization_ids,
      );
      const counts = countsOf(organization_ids);
      const scenarios = authorizeScenarios({ base_url, edge_key, pid }, organization_ids, counts);
      return { scenarios, pids: [pid, database.pid], peakMemoryMib: () => null, stop };
    },
  };
}

/** Redis by itself: no HTTP, no key, no validation. */
export function redisAlone(database: Database): Contender {
  const sample = async (connections: number, seconds: number): Promise<Sample> => {
    const few = redisBenchmark(database.port, redisScript(), connections, 2_000);
    const requests = Math.max(2_000, Math.round(few * seconds));
    const per_second = redisBenchmark(database.port, redisScript(), connections, requests);
    return {
      requests,
      seconds: requests / per_second,
      per_second,
      p50_ms: Number.NaN,
      p99_ms: Number.NaN,
      cpu_us: null,
    };
  };
  return {
    name: "Redis script, no HTTP",
    start: async () => ({
      scenarios: [{ name: "authorize", organizations: 1, operations: 1, sample }],
      pids: [database.pid],
      peakMemoryMib: () => null,
      stop: async () => {},
    }),
  };
}

function authorizeScenarios(
  { base_url, edge_key, pid }: { base_url: string; edge_key: string; pid: number },
  organization_ids: readonly string[],
  counts: readonly number[],
): Scenario[] {
  return counts.map((organizations) => {
    const target = edgeTarget(base_url, edge_key, authorizes(organization_ids.slice(0, organizations)));
    const sample = (connections: number, seconds: number) => drive(target, connections, seconds, [pid]);
    return { name: "authorize", organizations, operations: 1, sample };
  });
}
