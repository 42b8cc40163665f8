import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { hasCommand } from "./databases.ts";

/** System calls that wait for the disk. */
const CALLS = ["fdatasync", "fsync", "sync_file_range"];

/**
 * Counts how often these processes and their children wait for the disk while `work` is done. strace slows them
 * down: what is measured meanwhile is no speed. Null when strace is not installed or may not attach.
 */
export async function countFsyncs<Done>(
  pids: readonly number[],
  work: () => Promise<Done>,
): Promise<{ fsyncs: number; done: Done } | null> {
  if (!hasCommand("strace")) return null;
  const attach = pids.flatMap(withChildren).flatMap((pid) => ["-p", String(pid)]);
  const directory = mkdtempSync(`${tmpdir()}/ringfence-strace-`);
  // To a file: what it writes must never wait for us, who may be waiting for those it has stopped.
  const file = `${directory}/calls`;
  const strace = spawn("strace", ["-f", "-o", file, "-e", `trace=${CALLS.join(",")}`, ...attach], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  strace.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  while (!said.includes("attached")) {
    if (strace.exitCode !== null) return null;
    await pause(10);
  }
  const done = await work();
  strace.kill("SIGINT");
  await once(strace, "close");
  const output = readFileSync(file, "utf8");
  rmSync(directory, { recursive: true });
  // An interrupted call is printed twice, the second time as resumed.
  const begun = new RegExp(`\\b(${CALLS.join("|")})\\(`, "g");
  return { fsyncs: output.match(begun)?.length ?? 0, done };
}

function withChildren(pid: number): number[] {
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
    .map(Number);
  return [pid, ...children];
}

function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}
