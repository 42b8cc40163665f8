import { type Bindings, readSettings } from "../env";
import { openDatabase } from "../storage/database";
import { listUnderWay, type PurchaseRow } from "../storage/purchases";
import { dropEventsBefore } from "../storage/stripe-events";
import { DAY_MS, MINUTE_MS } from "../units/duration";
import { resumeTopUp } from "./auto-top-up";
import { attachMissingInvoices } from "./invoices";
import { finishReversals } from "./reversals";
import { syncWaitingProfiles } from "./profile-sync";
import { settlePurchase } from "./settle";
import { recheckVatIds } from "./vat-id-rechecks";

/** Purchases looked at in one run. */
const PURCHASES_A_RUN = 50;
/** How long a purchase is left to the webhook and the return page. */
const LEFT_ALONE_MS = MINUTE_MS;
/** Stripe repeats an event for three days and shows it for thirty. */
const KEEP_EVENTS_MS = 35 * DAY_MS;

/**
 * Finishes what webhooks and people have left unfinished: nothing here depends on an event having come. One that fails
 * is logged and tried again in the next run, and holds up no other.
 */
export async function sweepPurchases(env: Bindings): Promise<void> {
  if (!readSettings(env).stripe) return;
  const db = openDatabase(env);
  const due = { now_ms: Date.now(), wait_ms: LEFT_ALONE_MS, limit: PURCHASES_A_RUN };
  const waiting = await listUnderWay(db, due);
  for (const purchase of waiting) await attempt("purchase", purchase.id, () => resume(env, purchase));
  await attempt("reversals", null, () => finishReversals(env));
  await attempt("invoices", null, () => attachMissingInvoices(env));
  await attempt("vat_ids", null, () => recheckVatIds(env));
  await attempt("profiles", null, () => syncWaitingProfiles(env));
  await attempt("events", null, () => dropEventsBefore(db, Date.now() - KEEP_EVENTS_MS));
}

async function resume(env: Bindings, purchase: PurchaseRow): Promise<void> {
  if (purchase.kind === "auto_top_up") await resumeTopUp(env, purchase);
  else await settlePurchase(env, purchase.id);
}

async function attempt(what: string, id: string | null, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    console.error(JSON.stringify({ event: "sweep_failed", what, id, error: String(error) }));
  }
}
