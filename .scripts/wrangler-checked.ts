// Runs `wrangler dev` or `wrangler deploy` with the arguments that follow, once the settings are right and D1 has its tables.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseArgs, parseEnv } from "node:util";
import { unstable_getVarsForDev, unstable_readConfig } from "wrangler";
import { refuseWrong } from "./settings.ts";
import { WRANGLER, wrangler } from "./wrangler.ts";
import type { StatedSettings } from "./wrong-settings.ts";

const [what, ...args] = process.argv.slice(2);

const { values } = parseArgs({
  args,
  strict: false,
  options: {
    env: { type: "string", short: "e" },
    config: { type: "string", short: "c" },
    "env-file": { type: "string", multiple: true },
    "secrets-file": { type: "string" },
    var: { type: "string", multiple: true },
    "dry-run": { type: "boolean" },
  },
}) as {
  values: { env?: string; config?: string; var?: string[]; "dry-run"?: boolean } & {
    "env-file"?: string[];
    "secrets-file"?: string;
  };
};

const environment = values.env ?? process.env.CLOUDFLARE_ENV;

/** What says which Worker is meant, for commands before the one that was asked for. */
const which = [
  ...(values.env ? ["--env", values.env] : []),
  ...(values.config ? ["--config", values.config] : []),
];

/** If the secrets at Cloudflare cannot be listed: those that are needed beside others are taken to be there. */
const UNLISTED = ["KEY_SECRETS", "DIALER_SECRET", "STRIPE_WEBHOOK_SECRET"];

function configured(): { path: string | undefined; vars: Record<string, unknown> } {
  const { vars, configPath } = unstable_readConfig({ config: values.config, env: environment });
  const stated = (values.var ?? []).map((pair) => pair.split(/:(.*)/s).slice(0, 2));
  return { path: configPath, vars: { ...vars, ...Object.fromEntries(stated) } };
}

function settingsHere(): StatedSettings {
  const { path, vars } = configured();
  const found = unstable_getVarsForDev(path, values["env-file"], vars as never, environment, true);
  const variables = Object.fromEntries(Object.entries(found).map(([name, { value }]) => [name, value]));
  return { variables, vars: Object.keys(vars), hidden: [] };
}

async function settingsThere(): Promise<StatedSettings> {
  const { vars } = configured();
  const file = values["secrets-file"];
  const secrets = file ? secretsIn(readFileSync(file, "utf8")) : {};
  return { variables: { ...vars, ...secrets }, vars: Object.keys(vars), hidden: await secretNames() };
}

function secretsIn(text: string): Record<string, unknown> {
  return text.trimStart().startsWith("{") ? JSON.parse(text) : parseEnv(text);
}

async function secretNames(): Promise<string[]> {
  if (values["dry-run"]) return UNLISTED;
  try {
    const listed = JSON.parse(await wrangler(["secret", "list", "--format", "json", ...which]));
    return (listed as { name: string }[]).map(({ name }) => name);
  } catch {
    console.warn("The secrets at Cloudflare could not be listed, so which there are is not checked.");
    return UNLISTED;
  }
}

/** Runs wrangler at this terminal; ends this process when that fails. */
function run(...command: string[]): void {
  const [node, script] = WRANGLER;
  const { status } = spawnSync(node, [script, ...command], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

async function main(): Promise<void> {
  if (what !== "dev" && what !== "deploy") throw new Error("Say dev or deploy.");
  const is_deploy = what === "deploy";
  await refuseWrong(is_deploy ? await settingsThere() : settingsHere());
  const where = is_deploy ? "--remote" : "--local";
  if (!values["dry-run"]) run("d1", "migrations", "apply", "DB", where, ...which);
  run(what, ...args);
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
