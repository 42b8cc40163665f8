// How long the dashboard's pages take, in an organization with few calls and in one with very many.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import {
  type Customer,
  createCustomer,
  type Platform,
  queryD1,
  startPlatform,
} from "../../support/node/platform.ts";
import { PORTAL_PATHS } from "../../support/node/portal-paths.ts";
import { signIn } from "../../support/node/portal-session.ts";
import { buildWorker } from "../../support/node/workerd.ts";
import { until } from "../../support/until.ts";
import { BENCH_SETTINGS } from "./contenders.ts";
import { median, printTable, shown } from "./table.ts";

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });

const FEW = 100;
const MANY = values.quick ? 10_000 : 100_000;
const ROUNDS = values.quick ? 30 : 150;
const CALLS_A_REQUEST = 500;
const DAY_MS = 86_400_000;
const DAYS = 29;
const PROJECTION_LIMIT_MS = 120_000;

const PAGES = PORTAL_PATHS.map(([, path]) => path);

const SETTINGS = {
  ...BENCH_SETTINGS,
  UNAUTHORIZED_SETTLES_PER_HOUR: "1000000",
  PUBLIC_URL: "http://localhost",
  STRIPE_SECRET_KEY: `sk_test_${"0".repeat(24)}`,
  STRIPE_WEBHOOK_SECRET: "whsec_of_the_bench_only_000000",
  // Pages are shown without asking Stripe: nobody is there.
  STRIPE_API_URL: "http://127.0.0.1:9",
};

/** An organization with calls behind it, and the cookie of somebody who is signed in to it. */
interface Member {
  calls: number;
  cookie: string;
  times_ms: Map<string, number[]>;
}

async function main(): Promise<void> {
  const directory = mkdtempSync(`${tmpdir()}/ringfence-pages-`);
  const module = await buildWorker(`${directory}/worker`);
  const platform = await startPlatform({ directory, module, settings: SETTINGS });
  try {
    const members = [await grow(platform, FEW), await grow(platform, MANY)];
    const bytes = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round++)
      for (const page of PAGES)
        for (const member of round % 2 === 0 ? members : members.toReversed())
          bytes.set(page, await ask(platform, member, page));
    print(members, bytes);
  } finally {
    await platform.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Plays the calls of a month, as nodes report them after an outage, and waits until the lists have them. */
async function grow(platform: Platform, calls: number): Promise<Member> {
  const customer = await createCustomer(platform, 1e12);
  const began_ms = performance.now();
  for (let start = 0; start < calls; start += CALLS_A_REQUEST)
    await report(platform, customer, {
      from: start,
      to: Math.min(calls, start + CALLS_A_REQUEST),
      all: calls,
    });
  const sql = "SELECT count(*) AS calls FROM calls WHERE organization_id = ?";
  const arrived = async () =>
    (await queryD1<{ calls: number }>(platform.d1_url, sql, [customer.organization_id]))[0];
  await until("the lists", async () => (await arrived())?.calls === calls, PROJECTION_LIMIT_MS);
  console.log(
    `${calls} calls of ${DAYS} days, after ${((performance.now() - began_ms) / 1_000).toFixed(0)} s`,
  );
  return { calls, cookie: await signIn(platform.base_url, customer.api_key), times_ms: new Map() };
}

async function report(
  { base_url, edge_key }: Platform,
  { organization_id }: Customer,
  { from, to, all }: { from: number; to: number; all: number },
): Promise<void> {
  const operations = Array.from({ length: to - from }, (_, n) => ({
    op: "settle",
    call_id: `past-${from + n}`,
    organization_id,
    direction: n % 2 === 0 ? "inbound" : "outbound",
    from: "+31612345678",
    to: "+31201234567",
    duration_ms: 1_000 + ((from + n) % 200) * 1_000,
    ended_at: new Date(Date.now() - DAYS * DAY_MS * (1 - (from + n) / all)).toISOString(),
    end_reason: "caller_hangup",
  }));
  const answer = await fetch(`${base_url}/api/v1/edge/operations`, {
    method: "POST",
    headers: { authorization: `Bearer ${edge_key}`, "content-type": "application/json" },
    body: JSON.stringify({ operations }),
  });
  const { results } = (await answer.json()) as { results: { status: number }[] };
  const refused = results.find(({ status }) => status !== 200);
  if (refused) throw new Error(`A call was refused: ${JSON.stringify(refused)}`);
}

/** One page, from the request to its last byte; answers how many there were. */
async function ask({ base_url }: Platform, { cookie, times_ms }: Member, page: string): Promise<number> {
  const began_ms = performance.now();
  const answer = await fetch(`${base_url}/billing${page}`, { headers: { cookie } });
  const { byteLength } = await answer.arrayBuffer();
  const took_ms = performance.now() - began_ms;
  if (answer.status !== 200) throw new Error(`/billing${page} answered ${answer.status}.`);
  times_ms.set(page, [...(times_ms.get(page) ?? []), took_ms]);
  return byteLength;
}

function print(members: readonly Member[], bytes: ReadonlyMap<string, number>): void {
  const [few, many] = members.map(
    ({ times_ms }) =>
      (page: string) =>
        median(times_ms.get(page) ?? []),
  );
  if (!few || !many) throw new Error("Two organizations are compared.");
  printTable(
    ["page", `${FEW} calls, ms`, `${MANY} calls, ms`, "ratio", "KB of HTML"],
    PAGES.map((page) => [
      `/billing${page}`,
      shown(few(page), 1),
      shown(many(page), 1),
      shown(many(page) / few(page), 2),
      shown((bytes.get(page) ?? 0) / 1_024, 1),
    ]),
  );
  console.log(`\nMedians of ${ROUNDS} requests one after the other, from the request to the last byte.`);
}

await main();
