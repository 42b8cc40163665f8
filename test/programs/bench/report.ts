import type { Measured } from "./rounds.ts";
import { median, printTable, shown } from "./table.ts";

export const NAMES = {
  constant: "constant answer",
  empty: "object call without work",
  write: "one bare durable write",
  ringfence: "Ringfence",
  postgres: "Hono + PostgreSQL",
  redis: "Hono + Redis",
  redis_alone: "Redis script, no HTTP",
} as const;

/** Operations a second of each round. */
function speeds({ samples, operations }: Measured): number[] {
  return samples.map(({ per_second }) => per_second * operations);
}

/** The median over the rounds of how many times as fast one was as the other in the same round. */
function ratio(one: Measured | undefined, other: Measured | undefined): number {
  if (!one || !other) return Number.NaN;
  const others = speeds(other);
  return median(speeds(one).map((speed, round) => speed / (others[round] ?? Number.NaN)));
}

export class Results {
  private readonly measured: readonly Measured[];

  constructor(measured: readonly Measured[]) {
    this.measured = measured;
  }

  find(
    contender: string,
    scenario: string,
    organizations: number,
    connections: number,
  ): Measured | undefined {
    return this.measured.find(
      (it) =>
        it.contender === contender &&
        it.scenario === scenario &&
        it.organizations === organizations &&
        it.connections === connections,
    );
  }

  /** All that was measured; ratios to the baselines with as many organizations and connections. */
  print(): void {
    const head = [
      "",
      "organizations",
      "connections",
      "operations/s",
      "÷ empty object",
      "÷ bare write",
      "p50 ms",
      "p99 ms",
      "CPU µs",
    ];
    const rows = this.measured.map((it) => [
      it.contender === NAMES.ringfence ? `**${it.scenario}**` : it.contender,
      String(it.organizations),
      String(it.connections),
      shown(median(speeds(it)), 0),
      shown(ratio(it, this.baseline(NAMES.empty, it)), 2),
      shown(ratio(it, this.baseline(NAMES.write, it)), 2),
      shown(median(it.samples.map(({ p50_ms }) => p50_ms)), 2),
      shown(median(it.samples.map(({ p99_ms }) => p99_ms)), 2),
      shown(median(it.samples.map(({ cpu_us }) => (cpu_us ?? Number.NaN) / it.operations)), 0),
    ]);
    printTable(head, rows);
  }

  /** What this bench is held to, with what it reached. */
  printTargets(): void {
    const rows: string[][] = [];
    const hold = (what: string, value: number, met: boolean, digits = 2) =>
      rows.push([what, shown(value, digits), Number.isNaN(value) ? "not measured" : met ? "yes" : "no"]);
    const authorize = (contender: string, connections: number) =>
      this.find(contender, "authorize", 1, connections);
    const to_empty = ratio(authorize(NAMES.ringfence, 64), authorize(NAMES.empty, 64));
    hold("authorize at 64 connections ÷ object call without work: at least 0.5", to_empty, to_empty >= 0.5);
    const to_postgres = ratio(authorize(NAMES.ringfence, 64), authorize(NAMES.postgres, 64));
    hold("authorize at 64 connections ÷ PostgreSQL: at least 3", to_postgres, to_postgres >= 3);
    const time = 1 / ratio(authorize(NAMES.ringfence, 1), authorize(NAMES.write, 1));
    hold("time of authorize at 1 connection ÷ bare write: at most 1.25", time, time <= 1.25);
    for (const redis of [NAMES.redis, NAMES.redis_alone]) {
      const batches = Math.max(
        ...this.measured
          .filter(({ operations }) => operations > 1)
          .map((it) => ratio(it, this.find(redis, "authorize", 1, 64)))
          .filter((value) => !Number.isNaN(value)),
      );
      hold(`/edge/operations ÷ ${redis} at 64 connections: above 1`, batches, batches > 1);
    }
    printTable(["held to", "reached", "met"], rows);
  }

  /** Time on the processor for one operation of a kind, the median over rounds, at the most connections measured. */
  cpuUs(scenario: string): number {
    const it = this.measured.findLast(
      (it) => it.contender === NAMES.ringfence && it.scenario === scenario && it.organizations === 1,
    );
    return it ? median(it.samples.map(({ cpu_us }) => (cpu_us ?? Number.NaN) / it.operations)) : Number.NaN;
  }

  private baseline(name: string, { organizations, connections }: Measured): Measured | undefined {
    // Batches go to fewer organizations than there are: the baseline with many of them stands for that.
    const same = this.find(name, "authorize", organizations, connections);
    return (
      same ??
      this.measured.find(
        (it) => it.contender === name && it.organizations > 1 && it.connections === connections,
      )
    );
  }
}
