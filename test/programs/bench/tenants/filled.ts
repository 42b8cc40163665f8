import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { performance } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";
import { ROOT } from "../../../../.scripts/wrangler.ts";
import {
  type Customer,
  createCustomer,
  type Platform,
  queryD1,
  startPlatform,
} from "../../../support/node/platform.ts";
import { startWorkerd } from "../../../support/node/workerd.ts";
import { until } from "../../../support/until.ts";
import { bundleForWorkerd } from "../bundle.ts";
import { BENCH_SETTINGS } from "../contenders.ts";
import { authorizeMany, say, settles } from "../traffic.ts";

/** An organization with calls behind it, and all its keys. */
export interface Tenant {
  organization_id: string;
  api_keys: string[];
  calls: number;
  /** Between which instants its calls began. */
  from_ms: number;
  until_ms: number;
}

/** The two that share a deployment. */
export interface Tenants {
  large: Tenant;
  neighbour: Tenant;
}

/** As many as an organization may have; the neighbour needs so many that its requests stay within the limit of each. */
const KEYS = { large: 100, neighbour: 10 };
const CREDIT_MICROS = 1e14;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const DAYS = 29;
const PORTION = 100_000;
const ARRIVE_LIMIT_MS = 30_000;

/** A buyer in Brussels, who pays no VAT to a seller in Amsterdam. */
const PROFILE = {
  company_name: "Bench Telecom",
  email: "billing@example.com",
  address: { line1: "Rue de la Loi 16", postal_code: "1000", city: "Brussels", country: "BE" },
  is_business: true,
  vat_id: "BE 0999.999.922",
};

/**
 * Puts into `directory` the data of a platform with the two organizations. They are made once and kept below `.wrangler`, until
 * a table or how they are filled changes.
 */
