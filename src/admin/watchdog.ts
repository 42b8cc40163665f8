import { type Bindings, readSettings } from "../env";
import { LedgerUnavailable, openLedger } from "../ledger/client";
import type { DatedRate } from "../ledger/core/credit/rating";
import { Directory } from "../organizations/directory";
import { within } from "../runtime/deadline";
import { listOrganizations, type OrganizationRow } from "../storage/accounts/organizations";
import { openDatabase } from "../storage/database";
import { SECOND_MS } from "../units/duration";
import { log } from "../units/log";
import { OPERATOR_OWNER } from "../webhooks/operator";
import { whomToVisit } from "./watch-round";
import { newReport, Visitor, type WatchReport } from "./watch-visit";

/** Ledgers asked at once. */
const CONCURRENCY = 40;

/** No visit is begun after it: the next run is a minute later. */
const RUN_MS = 40 * SECOND_MS;

/** How long a run waits for the rate card. */
const CARD_PATIENCE_MS = 5 * SECOND_MS;

/** Ledgers that one request tells of a new price. */
const TOLD_AT_ONCE = 200;

/**
 * Visits ledgers, and the webhooks of those that have some: first those that something was copied of in the last day, then all
 * in turn. Being asked for its health sets an object going again whose alarm was lost, so that nothing stays behind in an outbox
 * for longer than it takes to come round. Also sees to it that KV has the rate card, and that each ledger knows the price
 * that its alerts are measured by. Works with D1 or KV away, as far as it knows whom to visit, and never throws.
 */
export async function checkLedgerHealth(env: Bindings): Promise<WatchReport> {
  const until_ms = Date.now() + RUN_MS;
  const report = newReport();
  const visitor = new Visitor(env, await rateCard(env), report);
  await visitor.visitWebhooks(OPERATOR_OWNER);
  const round = await whomToVisit(env);
  const { organizations, away } = round;
  let visited = 0;
  while (visited < organizations.length && Date.now() < until_ms) {
    const group = organizations.slice(visited, visited + CONCURRENCY);
    await Promise.all(group.map((organization) => visitor.visit(organization)));
    visited += group.length;
  }
  if (away.length > 0) log.error("watchdog_blind", { away, visited });
  try {
    await round.cameTo(visited);
  } catch (error) {
    log.error("watchdog_position_lost", { error });
  }
  visitor.writeSummary();
  log.info("watchdog", report);
  return report;
}

/** The operator's rates; null when nobody can say. */
async function rateCard(env: Bindings): Promise<readonly DatedRate[] | null> {
  const directory = new Directory(env);
  const late = () => new Error("The stores did not answer in time.");
  try {
    await within(CARD_PATIENCE_MS, () => directory.copyRateCard(), late);
  } catch (error) {
    log.error("rate_card_not_copied", { error });
  }
  // What cannot be copied may still be known.
  return directory.rateCard().then(
    ({ rates }) => rates,
    () => null,
  );
}

/**
 * Tells ledgers of a price that has just changed, so that credit which is low by it is told of at once. As many as one
 * request may: the watch over ledgers tells the others, and whom this cannot reach.
 */
export async function pushRateCard(env: Bindings): Promise<void> {
  const { rates: card } = await new Directory(env).rateCard();
  const page = await listOrganizations(openDatabase(env), { after_id: null, limit: TOLD_AT_ONCE });
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
    log.warn("price_not_told", { organization_id: id, error });
  }
}
