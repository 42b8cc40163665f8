import { WorkerEntrypoint } from "cloudflare:workers";
import { forgetOldPortalSessions } from "./access/portal-sessions";
import { checkAudit } from "./admin/audit-check";
import { sealAudit } from "./admin/audit-seals";
import { warnOfEndingKeys } from "./admin/key-ends";
import { noteNewestSecret } from "./admin/key-secrets";
import { checkLedgers } from "./admin/nightly-checks";
import { reconcile } from "./admin/reconcile";
import { checkLedgerHealth } from "./admin/watchdog";
import { rollUpUsage } from "./calls/usage/roll-up";
import { dashboard } from "./dashboard/app";
import type { Bindings } from "./env";
import { app } from "./http/app";
import type { TopUpClaim } from "./ledger/core/credit/auto-top-up";
import { runBatch } from "./notifications/deliver";
import { sendWaitingEvents } from "./notifications/record-event";
import { forgetOldRequests } from "./organizations/repeated-requests";
import { driveAutoTopUp } from "./purchases/auto-top-up/drive";
import { sweepPurchases } from "./purchases/sweep";
import { runSteps } from "./runtime/run-steps";
import { withQueryDeadline } from "./storage/deadline";
import { log } from "./units/log";
import type { DeliveryBatch } from "./webhooks/types";

export { OrganizationLedger } from "./ledger/object/organization-ledger";
export { OrganizationWebhooks } from "./webhooks/object/organization-webhooks";

/** How a ledger sets the Worker going when credit is to be bought: reached by `ctx.exports`, from nowhere else. */
export class TopUpDriver extends WorkerEntrypoint<Bindings> {
  drive(organization_id: string, claim: TopUpClaim): Promise<void> {
    return toldInOurWords("auto_top_up_failed", () => driveAutoTopUp(this.env, organization_id, claim));
  }
}

/**
 * What goes wrong where the platform logs it by itself, and as it is, is logged by us first; it hears only that something did.
 * @throws an error without detail
 */
async function toldInOurWords<Answer>(event: string, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    log.error(event, { error });
    throw new Error(`${event}: see the log.`);
  }
}

/** What each cron of wrangler.toml is for. */
const JOBS: Record<string, Record<string, (env: Bindings) => Promise<unknown>>> = {
  "* * * * *": { purchases: sweepPurchases, watchdog: checkLedgerHealth },
  "*/2 * * * *": { ledger_checks: checkLedgers, operator_events: sendWaitingEvents },
  "*/3 * * * *": { usage: rollUpUsage },
  "*/5 * * * *": {
    portal_sessions: forgetOldPortalSessions,
    repeatable_requests: forgetOldRequests,
    key_secrets: noteNewestSecret,
    admin_keys: warnOfEndingKeys,
    audit_seals: sealAudit,
    audit_check: checkAudit,
  },
  "17 3 * * *": { reconciliation: reconcile },
};

/**
 * The Worker: requests for the API and for the pages, the crons, and the deliveries of webhooks. A delivery that throws is
 * logged by the platform and comes again, up to five times; a step of a job that does is logged and comes again with its next run.
 */
export default {
  fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    const is_page = pathname === "/billing" || pathname.startsWith("/billing/");
    return (is_page ? dashboard : app).fetch(request, withQueryDeadline(env), ctx);
  },
  async scheduled({ cron }, env) {
    const job = JOBS[cron];
    if (!job) throw new Error(`No job for the cron ${cron}.`);
    const steps = Object.entries(job).map(([step, work]) => [step, () => work(env)]);
    await runSteps(cron, Object.fromEntries(steps));
  },
  async queue({ messages }, env, ctx) {
    for (const { body } of messages) {
      const finish = await toldInOurWords("webhook_errand_failed", () => runBatch(env, body));
      ctx.waitUntil(finish());
    }
  },
} satisfies ExportedHandler<Bindings, DeliveryBatch>;
