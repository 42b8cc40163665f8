import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { freePort, isTaken } from "../support/port.ts";

/** The last line of the welcome. */
const READY = /^Ctrl-C/;
const SEED = "20";

const run = promisify(execFile);

/** What a stranger does: starts the demo, pastes the printed lines, plays the calls, presses Ctrl-C. */
async function main(): Promise<void> {
  const port = await freePort();
  const demo = spawn(process.execPath, [`${import.meta.dirname}/start.ts`], {
    env: { ...process.env, PORT: String(port) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    for (const line of await welcomeOf(demo)) if (line.startsWith("curl ")) await paste(line);
    await playCalls();
  } finally {
    await interrupt(demo);
  }
  if (await isTaken(port)) throw new Error("Something still listens after Ctrl-C.");
  console.log("The demo starts, its lines work as pasted, its books agree, and nothing of it is left.");
}

/** All that it prints until it is ready. */
async function welcomeOf(demo: ChildProcess): Promise<string[]> {
  if (!demo.stdout) throw new Error("The demo has no output to read.");
  const lines: string[] = [];
  for await (const line of createInterface({ input: demo.stdout })) {
    lines.push(line);
    if (!READY.test(line)) continue;
    demo.stdout.resume();
    return lines;
  }
  throw new Error("The demo ended before it was ready.");
}

async function paste(line: string): Promise<void> {
  const { stdout } = await run("sh", ["-c", line]);
  const answer = JSON.parse(stdout) as { error?: unknown; decision?: string };
  if (answer.error || answer.decision === "reject") throw new Error(`${line}\nanswered ${stdout}`);
  console.log(`pasted: ${line.replace(/rf_(\w{4})_\w+/g, "rf_$1_…").slice(0, 100)}`);
}

async function playCalls(): Promise<void> {
  const calls = spawn(process.execPath, [`${import.meta.dirname}/calls.ts`, "--seed", SEED], {
    stdio: "inherit",
  });
  const [code] = await once(calls, "exit");
  if (code !== 0) throw new Error(`demo:calls ended with ${code}.`);
}

async function interrupt(demo: ChildProcess): Promise<void> {
  if (demo.exitCode !== null) return;
  const ended = once(demo, "exit");
  demo.kill("SIGINT");
  await ended;
}

await main().catch((error: Error) => {
  console.error(`\n${error.message}`);
  process.exitCode = 1;
});
