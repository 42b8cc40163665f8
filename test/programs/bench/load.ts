import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import autocannon from "autocannon";

export interface Request {
  path: string;
  body?: string;
}

/** What is driven: each request is asked for when it is about to be sent. */
export interface Target {
  url: string;
  method: "GET" | "POST";
  headers: Record<string, string>;
  next(): Request;
}

export interface Sample {
  requests: number;
  seconds: number;
  per_second: number;
  p50_ms: number;
  p99_ms: number;
  /** Time on the processor of the processes that were watched, for each request; null when none was. */
  cpu_us: number | null;
}

const CLOCK_TICKS_PER_SECOND = 100;

/**
 * Drives a target over `connections` sockets, each with one request on its way at any time.
 * @param pids the processes whose time on the processor counts
 * @throws an error when anything but a 2xx was answered: a refusal is fast and would flatter
 */
export async function drive(
  target: Target,
  connections: number,
  seconds: number,
  pids: readonly number[] = [],
): Promise<Sample> {
  const latencies_ms: number[] = [];
  const refused = new Map<number, number>();
  const cpu_before_ms = cpuMs(pids);
  const began_ms = performance.now();
  let last_ms = began_ms;
  const { url, method, headers } = target;
  const setupRequest = (request: autocannon.Request) => Object.assign(request, target.next());
  const requests = [{ method, headers, setupRequest }];
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const instance = autocannon(
      { url, connections, duration: seconds, sampleInt: 50, timeout: 10, requests },
      (error, result) => (error ? reject(error) : resolve(result)),
    );
    instance.on("response", (_client, status, _bytes, latency_ms) => {
      last_ms = performance.now();
      latencies_ms.push(latency_ms);
      if (status >= 300) refused.set(status, (refused.get(status) ?? 0) + 1);
    });
  });
  if (refused.size > 0 || result.errors > 0)
    throw new Error(
      `${target.url} ${target.next().path} answered ${JSON.stringify([...refused])}, ${result.errors} errors`,
    );
  const cpu_ms = cpuMs(pids) - cpu_before_ms;
  await settleDown(target);
  const measured_seconds = (last_ms - began_ms) / 1_000;
  const requests_made = latencies_ms.length;
  latencies_ms.sort((a, b) => a - b);
  return {
    requests: requests_made,
    seconds: measured_seconds,
    per_second: requests_made === 0 ? 0 : requests_made / measured_seconds,
    p50_ms: latencies_ms[Math.floor(requests_made * 0.5)] ?? Number.NaN,
    p99_ms: latencies_ms[Math.floor(requests_made * 0.99)] ?? Number.NaN,
    cpu_us: pids.length > 0 ? (cpu_ms * 1_000) / requests_made : null,
  };
}

/** Requests that were on their way at the end are still being answered: one more is answered after all of them. */
async function settleDown({ url, method, headers, next }: Target): Promise<void> {
  const { path, body } = next();
  const response = await fetch(`${url}${path}`, { method, headers, body });
  await response.arrayBuffer();
}

/** Time that these processes have spent on the processor so far, system calls included. */
export function cpuMs(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // It has ended, or this is no Linux: nothing to count.
    }
  }
  return (ticks * 1_000) / CLOCK_TICKS_PER_SECOND;
}
