import { WorkerEntrypoint } from "cloudflare:workers";
import { runMaintenance } from "./admin/maintenance";
import { checkLedgers } from "./admin/nightly-checks";
import { reconcile } from "./admin/reconcile";
import { rollUpUsage } from "./calls/usage/roll-up";
import { dashboard } from "./dashboard/app";
import type { Bindings } from "./env";
import { app } from "./http/app";
import type { TopUpClaim } from "./ledger/core/credit/auto-top-up";
import { runBatch } from "./notifications/deliver";
import { driveAutoTopUp } from "./purchases/auto-top-up/drive";
import { sweepPurchases } from "./purchases/sweep";
import { withQueryDeadline } from "./storage/deadline";
import type { DeliveryBatch } from "./webhooks/types";

export { OrganizationLedger } from "./ledger/object/organization-ledger";
export { OrganizationWebhooks } from "./webhooks/object/organization-webhooks";

/** How a ledger sets the Worker going when credit is to be bought: reached by `ctx.exports`, from nowhere else. */
export class TopUpDriver extends WorkerEntrypoint<Bindings> {
  drive(organization_id: string, claim: TopUpClaim): Promise<void> {
    return driveAutoTopUp(this.env, organization_id, claim);
  }
}

/** What each cron of wrangler.toml is for. */
const JOBS: Record<string, (env: Bindings) => Promise<unknown>> = {
  "* * * * *": sweepPurchases,
  "*/2 * * * *": checkLedgers,
  "*/3 * * * *": rollUpUsage,
  "*/5 * * * *": runMaintenance,
  "17 3 * * *": reconcile,
};

/**
 * The Worker: requests for the API and for the pages, the crons, and the deliveries of webhooks. A job or a delivery that throws
 * is logged by the platform; a delivery then comes again, up to five times, a job with its next minute or night.
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
    await job(env);
  },
  async queue({ messages }, env, ctx) {
    for (const { body } of messages) {
      const finish = await runBatch(env, body);
      ctx.waitUntil(finish());
    }
  },
} satisfies ExportedHandler<Bindings, DeliveryBatch>;
