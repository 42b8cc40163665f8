import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { ROOT } from "../../../.scripts/wrangler.ts";
import { mintApiKey, parseKeySecrets } from "../../../src/units/api-key-format.ts";
import { newId } from "../../../src/units/id.ts";
import { bundleForNode } from "./bundle.ts";

const PEERS = `${ROOT}test/programs/bench/peers`;

export interface Peer {
  base_url: string;
  edge_key: string;
  pid: number;
  stop(): Promise<void>;
}

/** The script that decides inside Redis. */
export function redisScript(): string {
  return readFileSync(`${PEERS}/authorize.lua`, "utf8");
}

/** Runs one peer in a Node of its own. */
export async function startPeer(
  name: "postgres" | "redis",
  url: string,
  directory: string,
  organization_ids: readonly string[],
): Promise<Peer> {
  const module = await bundleForNode(`${PEERS}/${name}.ts`, `${directory}/${name}.mjs`);
  const key_secrets = `1:${randomBytes(32).toString("base64url")}`;
  const ids = { key_id: newId("key"), organization_id: null };
  const { key, hash } = await mintApiKey("edge", ids, parseKeySecrets(key_secrets));
  const env = {
    ...process.env,
    NODE_ENV: "production",
    KEY_SECRETS: key_secrets,
    EDGE_KEY_HASH: hash,
    ORGANIZATION_IDS: organization_ids.join(","),
    POSTGRES_URL: url,
    REDIS_URL: url,
    REDIS_SCRIPT: `${PEERS}/authorize.lua`,
  };
  const child = spawn(process.execPath, [module], { env, stdio: ["ignore", "pipe", "inherit"] });
  const atExit = () => child.kill("SIGKILL");
  process.once("exit", atExit);
  const port = await portOf(child, name);
  const stop = async () => {
    process.off("exit", atExit);
    child.kill("SIGTERM");
    if (child.exitCode === null) await once(child, "exit");
  };
  return { base_url: `http://127.0.0.1:${port}`, edge_key: key, pid: child.pid ?? 0, stop };
}

function portOf(child: ChildProcess, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error(`The ${name} peer ended at its start.`)));
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      const port = /listening (\d+)/.exec(text)?.[1];
      if (port) resolve(port);
    });
  });
}
