import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { ROOT } from "../../../.scripts/wrangler.ts";
import { startWorkerd } from "../../support/node/workerd.ts";
import { bundleForWorkerd } from "./bundle.ts";
import { cpuMs } from "./load.ts";
import { median, printTable } from "./table.ts";

const ROUNDS = 5;
const LOOK_UPS = 1_000_000;
const OPENINGS = 100;

/** What a rate deck of 100,000 prefixes costs in workerd: to build, to keep, to open and to look up in. */
async function main(): Promise<void> {
  const directory = mkdtempSync(`${tmpdir()}/ringfence-deck-`);
  const module = await bundleForWorkerd(
    `${ROOT}test/programs/bench/baselines/deck.ts`,
    `${directory}/deck.js`,
  );
  const server = await startWorkerd(directory, { module, stores: false, settings: {} });
  try {
    const before_mib = server.peakMemoryMib();
    const timed = async (work: string, times: number) => {
      const begun_ms = cpuMs([server.pid]);
      const answer = await ask(`${server.base_url}/${work}?times=${times}`);
      return { ms: cpuMs([server.pid]) - begun_ms, answer };
    };
    const ms = async (work: string, times: number) => {
      const rounds: number[] = [];
      while (rounds.length < ROUNDS) rounds.push((await timed(work, times)).ms);
      return median(rounds);
    };
    const built = await timed("build", 1);
    const find_ms = (await ms("find", LOOK_UPS)) - (await ms("loop", LOOK_UPS));
    printTable(
      ["a deck of 100,000 prefixes", "measured", "unit"],
      [
        ["look-up", ((find_ms * 1_000) / LOOK_UPS).toFixed(2), "µs of processor"],
        ["deck", mb(built.answer.deck_bytes), "MB"],
        ["names, apart", mb(built.answer.names_bytes), "MB of JSON"],
        ["build, first", built.ms.toFixed(0), "ms of processor"],
        ["build, later", (await ms("build", 1)).toFixed(0), "ms of processor"],
        ["open", ((await ms("open", OPENINGS)) / OPENINGS).toFixed(2), "ms of processor"],
        ["peak of the process with its rows", String(before_mib), "MiB before the first build"],
        ["", String(server.peakMemoryMib()), "MiB at the end"],
      ],
    );
  } finally {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function ask(url: string): Promise<Record<string, number>> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}.`);
  return (await response.json()) as Record<string, number>;
}

function mb(bytes = Number.NaN): string {
  return (bytes / 1e6).toFixed(2);
}

await main();
