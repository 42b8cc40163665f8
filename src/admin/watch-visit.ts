import { type Bindings, readSettings } from "../env";
import { openLedger } from "../ledger/client";
import type { DatedRate } from "../ledger/core/credit/rating";
import { MINUTE_MS } from "../units/duration";
import { log } from "../units/log";
import type { OrganizationRef } from "../units/organization-ref";
import { isRefused } from "../units/refusal";
import { askWebhooks } from "../webhooks/client";

/** An outbox, or a delivery, that waits longer than this: D1 or the queue refuses what is copied or sent, or an alarm is lost. */
const LATE_MS = 5 * MINUTE_MS;

/** Of what one invocation may write (developers.cloudflare.com/analytics/analytics-engine/limits: 250), the jobs beside it have theirs. */
const MAX_DATA_POINTS = 200;

/** What a run of the watch has come to. */
export interface WatchReport {
  visited: number;
  unreachable: number;
  late: number;
  oldest_age_ms: number;
  webhooks_visited: number;
  webhooks_unreachable: number;
  webhooks_late: number;
  webhooks_oldest_age_ms: number;
}

/** The report of a run that has visited nobody yet. */
export function newReport(): WatchReport {
  return {
    visited: 0,
    unreachable: 0,
    late: 0,
    oldest_age_ms: 0,
    webhooks_visited: 0,
    webhooks_unreachable: 0,
    webhooks_late: 0,
    webhooks_oldest_age_ms: 0,
  };
}

/** Asks objects for their health, and tells what is late or cannot be reached. Never throws. */
export class Visitor {
  readonly #env: Bindings;
  readonly #card: readonly DatedRate[] | null;
  readonly #report: WatchReport;
  readonly #visited = new Set<string>();
  #data_points = 0;

  constructor(env: Bindings, card: readonly DatedRate[] | null, report: WatchReport) {
    this.#env = env;
    this.#card = card;
    this.#report = report;
  }

  /** Visits a ledger, once in a run, and the webhooks of an organization whose ledger says that it has some. */
  async visit({ id: organization_id, jurisdiction }: { id: string; jurisdiction: string | null }) {
    const report = this.#report;
    if (this.#visited.has(organization_id)) return;
    this.#visited.add(organization_id);
    report.visited += 1;
    const address = { organization_id, jurisdiction };
    try {
      const ledger = openLedger(this.#env, address, readSettings(this.#env).ledger_deadline_ms);
      const health = await ledger.ask(async (object) => object.health(this.#card));
      if (isRefused(health)) throw new Error(health.message);
      const { outbox, oldest_age_ms } = health;
      report.oldest_age_ms = Math.max(report.oldest_age_ms, oldest_age_ms);
      if (outbox > 0) this.#measure(organization_id, "outbox", [outbox, oldest_age_ms]);
      if (oldest_age_ms > LATE_MS) {
        report.late += 1;
        log.error("outbox_late", { organization_id, outbox, oldest_age_ms });
      }
      if (health.has_webhooks) await this.visitWebhooks(address);
    } catch (error) {
      report.unreachable += 1;
      log.error("ledger_unreachable", { organization_id, error });
    }
  }

  /** Visits the webhooks of an organization, or the operators'. */
  async visitWebhooks(owner: OrganizationRef): Promise<void> {
    const report = this.#report;
    const { organization_id } = owner;
    report.webhooks_visited += 1;
    try {
      const deadline_ms = readSettings(this.#env).ledger_deadline_ms;
      const health = await askWebhooks(this.#env, owner, deadline_ms, (webhooks) => webhooks.health());
      const { oldest_age_ms } = health;
      report.webhooks_oldest_age_ms = Math.max(report.webhooks_oldest_age_ms, oldest_age_ms);
      if (oldest_age_ms > 0) this.#measure(organization_id, "deliveries", [1, oldest_age_ms]);
      if (oldest_age_ms <= LATE_MS) return;
      report.webhooks_late += 1;
      log.error("webhooks_late", { organization_id, oldest_age_ms });
    } catch (error) {
      report.webhooks_unreachable += 1;
      log.error("webhooks_unreachable", { organization_id, error });
    }
  }

  /** Measures the run as a whole: that it ran at all, whom it could not reach and how late the latest is. */
  writeSummary(): void {
    const { visited, unreachable, late, oldest_age_ms, ...webhooks } = this.#report;
    const doubles = [visited, unreachable, late, oldest_age_ms, ...Object.values(webhooks)];
    this.#env.METRICS.writeDataPoint({ indexes: ["watchdog"], blobs: ["watchdog"], doubles });
  }

  /** An object that lags behind; of those that do not, there would be more than may be written. */
  #measure(organization_id: string, what: string, doubles: number[]): void {
    if (this.#data_points >= MAX_DATA_POINTS) return;
    this.#data_points += 1;
    this.#env.METRICS.writeDataPoint({ indexes: [organization_id], blobs: [what], doubles });
  }
}
