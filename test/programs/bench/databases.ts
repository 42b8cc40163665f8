import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { freePort, isTaken } from "../../support/node/port.ts";

export interface Database {
  url: string;
  port: number;
  pid: number;
  stop(): Promise<void>;
}

const START_LIMIT_MS = 15_000;
const POSTGRES_BIN = "/usr/lib/postgresql";

/** A private PostgreSQL with its defaults, which wait for the disk at every commit; null when it is not installed. */
export async function startPostgres(): Promise<Database | null> {
  const bin = postgresBin();
  if (!bin) return null;
  // Its user may not enter a directory of ours.
  const data = mkdtempSync(`${tmpdir()}/ringfence-postgres-`);
  const user = unprivilegedUser();
  if (user) chownSync(data, user.uid, user.gid);
  const made = spawnSync(
    `${bin}/initdb`,
    ["-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--no-sync"],
    {
      ...user,
      encoding: "utf8",
    },
  );
  if (made.status !== 0) throw new Error(`initdb failed:\n${made.stderr}`);
  const port = await freePort();
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    port,
    shared_buffers: "256MB",
  };
  const durable = { fsync: "on", synchronous_commit: "on" };
  const flags = Object.entries({ ...settings, ...durable }).flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`,
  ]);
  const child = spawn(`${bin}/postgres`, ["-D", data, ...flags], { ...user, stdio: "ignore" });
  const url = `postgres://bench@127.0.0.1:${port}/postgres`;
  const database = await running(child, { url, port }, "SIGINT");
  const stop = () => database.stop().finally(() => rmSync(data, { recursive: true, force: true }));
  return { ...database, stop };
}

/** A private Redis that waits for the disk before it answers; null when it is not installed. */
export async function startRedis(directory: string): Promise<Database | null> {
  if (!hasCommand("redis-server")) return null;
  const data = `${directory}/redis`;
  mkdirSync(data, { recursive: true });
  const port = await freePort();
  const flags = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", data, "--save", ""];
  const durable = ["--appendonly", "yes", "--appendfsync", "always"];
  const child = spawn("redis-server", [...flags, ...durable], { stdio: "ignore" });
  return running(child, { url: `redis://127.0.0.1:${port}`, port }, "SIGTERM");
}

/** How many evaluations a second Redis answers when nothing but its own benchmark asks it. */
export function redisBenchmark(port: number, script: string, connections: number, requests: number): number {
  const redis = (...args: string[]) =>
    execFileSync("redis-cli", ["-p", `${port}`, ...args], { encoding: "utf8" });
  const sha = redis("SCRIPT", "LOAD", script).trim();
  redis(
    "HSET",
    "organization:alone",
    "posted_micros",
    "1000000000000000",
    "held_micros",
    "0",
    "live_calls",
    "0",
  );
  const load = ["-c", `${connections}`, "-n", `${requests}`, "-r", "2000000000", "--csv"];
  const call = ["EVALSHA", sha, "2", "organization:alone", "call:__rand_int__"];
  const output = execFileSync(
    "redis-benchmark",
    ["-p", `${port}`, ...load, ...call, "inbound +31201234567 +31207654321", "70000", "5", "60"],
    { encoding: "utf8" },
  );
  return Number(/,"([\d.]+)"/.exec(output.trim().split("\n").at(-1) ?? "")?.[1]);
}

export function hasCommand(name: string): boolean {
  return (process.env.PATH ?? "").split(":").some((directory) => existsSync(`${directory}/${name}`));
}

function postgresBin(): string | null {
  const versions = existsSync(POSTGRES_BIN) ? readdirSync(POSTGRES_BIN) : [];
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  return newest ? `${POSTGRES_BIN}/${newest}/bin` : null;
}

/** PostgreSQL will not run as root: its package has made a user for it. */
function unprivilegedUser(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

async function running(
  child: ChildProcess,
  { url, port }: { url: string; port: number },
  end: NodeJS.Signals,
): Promise<Database> {
  const atExit = () => child.kill("SIGKILL");
  process.once("exit", atExit);
  const until_ms = Date.now() + START_LIMIT_MS;
  while (!(await isTaken(port))) {
    if (child.exitCode !== null || Date.now() > until_ms) throw new Error(`${url} did not start.`);
    await pause(20);
  }
  const stop = async () => {
    process.off("exit", atExit);
    if (child.exitCode !== null) return;
    child.kill(end);
    await once(child, "exit");
  };
  return { url, port, pid: child.pid ?? 0, stop };
}
