import { env } from "cloudflare:workers";
import { type Bindings, readSettings } from "../../../src/env";
import { insertPlatformKey } from "../../../src/storage/accounts/platform-keys";
import { openDatabase } from "../../../src/storage/database";
import { mintApiKey } from "../../../src/units/api-key-format";
import { newId } from "../../../src/units/id";
import { type Answer, api } from "./api";

export const bindings: Bindings = env;
export const ORIGIN = "https://ringfence.test";

/** Sends a request to the Worker as a client with this key would; the answer is held to the contract. */
export function ask(key: string, method: string, path: string, body?: unknown): Promise<Answer> {
  return api(method, `/api/v1${path}`, { key, body });
}

/** Posts under an `Idempotency-Key`. */
export function postOnce(key: string, path: string, body: unknown, idempotency_key: string): Promise<Answer> {
  return api("POST", `/api/v1${path}`, { key, body, headers: { "Idempotency-Key": idempotency_key } });
}

/** An edge or admin key as the start script makes the first one: straight in D1, not in KV. */
export async function platformKey(
  kind: "edge" | "admin",
  limits: { organization_ids?: string[]; scopes?: ("calls" | "correct")[] } = {},
): Promise<string> {
  const key_id = newId("key");
  const ids = { key_id, organization_id: null };
  const { key, hash } = await mintApiKey(kind, ids, readSettings(bindings).key_secrets);
  await insertPlatformKey(openDatabase(env), {
    key_id,
    kind,
    hash,
    label: "test",
    organization_ids: limits.organization_ids ?? null,
    scopes: limits.scopes ?? ["calls"],
    created_at_ms: Date.now(),
    expires_at_ms: null,
    revoked_at_ms: null,
  });
  return key;
}

/** A new organization, made and funded through the admin API. */
export async function newOrganization(admin: string, credit_micros: number, changes: object = {}) {
  const made = await ask(admin, "POST", "/admin/organizations", { company_name: "Test Ltd", ...changes });
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  const { id, api_key } = made.body as { id: string; api_key: string };
  if (credit_micros > 0)
    await postOnce(
      admin,
      `/admin/organizations/${id}/adjustments`,
      { amount_micros: credit_micros, reason: "credit", kind: "adjustment" },
      "opening",
    );
  return { id, api_key };
}

/** Gives a number to an organization: whoever had it has it no more. */
export async function giveNumber(admin: string, organization_id: string, number: string, marks: object = {}) {
  const body = { organization_id, ...marks };
  const given = await ask(admin, "PUT", `/admin/numbers/${number}`, body);
  if (given.status !== 200) throw new Error(JSON.stringify(given.body));
}

/** What authorize needs besides the call_id. */
export function outbound(organization_id: string) {
  return { direction: "outbound", organization_id, from: "+31201234567", to: "+31207654321" };
}
