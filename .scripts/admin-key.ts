import { readFileSync } from "node:fs";
import { parseArgs, parseEnv } from "node:util";
import { mintApiKey, parseKeySecrets } from "../src/units/api-key-format.ts";
import { newId } from "../src/units/id.ts";
import { ROOT, wrangler } from "./wrangler.ts";

/**
 * Makes an admin key without having one: mints it with the newest of the secrets and puts its hash straight into D1.
 * All later keys are made by `POST /admin/keys`.
 *
 * @param where which database: `["--remote"]`, or `["--local"]` with or without `--persist-to`
 * @returns the key, which nothing else will ever show again
 */
export async function makeAdminKey(key_secrets: string, where: readonly string[]): Promise<string> {
  const key_id = newId("key");
  const ids = { key_id, organization_id: null };
  const { key, hash } = await mintApiKey("admin", ids, parseKeySecrets(key_secrets));
  const row = `'${key_id}', 'admin', '${hash}', 'made with npm run admin-key', '[]', ${Date.now()}`;
  const columns = "key_id, kind, hash, label, scopes, created_at_ms";
  const insert = `INSERT INTO platform_keys (${columns}) VALUES (${row})`;
  await wrangler(["d1", "execute", "DB", ...where, "--yes", "--command", insert]);
  return key;
}

function keySecrets(): string {
  if (process.env.KEY_SECRETS) return process.env.KEY_SECRETS;
  try {
    return parseEnv(readFileSync(`${ROOT}.dev.vars`, "utf8")).KEY_SECRETS ?? "";
  } catch {
    return "";
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { remote: { type: "boolean", default: false } } });
  const key_secrets = keySecrets();
  if (!key_secrets)
    throw new Error("Set KEY_SECRETS in the environment or in .dev.vars to the secrets of the deployment.");
  const key = await makeAdminKey(key_secrets, [values.remote ? "--remote" : "--local"]);
  console.log(key);
  console.error("This admin key may do everything and is not shown again.");
}

if (import.meta.main)
  await main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
