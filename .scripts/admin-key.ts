import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseArgs, parseEnv } from "node:util";
import { ADMIN_KEY_DAYS, ADMIN_RIGHTS, mintApiKey, parseKeySecrets } from "../src/units/api-key-format.ts";
import { DAY_MS } from "../src/units/duration.ts";
import { newId } from "../src/units/id.ts";
import { newestSecret } from "../src/units/seal.ts";
import { ROOT, wrangler } from "./wrangler.ts";

const LABEL = "made with npm run admin-key";

/** What is asked for: rights, and when the key ends, in Unix milliseconds. */
export interface StatedAdminKey {
  rights: (typeof ADMIN_RIGHTS)[number];
  expires_at_ms: number;
}

/** A key that may do all, for a year: what `POST /admin/keys` makes when nothing else is said. */
export function firstAdminKey(now_ms: number): StatedAdminKey {
  return { rights: "all", expires_at_ms: now_ms + ADMIN_KEY_DAYS * DAY_MS };
}

/**
 * Makes an admin key without having one: mints it with the newest of the secrets and puts its hash straight into D1, with a row of the audit.
 * All later keys are made by `POST /admin/keys`.
 *
 * @param where which database: `["--remote"]`, or `["--local"]` with or without `--persist-to`
 * @returns the key, which nothing else will ever show again
 */
export async function makeAdminKey(
  key_secrets: string,
  where: readonly string[],
  { rights, expires_at_ms }: StatedAdminKey,
): Promise<string> {
  const key_id = newId("key");
  const ids = { key_id, organization_id: null };
  const secrets = parseKeySecrets(key_secrets);
  const { key, hash } = await mintApiKey("admin", ids, secrets);
  const now_ms = Date.now();
  const stated = { kind: "admin", label: LABEL, rights, expires_at_ms };
  const insert = insertInto("platform_keys", {
    ...stated,
    key_id,
    hash,
    scopes: "[]",
    created_at_ms: now_ms,
    secret_version: newestSecret(secrets).version,
  });
  const audit = insertInto("audit", {
    id: newId("aud"),
    at_ms: now_ms,
    key_id: "system",
    actor_kind: "system",
    action: "key.create",
    detail: JSON.stringify({ key_id, ...stated, organization_ids: null, scopes: [] }),
    outcome: "done",
    salt: randomBytes(16).toString("hex"),
  });
  await wrangler(["d1", "execute", "DB", ...where, "--yes", "--command", `${insert}; ${audit}`]);
  return key;
}

/** All values are of our own making: none has a quote in it. */
function insertInto(table: string, row: Record<string, string | number>): string {
  const values = Object.values(row).map((value) => (typeof value === "string" ? `'${value}'` : value));
  return `INSERT INTO ${table} (${Object.keys(row).join(", ")}) VALUES (${values.join(", ")})`;
}

function keySecrets(): string {
  if (process.env.KEY_SECRETS) return process.env.KEY_SECRETS;
  try {
    return parseEnv(readFileSync(`${ROOT}.dev.vars`, "utf8")).KEY_SECRETS ?? "";
  } catch {
    return "";
  }
}

/** What the command line asks for; throws an error that says what to put right. */
function statedKey(rights = "all", expires_at: string | undefined, now_ms: number): StatedAdminKey {
  const first = firstAdminKey(now_ms);
  const known = ADMIN_RIGHTS.find((each) => each === rights);
  if (!known) throw new Error(`--rights: one of ${ADMIN_RIGHTS.join(", ")}.`);
  const expires_at_ms = expires_at === undefined ? first.expires_at_ms : Date.parse(expires_at);
  if (!(expires_at_ms > now_ms))
    throw new Error("--expires-at: a time to come, such as 2030-06-30 or 2030-06-30T12:00:00Z.");
  return { rights: known, expires_at_ms };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      remote: { type: "boolean", default: false },
      rights: { type: "string" },
      "expires-at": { type: "string" },
    },
  });
  const stated = statedKey(values.rights, values["expires-at"], Date.now());
  const key_secrets = keySecrets();
  if (!key_secrets)
    throw new Error("Set KEY_SECRETS in the environment or in .dev.vars to the secrets of the deployment.");
  const key = await makeAdminKey(key_secrets, [values.remote ? "--remote" : "--local"], stated);
  console.log(key);
  const end = new Date(stated.expires_at_ms).toISOString();
  console.error(`This admin key has the rights "${stated.rights}" until ${end}, and is not shown again.`);
}

if (import.meta.main)
  await main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
