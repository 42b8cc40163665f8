import { processRows, runStep } from "../customers/process-rows";
import { syncWaitingProfiles } from "../customers/stripe-sync";
import { recheckVatIds } from "../customers/vat-id-recheck";
import { type Bindings, readSettings } from "../env";
import { openDatabase } from "../storage/database";
import { listUnderWay, type PurchaseRow } from "../storage/purchases/purchases";
import { dropEventsBefore } from "../storage/purchases/stripe-events";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "../units/duration";
import { resumeTopUp } from "./auto-top-up/drive";
import { fulfilPurchase } from "./fulfil";
import { attachMissingInvoices } from "./invoices";
import { finishTaxRefunds } from "./refunds/refund-tax";
import { finishResolutions } from "./refunds/resolve";
import { finishReversals } from "./refunds/reversals";

/** Purchases looked at in one run. */
const PURCHASES_PER_RUN = 50;
/** How long a purchase is left to the webhook and the return page. */
const GRACE_MS = MINUTE_MS;
/** Stripe repeats an event for three days and shows it for thirty. */
const RETAIN_EVENTS_MS = 35 * DAY_MS;

/** What each job has in one run, so that the next run finds none of this one's at work. */
const JOB_MS = 35 * SECOND_MS;

/**
 * Finishes what webhooks and people have left unfinished: nothing here depends on an event having come. One that fails
 * is logged and tried again in the next run, and holds up no other: all jobs are at work at once, each for its own time.
 */
export async function sweepPurchases(env: Bindings): Promise<void> {
  if (!readSettings(env).stripe) return;
  const db = openDatabase(env);
  const due = { now_ms: Date.now(), wait_ms: GRACE_MS, limit: PURCHASES_PER_RUN };
  const until_ms = Date.now() + JOB_MS;
  const purchases = { until_ms, what: "purchase", idOf: ({ id }: PurchaseRow) => id };
  const resumeAll = async () => {
    const rows = await listUnderWay(db, due);
    await processRows(env, { ...purchases, rows }, (purchase) => resume(env, purchase));
  };
  await Promise.all([
    runStep("purchases", null, resumeAll),
    runStep("resolutions", null, () => finishResolutions(env, until_ms)),
    runStep("tax_refunds", null, () => finishTaxRefunds(env, until_ms)),
    runStep("reversals", null, () => finishReversals(env, until_ms)),
    runStep("invoices", null, () => attachMissingInvoices(env, until_ms)),
    runStep("vat_ids", null, () => recheckVatIds(env, until_ms)),
    runStep("profiles", null, () => syncWaitingProfiles(env, until_ms)),
    runStep("events", null, () => dropEventsBefore(db, Date.now() - RETAIN_EVENTS_MS)),
  ]);
}

async function resume(env: Bindings, purchase: PurchaseRow): Promise<void> {
  if (purchase.kind === "auto_top_up") await resumeTopUp(env, purchase);
  else await fulfilPurchase(env, purchase.id);
}
