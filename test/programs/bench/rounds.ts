import type { Contender, Running, Scenario } from "./contenders.ts";
import type { Sample } from "./load.ts";

export interface Plan {
  rounds: number;
  seconds: number;
  warm_seconds: number;
  connections: readonly number[];
  /** The longest sample, where answers take long. */
  longest_seconds: number;
  measures(scenario: Scenario): boolean;
  directory: string;
}

/** Everything that was measured of one scenario of one contender at one number of connections. */
export interface Measured {
  contender: string;
  scenario: string;
  organizations: number;
  connections: number;
  operations: number;
  /** One for each round. */
  samples: Sample[];
}

/** How often all connections should be answered in a sample. */
const ROUND_TRIPS = 3;

/** Runs all contenders one after the other, in another order each round, so that slow minutes hit all alike. */
export async function runRounds(
  contenders: readonly Contender[],
  plan: Plan,
): Promise<{ measured: Measured[]; memory_mib: Map<string, number> }> {
  const measured = new Map<string, Measured>();
  const memory_mib = new Map<string, number>();
  const progress = progressOf(contenders.length * plan.rounds);
  for (let round = 0; round < plan.rounds; round++)
    for (let place = 0; place < contenders.length; place++) {
      const contender = contenders[(place + round) % contenders.length];
      if (!contender) continue;
      const running = await contender.start(`${plan.directory}/round-${round}-${place}`);
      try {
        for (const scenario of running.scenarios.filter(plan.measures))
          await measure(contender, scenario, {
            plan,
            measured,
            progress: (what) => progress(`round ${round + 1} of ${plan.rounds}: ${contender.name}, ${what}`),
          });
        noteMemory(memory_mib, contender, running);
      } finally {
        await running.stop();
      }
      progress.done();
    }
  return { measured: [...measured.values()], memory_mib };
}

async function measure(
  { name: contender }: Contender,
  scenario: Scenario,
  {
    plan,
    measured,
    progress,
  }: { plan: Plan; measured: Map<string, Measured>; progress: (what: string) => void },
): Promise<void> {
  const { name, organizations, operations } = scenario;
  // With all connections: the compiler works on what runs often, and one connection alone would never warm it.
  const warm = await scenario.sample(Math.max(...plan.connections), plan.warm_seconds);
  for (const connections of plan.connections) {
    progress(`${name}, ${organizations} organizations, ${connections} connections`);
    const key = [contender, name, organizations, connections].join("|");
    const known = measured.get(key) ?? {
      contender,
      scenario: name,
      organizations,
      connections,
      operations,
      samples: [],
    };
    // Where all connections together are answered only a few times in that time, chance would decide.
    const answers_seconds = connections / warm.per_second;
    const seconds = Math.min(Math.max(plan.seconds, ROUND_TRIPS * answers_seconds), plan.longest_seconds);
    known.samples.push(await scenario.sample(connections, seconds));
    measured.set(key, known);
  }
}

function noteMemory(memory_mib: Map<string, number>, { name }: Contender, running: Running): void {
  const peak = running.peakMemoryMib();
  if (peak !== null) memory_mib.set(name, Math.max(peak, memory_mib.get(name) ?? 0));
}

/** One line that is written over where there is a terminal, and a line for each contender where there is none. */
function progressOf(turns: number) {
  const began_ms = Date.now();
  let turns_done = 0;
  const { stderr } = process;
  const say = (what: string) => {
    const minutes = (Date.now() - began_ms) / 60_000;
    const left =
      turns_done === 0
        ? ""
        : `, about ${((minutes / turns_done) * (turns - turns_done)).toFixed(1)} min left`;
    if (stderr.isTTY) stderr.write(`\r\x1b[K${what}${left}`);
  };
  return Object.assign(say, {
    done() {
      turns_done += 1;
      if (stderr.isTTY) stderr.write("\r\x1b[K");
      else stderr.write(`${turns_done} of ${turns} turns done\n`);
    },
  });
}
