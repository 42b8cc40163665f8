import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { ROOT } from "../../../.scripts/wrangler.ts";
import { mintApiKey, parseKeySecrets } from "../../../src/units/api-key-format.ts";
import { newId } from "../../../src/units/id.ts";
import { type RunningWorkerd, startWorkerd } from "./workerd.ts";

export interface Platform extends RunningWorkerd {
  d1_url: string;
  edge_key: string;
  admin_key: string;
}

export interface PlatformOptions {
  /** Keeps all data; a later start with the same directory goes on with it. */
  directory: string;
  /** The built Worker, from `buildWorker`. */
  module: string;
  /** Variables of `.dev.vars.example`. */
  settings?: Record<string, string>;
  /** Lets the Worker ask what listens on this machine. */
  asks_this_machine?: boolean;
  inspect?: boolean;
}

/** What a directory's platforms have in common. */
interface Keys {
  key_secrets: string;
  admin_key: string;
  edge_key: string;
}

/** Runs the built Worker in workerd itself, with its tables and a first key of each kind. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { directory, module, asks_this_machine, inspect } = options;
  const file = `${directory}/keys.json`;
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Keys) : null;
  const key_secrets = known?.key_secrets ?? `1:${randomBytes(32).toString("base64url")}`;
  const objects = [
    { binding: "LEDGER", class_name: "OrganizationLedger" },
    { binding: "WEBHOOKS", class_name: "OrganizationWebhooks" },
  ];
  const settings = { KEY_SECRETS: key_secrets, ...options.settings };
  const worker = { module, objects, stores: true, settings, asks_this_machine };
  const server = await startWorkerd(directory, worker, { inspect });
  const { d1_url } = server;
  try {
    if (d1_url === null) throw new Error("The platform has no D1.");
    const keys = known ?? (await prepare(d1_url, key_secrets));
    if (!known) writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
    return { ...server, ...keys, d1_url };
  } catch (error) {
    await server.kill();
    throw error;
  }
}

async function prepare(d1_url: string, key_secrets: string): Promise<Keys> {
  for (const name of readdirSync(`${ROOT}migrations`).sort())
    await queryD1(d1_url, readFileSync(`${ROOT}migrations/${name}`, "utf8"));
  const admin_key = await insertKey(d1_url, key_secrets, "admin");
  const edge_key = await insertKey(d1_url, key_secrets, "edge");
  return { key_secrets, admin_key, edge_key };
}

async function insertKey(d1_url: string, key_secrets: string, kind: "admin" | "edge"): Promise<string> {
  const key_id = newId("key");
  const ids = { key_id, organization_id: null };
  const { key, hash } = await mintApiKey(kind, ids, parseKeySecrets(key_secrets));
  const row = [key_id, kind, hash, "test", '["calls","correct"]', Date.now()];
  const columns = "key_id, kind, hash, label, scopes, created_at_ms";
  await queryD1(d1_url, `INSERT INTO platform_keys (${columns}) VALUES (?, ?, ?, ?, ?, ?)`, row);
  return key;
}

/** Asks the D1 simulator itself, past the Worker. Answers the rows of the last statement. */
export async function queryD1<Row>(
  d1_url: string,
  sql: string,
  params: readonly (string | number | null)[] = [],
): Promise<Row[]> {
  const response = await fetch(`${d1_url}/query`, { method: "POST", body: JSON.stringify({ sql, params }) });
  const answer = (await response.json()) as { results: Row[] }[] | { error: string };
  if (!Array.isArray(answer)) throw new Error(`D1: ${answer.error}`);
  return answer.at(-1)?.results ?? [];
}

export interface Customer {
  organization_id: string;
  api_key: string;
}

/** A new organization with credit. */
export async function createCustomer(platform: Platform, credit_micros: number): Promise<Customer> {
  const { id, api_key } = await askAdmin<{ id: string; api_key: string }>(platform, "/organizations", {
    company_name: "Bench Ltd",
  });
  await askAdmin(
    platform,
    `/organizations/${id}/adjustments`,
    { amount_micros: credit_micros, reason: "to call with", kind: "adjustment" },
    { "idempotency-key": `credit-${id}` },
  );
  return { organization_id: id, api_key };
}

/** POSTs to the admin API, or GETs when there is no body. */
export async function askAdmin<Answer>(
  { base_url, admin_key }: Platform,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${base_url}/api/v1/admin${path}`, {
    method: body ? "POST" : "GET",
    headers: { authorization: `Bearer ${admin_key}`, "content-type": "application/json", ...headers },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text) as Answer;
}