export async function fillTenants(directory: string, module: string, calls: number): Promise<Tenants> {
  const kept = `${ROOT}.wrangler/bench/tenants-${calls}-${fingerprint()}`;
  if (!existsSync(kept)) {
    const unfinished = `${kept}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    await fill(unfinished, module, calls);
    renameSync(unfinished, kept);
  }
  cpSync(kept, directory, { recursive: true });
  return JSON.parse(readFileSync(`${directory}/tenants.json`, "utf8")) as Tenants;
}

function fingerprint(): string {
  const hash = createHash("sha256").update(readFileSync(import.meta.filename));
  for (const name of readdirSync(`${ROOT}migrations`).sort())
    hash.update(readFileSync(`${ROOT}migrations/${name}`));
  return hash.digest("hex").slice(0, 12);
}

async function fill(directory: string, module: string, calls: number): Promise<void> {
  const began_ms = performance.now();
  const tell = (what: string) =>
    console.log(`${what}, after ${((performance.now() - began_ms) / 1_000).toFixed(0)} s`);
  const settings = { ...BENCH_SETTINGS, PUBLIC_URL: "http://localhost" };
  const platform = await startPlatform({ directory, module, settings });
  const until_ms = Math.floor(Date.now() / HOUR_MS - 1) * HOUR_MS;
  const range = { from_ms: until_ms - DAYS * DAY_MS, until_ms };
  const large: Tenant = { ...(await newTenant(platform, KEYS.large)), calls, ...range };
  const neighbour: Tenant = { ...(await newTenant(platform, KEYS.neighbour)), calls: 1_000, ...range };
  await platform.stop();
  for (const tenant of [neighbour, large]) copyCalls(directory, tenant, tell);
  await rollUp(directory, tell);
  writeFileSync(`${directory}/tenants.json`, JSON.stringify({ large, neighbour }), { mode: 0o600 });
}

/** With a billing profile, its keys, and one call of which the others are made. */
async function newTenant(
  platform: Platform,
  keys: number,
): Promise<Pick<Tenant, "organization_id" | "api_keys">> {
  const customer = await createCustomer(platform, CREDIT_MICROS);
  const { organization_id } = customer;
  await ask(platform, customer, "PUT", "/billing_profile", PROFILE);
  const api_keys = [customer.api_key];
  while (api_keys.length < keys) {
    const body = { label: `Key ${api_keys.length}`, scopes: ["read", "calls", "keys", "billing"] };
    api_keys.push((await ask<{ key: string }>(platform, customer, "POST", "/api_keys", body)).key);
  }
  const live = await authorizeMany(platform, [organization_id], 1);
  await say(platform, settles(live).next());
  const sql = "SELECT count(*) AS calls FROM calls WHERE organization_id = ?";
  const count = async () =>
    (await queryD1<{ calls: number }>(platform.d1_url, sql, [organization_id]))[0]?.calls;
  await until("the lists", async () => (await count()) === 1, ARRIVE_LIMIT_MS);
  return { organization_id, api_keys };
}

async function ask<Answer>(
  { base_url }: Platform,
  { api_key }: Customer,
  method: string,
  path: string,
  body: object,
): Promise<Answer> {
  const headers = { authorization: `Bearer ${api_key}`, "content-type": "application/json" };
  const answer = await fetch(`${base_url}/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text}`);
  return JSON.parse(text) as Answer;
}

/** What differs from the one call; `n` counts them. Nobody has counted them yet: that is left to the cron. */
const DIFFERENT: Record<string, string> = {
  call_id: "printf('call_past_%08d', n)",
  started_at_ms: "$from_ms + n * ($until_ms - $from_ms) / $calls",
  answered_at_ms: "$from_ms + n * ($until_ms - $from_ms) / $calls + 4000",
  ended_at_ms: "$from_ms + n * ($until_ms - $from_ms) / $calls + 4000 + n % 200 * 1000",
  outcome: "iif(n % 10 = 9, 'rejected', outcome)",
  reject_reason: "iif(n % 10 = 9, 'insufficient_credits', reject_reason)",
  charged_at_ms: "iif(n % 10 = 9, NULL, $from_ms + n * ($until_ms - $from_ms) / $calls + 240000)",
  charged_micros: "iif(n % 10 = 9, 0, charged_micros)",
  fee_micros: "iif(n % 10 = 9, 0, fee_micros)",
  duration_ms: "iif(n % 10 = 9, 0, n % 200 * 1000)",
  direction: "iif(n % 2 = 0, 'inbound', 'outbound')",
  from_number: "iif(n % 2 = 0, printf('+316%08d', n * 7919 % 20000), printf('+3120%07d', n % 50))",
  to_number: "iif(n % 2 = 0, printf('+3120%07d', n % 50), printf('+316%08d', n * 7919 % 20000))",
  number: "printf('+3120%07d', n % 50)",
  first_entry_seq: "n + 10",
  counted: "NULL",
};

/** Fills in the rows of calls by SQL, while workerd is down: through the ledger a million would take an hour. */
function copyCalls(directory: string, tenant: Tenant, tell: (what: string) => void): void {
  const database = new DatabaseSync(databaseFile(directory));
  const { organization_id, calls, from_ms, until_ms } = tenant;
  database.exec("PRAGMA synchronous = OFF");
  const names = database
    .prepare("SELECT name FROM pragma_table_info('calls')")
    .all()
    .map(({ name }) => String(name));
  const insert = database.prepare(`
    WITH RECURSIVE numbers (n) AS (SELECT $first UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < $end)
    INSERT INTO calls (${names.join(", ")})
    SELECT ${names.map((name) => DIFFERENT[name] ?? name).join(", ")}
    FROM numbers, (SELECT * FROM calls WHERE organization_id = $organization_id ORDER BY started_at_ms DESC LIMIT 1)`);
  for (let first = 0; first < calls; first += PORTION) {
    const end = Math.min(calls, first + PORTION);
    insert.run({
      $first: first,
      $end: end,
      $organization_id: organization_id,
      $calls: calls,
      $from_ms: from_ms,
      $until_ms: until_ms,
    });
    tell(`${end} calls of ${calls} stand in D1`);
  }
  database.close();
}

function databaseFile(directory: string): string {
  const folder = `${directory}/d1-data/D1DatabaseObject`;
  const name = readdirSync(folder).find((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite");
  if (!name) throw new Error("The platform has no D1.");
  return `${folder}/${name}`;
}

/** Runs the Worker's own cron until all hours are added up. */
async function rollUp(directory: string, tell: (what: string) => void): Promise<void> {
  const entry = `${import.meta.dirname}/roll-up.ts`;
  const module = await bundleForWorkerd(entry, `${directory}/roll-up.js`);
  const server = await startWorkerd(directory, { module, stores: true, settings: {} });
  const sql = "SELECT count(*) AS hours FROM usage_marks WHERE hour_ms + ? < ?";
  const left = async () =>
    (await queryD1<{ hours: number }>(server.d1_url ?? "", sql, [2 * HOUR_MS, Date.now()]))[0]?.hours ?? 0;
  try {
    for (let hours = await left(); hours > 0; hours = await left()) {
      tell(`${hours} hours are to be added up`);
      const answer = await fetch(server.base_url);
      if (!answer.ok) throw new Error(`The cron answered ${answer.status}: ${await answer.text()}`);
      await answer.arrayBuffer();
    }
  } finally {
    await server.stop();
  }
}
