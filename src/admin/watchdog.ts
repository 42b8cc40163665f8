import { type Bindings, readSettings } from "../env";
import { LedgerUnavailable, openLedger } from "../ledger/client";
import type { DatedRate } from "../ledger/core/credit/rating";
import { Directory } from "../organizations/directory";
import { listOrganizations, type OrganizationRow } from "../storage/accounts/organizations";
import { openDatabase } from "../storage/database";
import { MINUTE_MS } from "../units/duration";
import { log } from "../units/log";
import { isRefused } from "../units/refusal";

/** Ledgers visited in one run; the next run goes on where this one ended. */
const LEDGERS_PER_RUN = 200;
/** Ledgers asked at once. */
const CONCURRENCY = 20;
/** An outbox older than this means that D1 refuses what the ledger copies, or that its alarm is lost. */
const LATE_MS = 5 * MINUTE_MS;
const CURSOR_KEY = "watchdog:cursor";

export interface WatchReport {
  visited: number;
  unreachable: number;
  late: number;
  oldest_age_ms: number;
}

/**
 * Visits ledgers in turn. Being asked for its health sets a ledger going again whose alarm was lost, so that nothing
 * stays behind in an outbox for longer than it takes to come round. Also sees to it that KV has the rate card, and that
 * each ledger knows the price that its alerts are measured by.
 */
export async function checkLedgerHealth(env: Bindings): Promise<WatchReport> {
  const directory = new Directory(env);
  await directory.copyStandardRates();
  const card = await directory.standardRates();
  const after_id = await env.DIRECTORY.get(CURSOR_KEY);
  const page = await listOrganizations(openDatabase(env), { after_id, limit: LEDGERS_PER_RUN });
  const report: WatchReport = { visited: 0, unreachable: 0, late: 0, oldest_age_ms: 0 };
  for (let start = 0; start < page.length; start += CONCURRENCY)
    await Promise.all(page.slice(start, start + CONCURRENCY).map((row) => visit(env, row, card, report)));
  const last = page.length === LEDGERS_PER_RUN ? page.at(-1) : undefined;
  if (last) await env.DIRECTORY.put(CURSOR_KEY, last.id);
  else if (after_id !== null) await env.DIRECTORY.delete(CURSOR_KEY);
  log.info("watchdog", report);
  return report;
}

async function visit(
  env: Bindings,
  { id, jurisdiction }: OrganizationRow,
  card: readonly DatedRate[],
  report: WatchReport,
): Promise<void> {
  report.visited += 1;
  const address = { organization_id: id, jurisdiction };
  const ledger = openLedger(env, address, readSettings(env).ledger_deadline_ms);
  try {
    const health = await ledger.ask(async (object) => object.health(card));
    if (isRefused(health)) throw new LedgerUnavailable(health.message);
    const { outbox, oldest_age_ms } = health;
    report.oldest_age_ms = Math.max(report.oldest_age_ms, oldest_age_ms);
    env.METRICS.writeDataPoint({ indexes: [id], blobs: ["outbox"], doubles: [outbox, oldest_age_ms] });
    if (oldest_age_ms <= LATE_MS) return;
    report.late += 1;
    log.error("outbox_late", { organization_id: id, outbox, oldest_age_ms });
  } catch (error) {
    if (!(error instanceof LedgerUnavailable)) throw error;
    report.unreachable += 1;
    log.error("ledger_unreachable", { organization_id: id, error: String(error) });
  }
}

/**
 * Tells ledgers of a price that has just changed, so that credit which is low by it is told of at once. As many as one
 * request may: the watch over ledgers tells the others, and whom this cannot reach.
 */
export async function pushRateCard(env: Bindings): Promise<void> {
  const card = await new Directory(env).standardRates();
  const page = await listOrganizations(openDatabase(env), { after_id: null, limit: LEDGERS_PER_RUN });
  for (let start = 0; start < page.length; start += CONCURRENCY)
    await Promise.all(page.slice(start, start + CONCURRENCY).map((row) => pushRateCardTo(env, row, card)));
}

async function pushRateCardTo(
  env: Bindings,
  { id, jurisdiction }: OrganizationRow,
  card: readonly DatedRate[],
): Promise<void> {
  const address = { organization_id: id, jurisdiction };
  const ledger = openLedger(env, address, readSettings(env).ledger_deadline_ms);
  try {
    await ledger.ask(async (object) => object.hearOfCard(card));
  } catch (error) {
    if (!(error instanceof LedgerUnavailable)) throw error;
    log.warn("price_not_told", { organization_id: id, error: String(error) });
  }
}
