import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { unstable_readConfig } from "wrangler";
import { firstAdminKey, makeAdminKey } from "../../../.scripts/admin-key.ts";
import { refuseWrong } from "../../../.scripts/settings.ts";
import { ROOT, wrangler } from "../../../.scripts/wrangler.ts";
import { freePort, isTaken } from "./port.ts";
import { type ServerProcess, startProcess } from "./server-process.ts";

export interface ServeOptions {
  /** Keeps all data of the server; a later start with the same directory goes on with it. */
  persistTo: string;
  /** Any free one when left out. */
  port?: number;
  /** Variables of `.dev.vars.example`. */
  settings?: Record<string, string>;
  /** Keeps the server's own output from the terminal. It is in `server.log` of the directory either way. */
  quiet?: boolean;
  /** Hears what is being done, for people who wait. */
  progress?(step: string): void;
}

export interface RunningServer {
  base_url: string;
  admin_key: string;
  edge_key: string;
  /** Ends the server and everything that it started. */
  stop(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
}

/** What a directory's servers have in common. */
interface Kept {
  key_secrets: string;
  admin_key: string;
  edge_key: string | null;
  migrations: string[];
}

/** Runs the Worker on this machine, as `wrangler dev` does, with no account and no network. */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const directory = resolve(options.persistTo);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  await refuseSecondServer(directory);
  const port = options.port ?? (await freePort());
  if (await isTaken(port)) throw new Error(`Port ${port} is taken. Choose another one with PORT=…`);
  const { vars } = unstable_readConfig({ config: `${ROOT}wrangler.toml` });
  const stated = { ...vars, ...options.settings };
  const any_secret = `1:${randomBytes(32).toString("base64url")}`;
  await refuseWrong({
    variables: { KEY_SECRETS: any_secret, ...stated },
    vars: Object.keys(vars),
    hidden: [],
  });
  const kept = await prepare(directory, options.progress);
  options.progress?.("Starting the Worker");
  const variables = { KEY_SECRETS: kept.key_secrets, ...options.settings };
  const server = await startProcess({ directory, port, variables, quiet: options.quiet ?? false });
  writeSecret(`${directory}/running.json`, { pid: server.pid, port });
  try {
    const edge_key = await edgeKey(directory, server, kept);
    const { base_url } = server;
    return { base_url, admin_key: kept.admin_key, edge_key, stop: server.stop, kill: server.kill };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Two servers on the same data would each believe that they alone change it. */
async function refuseSecondServer(directory: string): Promise<void> {
  const running = readJson<{ pid: number; port: number }>(`${directory}/running.json`);
  if (!running || !isAlive(running.pid) || !(await isTaken(running.port))) return;
  throw new Error(
    `Ringfence runs already at http://127.0.0.1:${running.port}, with the data in ${directory}. ` +
      `Stop it with Ctrl-C where it was started; if that terminal is gone: kill -- -${running.pid}`,
  );
}

/** Brings the database up to date and makes what is made once. A directory that is up to date costs no time. */
async function prepare(directory: string, progress: ServeOptions["progress"]): Promise<Kept> {
  const file = `${directory}/keys.json`;
  const known = readJson<Kept>(file);
  const local = ["--local", "--persist-to", directory];
  const migrations = readdirSync(`${ROOT}migrations`).filter((name) => name.endsWith(".sql"));
  if (!known || migrations.some((name) => !known.migrations.includes(name))) {
    progress?.("Applying the database migrations");
    await wrangler(["d1", "migrations", "apply", "DB", ...local]);
  }
  if (known) {
    const kept = { ...known, migrations };
    writeSecret(file, kept);
    return kept;
  }
  progress?.("Making an admin key");
  const key_secrets = `1:${randomBytes(32).toString("base64url")}`;
  const admin_key = await makeAdminKey(key_secrets, local, firstAdminKey(Date.now()));
  const kept = { key_secrets, admin_key, edge_key: null, migrations };
  writeSecret(file, kept);
  return kept;
}

/** The edge key of this directory. Asking for it also shows that the admin key belongs to the data. */
async function edgeKey(directory: string, { base_url }: ServerProcess, kept: Kept): Promise<string> {
  if (kept.edge_key) return kept.edge_key;
  const response = await fetch(`${base_url}/api/v1/admin/keys`, {
    method: "POST",
    headers: { authorization: `Bearer ${kept.admin_key}`, "content-type": "application/json" },
    body: JSON.stringify({ kind: "edge", label: "local node", scopes: ["calls", "correct"] }),
  });
  const text = await response.text();
  if (response.status !== 201)
    throw new Error(
      `The server would not make an edge key (${response.status}): ${text}\n` +
        `If the data and the keys in ${directory} do not belong together, remove it to begin anew.`,
    );
  const { key } = JSON.parse(text) as { key: string };
  writeSecret(`${directory}/keys.json`, { ...kept, edge_key: key });
  return key;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function readJson<Content>(file: string): Content | null {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Content;
  } catch {
    return null;
  }
}

/** Writes for this user only. A file that was there is replaced, so that its mode counts too. */
function writeSecret(file: string, content: object): void {
  rmSync(file, { force: true });
  writeFileSync(file, JSON.stringify(content, null, 2), { mode: 0o600 });
}
