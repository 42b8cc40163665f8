import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { wrangler } from "../../../.scripts/wrangler.ts";
import { type WorkerdWorker, workerdConfig } from "./workerd-config.ts";

export interface RunningWorkerd {
  pid: number;
  base_url: string;
  /** The D1 simulator itself, null when the Worker has no stores. */
  d1_url: string | null;
  /** Where `--inspector-addr` listens, when asked for. */
  inspector: string | null;
  /** The most memory that the process has held so far. */
  peakMemoryMib(): number;
  stop(): Promise<void>;
  /** SIGKILL: the process gets no chance to write anything more. */
  kill(): Promise<void>;
}

/** The package names the binary of this platform. */
const WORKERD = (createRequire(import.meta.url)("workerd") as { default: string }).default;
const START_LIMIT_MS = 30_000;

/** Builds the Worker as `wrangler deploy` would and answers the path of the module. */
export async function buildWorker(out: string): Promise<string> {
  await wrangler(["deploy", "--dry-run", "--outdir", out]);
  return resolve(out, "index.js");
}

/**
 * Runs a Worker in workerd itself. Nothing stands between the socket and the Worker: no wrangler, no proxy, no entry
 * Worker. Data stays in the directory; a later start with the same directory goes on with it.
 */
export async function startWorkerd(
  directory: string,
  worker: WorkerdWorker,
  { inspect = false } = {},
): Promise<RunningWorkerd> {
  for (const store of ["objects", "d1-data", "kv-data"])
    mkdirSync(`${directory}/${store}`, { recursive: true });
  writeFileSync(`${directory}/workerd.capnp`, workerdConfig(worker), { mode: 0o600 });
  const inspector = inspect ? ["--inspector-addr=127.0.0.1:0"] : [];
  const flags = ["--experimental", "--control-fd=3", "--import-path=/", ...inspector];
  // Straight to a file: what the Worker logs must not pass through the process that drives it.
  const log = openSync(`${directory}/workerd.log`, "a");
  const child = spawn(WORKERD, ["serve", ...flags, "workerd.capnp"], {
    cwd: directory,
    stdio: ["ignore", log, log, "pipe"],
  });
  closeSync(log);
  const undo = endWithUs(child);
  const ports = await listening(
    child,
    ["http", ...(worker.stores ? ["d1"] : []), ...(inspect ? ["inspector"] : [])],
    directory,
  );
  const end = async (signal: NodeJS.Signals) => {
    undo();
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  };
  const { pid = 0 } = child;
  return {
    pid,
    base_url: `http://127.0.0.1:${ports.get("http")}`,
    d1_url: worker.stores ? `http://127.0.0.1:${ports.get("d1")}` : null,
    inspector: inspect ? `127.0.0.1:${ports.get("inspector")}` : null,
    peakMemoryMib: () => peakMemoryMib(pid),
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}

/** workerd names the port of each socket on its control channel once it listens. */
function listening(
  child: ChildProcess,
  sockets: readonly string[],
  directory: string,
): Promise<Map<string, number>> {
  const ports = new Map<string, number>();
  const channel = child.stdio[3] as Readable;
  return new Promise((ready, fail) => {
    const failed = (what: string) => {
      child.kill("SIGKILL");
      fail(new Error(`workerd ${what}:\n${readFileSync(`${directory}/workerd.log`, "utf8").slice(-2_000)}`));
    };
    const timer = setTimeout(() => failed("did not listen in time"), START_LIMIT_MS);
    child.once("exit", () => {
      clearTimeout(timer);
      failed("ended at its start");
    });
    let text = "";
    channel.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        const message = JSON.parse(line) as { event: string; socket?: string; port: number };
        if (message.event === "listen") ports.set(message.socket ?? "", message.port);
        if (message.event === "listen-inspector") ports.set("inspector", message.port);
      }
      if (!sockets.every((socket) => ports.has(socket))) return;
      clearTimeout(timer);
      child.removeAllListeners("exit");
      ready(ports);
    });
  });
}

/** Of the process itself: its threads are counted, helpers of ours are not. */
function peakMemoryMib(pid: number): number {
  const kib = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Math.round(Number(kib ?? Number.NaN) / 1_024);
}

/** What ends this process ends workerd too. Answers how to undo that. */
function endWithUs(child: ChildProcess): () => void {
  const atExit = () => child.kill("SIGKILL");
  process.once("exit", atExit);
  return () => process.off("exit", atExit);
}
