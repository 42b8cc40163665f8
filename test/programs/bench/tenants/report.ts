import { printTable, shown } from "../table.ts";
import type { LoadTold } from "./load.ts";
import { DEEDS, type Deed, HELD, type Times } from "./neighbour.ts";

/** The neighbour's times of one part, and what of a processor workerd took in it. */
export interface Part {
  times: Times;
  busy: number;
}

/** All that was measured. */
interface Measured {
  calls: number;
  alone: readonly Part[];
  beside: readonly Part[];
  told: readonly LoadTold[];
}

/** p95 beside the large one may be so many times that alone, and so much more. */
const TIMES = 2;
const MORE_MS = 25;

/** Prints what was measured. Answers whether the bound held, but for what the machine itself differs by. */
export function printTenants({ calls, alone, beside, told }: Measured): boolean {
  const rows = DEEDS.map((deed) => rowOf(deed, alone, beside));
  printTable(
    ["", "alone p50 ms", "p95 ms", "beside p50 ms", "p95 ms", "bound ms", "noise ms", "held"],
    rows.map(({ deed, figures, held }) => [deed, ...figures.map((figure) => shown(figure, 1)), held]),
  );
  const answers = sumByStatus(told);
  const files = told.reduce((sum, { files }) => sum + files, 0);
  const megabytes = told.reduce((sum, { megabytes }) => sum + megabytes, 0);
  console.log(
    `\n${alone[0]?.times["GET /usage"].length ?? 0} × ${alone.length} of each. Beside: ${calls} calls in the other organization, which was answered ` +
      `${JSON.stringify(answers)}, and read ${shown(megabytes, 0)} MB of files (${files} to their end). workerd, which is ` +
      `the Worker, all objects and D1 at once here, took ${shown(meanBusy(alone), 2)} of a processor alone and ` +
      `${shown(meanBusy(beside), 2)} beside.\nBound: p95 alone × ${TIMES} + ${MORE_MS} ms. Noise: between p95 of the parts alone.`,
  );
  const broken = rows.filter(({ held }) => held === "no");
  if (broken.length > 0)
    console.log(
      `Not held by ${broken.map(({ deed }) => deed).join(", ")}. "no such page" waits for the Worker's thread alone, ` +
        '"D1: SELECT 1" for D1 alone: whichever is late, too, is what bounds it.',
    );
  return broken.length === 0;
}

function rowOf(deed: Deed, alone: readonly Part[], beside: readonly Part[]) {
  const all = (parts: readonly Part[]) => parts.flatMap(({ times }) => times[deed]);
  const p95_ms = quantile(all(alone), 0.95);
  const bound_ms = TIMES * p95_ms + MORE_MS;
  const each_ms = alone.map(({ times }) => quantile(times[deed], 0.95));
  const noise_ms = Math.max(...each_ms) - Math.min(...each_ms);
  const beside_ms = quantile(all(beside), 0.95);
  const figures = [
    quantile(all(alone), 0.5),
    p95_ms,
    quantile(all(beside), 0.5),
    beside_ms,
    bound_ms,
    noise_ms,
  ];
  if (!HELD.includes(deed)) return { deed, figures, held: "–" };
  const held = beside_ms <= bound_ms ? "yes" : beside_ms <= bound_ms + noise_ms ? "within noise" : "no";
  return { deed, figures, held };
}

function sumByStatus(told: readonly LoadTold[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { answers } of told)
    for (const [status, count] of Object.entries(answers)) sums[status] = (sums[status] ?? 0) + count;
  return sums;
}

function meanBusy(parts: readonly Part[]): number {
  return parts.reduce((sum, { busy }) => sum + busy, 0) / parts.length;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
