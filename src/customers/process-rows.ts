import { type Bindings, readSettings } from "../env";
import { pause, within } from "../runtime/deadline";
import { stripeBackoffMs } from "../stripe/client";
import { SECOND_MS } from "../units/duration";
import { log } from "../units/log";

/** How many are at work at once: one that hangs holds up no other. */
const CONCURRENCY = 4;

/** How long one is waited for: Stripe's first answer, and its repeat when that is quick. What it does goes on. */
const ROW_TIMEOUT_MS = 20 * SECOND_MS;

interface RowBatch<Row> {
  rows: readonly Row[];
  /** None is begun after it; what is left comes with the next run. */
  until_ms: number;
  /** For the log: what it is about, and which one. */
  what: string;
  idOf: (row: Row) => string;
}

/**
 * Does a portion of a job of the cron, some at once. One that fails or takes too long is logged and left to the next run.
 * While Stripe asks for less, or has fallen silent, none is begun.
 */
export async function processRows<Row>(
  env: Bindings,
  { rows, until_ms, what, idOf }: RowBatch<Row>,
  work: (row: Row) => Promise<unknown>,
): Promise<void> {
  const waiting = rows.values();
  const worker = async () => {
    for (const row of waiting) {
      if (!(await mayBegin(env, until_ms))) return;
      await runStep(what, idOf(row), () => within(ROW_TIMEOUT_MS, () => work(row), tookTooLong));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

/** Does a job of the cron; logs what goes wrong with it. */
export async function runStep(what: string, id: string | null, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    log.error("sweep_failed", { what, id, error });
  }
}

/** Waits as long as Stripe has asked for. False: that is longer than there is time. */
async function mayBegin(env: Bindings, until_ms: number): Promise<boolean> {
  const { stripe } = readSettings(env);
  const rest_ms = stripe ? stripeBackoffMs(stripe) : 0;
  if (Date.now() + rest_ms >= until_ms) return false;
  if (rest_ms > 0) await pause(rest_ms);
  return true;
}

function tookTooLong(): Error {
  return new Error("It took too long.");
}
