import type { CallCounts, Counts } from "./counts.ts";
import { printTable } from "./table.ts";

/**
 * List prices in USD of Workers Paid, November 2026, with no allotment taken off:
 * developers.cloudflare.com/workers/platform/pricing, /durable-objects/platform/pricing and /d1/platform/pricing.
 */
const PRICES = {
  worker_request: 0.3e-6,
  worker_cpu_ms: 0.02e-6,
  object_request: 0.15e-6,
  object_gb_second: 12.5e-6,
  row_written: 1e-6,
  /** Of Workers Logs, until 1 December 2026: what Cloudflare Observability asks after that is not known here. */
  log_line: 0.6e-6,
  object_gb_month: 0.2,
  d1_gb_month: 0.75,
};

const CALLS = 1_000_000;
const OBJECT_GB = 0.128;
const BYTES_PER_GB = 1e9;

/** Authorize, two renewals, settle. */
const OPERATIONS = 4;
const BATCH = 100;

/** How long an object is awake for one request or projection; a lone one waits for D1 across the network. */
const AWAKE_SECONDS = 0.01;

interface Line {
  what: string;
  quantity: number;
  price: number;
}

const WAYS: Record<CallCounts["way"], string> = {
  lone: "sent singly, one call at a time: every call has its own projection and its own alarm",
  busy: `sent singly, 64 requests at a time`,
  batches: `through /edge/operations, ${BATCH} operations a request`,
};

/** Prints what a million calls cost, every line of it. Answers the sum of each way. */
export function printPrices(
  counts: Counts,
  cpu_us_per_request: number,
  cpu_us_per_operation: number,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const way of counts.ways) {
    console.log(`\nA million calls (authorize, two renewals, settle, projection), ${WAYS[way.way]}:\n`);
    const cpu_us = way.way === "batches" ? cpu_us_per_operation : cpu_us_per_request;
    const lines = linesOf(way, cpu_us);
    const sum = lines.reduce((total, { quantity, price }) => total + quantity * price * CALLS, 0);
    const rows = lines.map(({ what, quantity, price }) => [
      what,
      quantity.toFixed(4),
      (quantity * price * CALLS).toFixed(2),
    ]);
    printTable(["", "for each call", "USD"], [...rows, ["sum", "", sum.toFixed(2)]]);
    sums.set(way.way, sum);
  }
  printStorage(counts);
  return sums;
}

function linesOf(way: CallCounts, cpu_us: number): Line[] {
  const requests = way.way === "batches" ? OPERATIONS / BATCH : OPERATIONS;
  // The measured pace leaves many calls to one alarm; a call that comes alone has one of its own.
  const alarms = way.way === "lone" ? 1 : way.alarms_set;
  const awake_seconds = (requests + way.projections + alarms) * AWAKE_SECONDS;
  return [
    { what: "Worker requests", quantity: requests, price: PRICES.worker_request },
    {
      what: "Worker CPU, ms (whole process, measured)",
      quantity: (OPERATIONS * cpu_us) / 1_000,
      price: PRICES.worker_cpu_ms,
    },
    { what: "log lines, one a request", quantity: requests, price: PRICES.log_line },
    { what: "object requests", quantity: requests, price: PRICES.object_request },
    { what: "object alarms run", quantity: alarms, price: PRICES.object_request },
    {
      what: `object duration, GB-s (${AWAKE_SECONDS * 1_000} ms each, assumed)`,
      quantity: awake_seconds * OBJECT_GB,
      price: PRICES.object_gb_second,
    },
    {
      what: "object rows: authorize, renewals, settle",
      quantity: way.object_rows,
      price: PRICES.row_written,
    },
    { what: "object rows: cursor of the projection", quantity: way.cursor_rows, price: PRICES.row_written },
    { what: "object rows: setting the alarm", quantity: alarms, price: PRICES.row_written },
    { what: "D1 rows", quantity: way.d1_rows, price: PRICES.row_written },
  ];
}

function printStorage({ object_bytes_per_call, d1_bytes_per_call }: Counts): void {
  const month = (bytes: number, price: number) => ((bytes * CALLS * price) / BYTES_PER_GB).toFixed(2);
  console.log(
    `\nStored for each call: ${Math.round(object_bytes_per_call)} bytes in the object (USD ` +
      `${month(object_bytes_per_call, PRICES.object_gb_month)} a month for a million), ` +
      `${Math.round(d1_bytes_per_call)} in D1 (USD ${month(d1_bytes_per_call, PRICES.d1_gb_month)} a month). ` +
      "Left out: traces (1 % of requests) and customers' webhooks. A call that leaves after 400 days is two rows deleted then, " +
      `its entry and its receipt: USD ${(2 * PRICES.row_written * CALLS).toFixed(2)} a million, once.`,
  );
}
