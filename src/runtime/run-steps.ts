import { log } from "../units/log";

/**
 * Does all of a job's steps at once. One that fails is logged, comes again with the job's next run, and holds up no other;
 * never throws.
 */
export async function runSteps(job: string, steps: Record<string, () => Promise<unknown>>): Promise<void> {
  await Promise.all(Object.entries(steps).map(([step, work]) => attempt(job, step, work)));
}

async function attempt(job: string, step: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    log.error("cron_step_failed", { job, step, error });
  }
}
