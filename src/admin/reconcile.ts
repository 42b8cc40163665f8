import { deploymentName } from "../customers/deployment";
import { requireStripe } from "../customers/require-stripe";
import { type Bindings, readSettings } from "../env";
import { notifyOperators } from "../notifications/record-event";
import type { Actor } from "../organizations/actor";
import { recordDoneOnce } from "../organizations/audit-log";
import { openOrganization } from "../organizations/open-organization";
import { claimObject, type RequestConflict } from "../organizations/repeated-requests";
import { fulfilPurchase } from "../purchases/fulfil";
import { lacksRefund } from "../purchases/refunds/reopen";
import { applyToLedger, reverseDispute, reverseRefund } from "../purchases/refunds/reversals";
import { ownerOf } from "../purchases/stripe-object-owner";
import { yieldToEventLoop } from "../runtime/next-task";
import { findOrganization } from "../storage/accounts/organizations";
import { openDatabase } from "../storage/database";
import {
  findPurchase,
  findPurchaseByStripeId,
  findPurchases,
  type PurchaseRow,
} from "../storage/purchases/purchases";
import {
  findReconciliation,
  insertReconciliation,
  moneyEntriesIn,
  purchasesCreatedIn,
  type ReconciliationRow,
  reversalsCreatedIn,
} from "../storage/purchases/reconciliations";
import { findReversals, type ReversalRow, reversalsOf } from "../storage/purchases/reversals";
import { stripeClient } from "../stripe/client";
import { type CardPage, moneyBack, ownPayments, type Span } from "../stripe/money-moved";
import { type MoneyBack, metadataOfPayment } from "../stripe/refunds";
import { DAY_MS, MINUTE_MS } from "../units/duration";
import { newId } from "../units/id";
import { log } from "../units/log";
import { isRefused, type Refusal, refuse } from "../units/refusal";
import type { Repeatable } from "../units/repeatable";
import { compareMoney, type Difference, entryKeysOf } from "./reconcile-compare";

/** Longer than Stripe repeats an event, and than most refunds take. */
const WINDOW_DAYS = 35;
/** What is newer may still be on its way. */
const SETTLING_MS = 15 * MINUTE_MS;
/** Keys that one ledger is asked about at once. */
const KEYS_AT_ONCE = 500;

/** Refunds and disputes of payments that are not known whose owner is asked for in one comparison. */
const UNKNOWN_PAYMENTS_LOOKED_UP = 200;

/** A report that many differences fill says so by its count; the rest would only hide the first ones. */
const DIFFERENCES_KEPT = 1_000;

/**
 * Compares what Stripe holds as paid and given back, the purchases and reversals in D1, and the entries of the ledgers, over
 * the last 35 days, and keeps a report of every difference. What only waits to be done is then done, as if its event had
 * come; a difference that the next report has again is for people. Null when this deployment sells nothing.
 */
export async function reconcile(
  env: Bindings,
  now_ms = Date.now(),
  id = newId("rec"),
): Promise<ReconciliationRow | null> {
  const settings = readSettings(env).stripe;
  if (!settings) return null;
  const db = openDatabase(env);
  const stripe = stripeClient(settings);
  const span = { from_ms: now_ms - WINDOW_DAYS * DAY_MS, until_ms: now_ms - SETTLING_MS };
  const [{ paid, card_pages }, back, purchases, reversals, entries] = [
    await ownPayments(stripe, span, await deploymentName(env)),
    await moneyBack(stripe, span),
    await purchasesCreatedIn(db, span),
    await reversalsCreatedIn(db, span),
    await moneyEntriesIn(db, span),
  ];
  const reversed = await reversedBy(env, reversals);
  const all_reversals = reversed.flatMap((one) => one.reversals);
  const posted = await postedAmounts(env, purchases, all_reversals);
  const { ours, unknown } = await ofOurPurchases(env, back);
  unknown.push(...(await ofNoOrganization(env, card_pages)));
  const older_keys = await keysOfOlderRows(env, entries, span);
  const records = { paid, unknown, back: ours, purchases, reversals: all_reversals, reversed, entries };
  const differences = compareMoney({ ...records, older_keys, posted });
  const counts = {
    paid: paid.length,
    purchases: purchases.length,
    entries: entries.length,
    back: ours.length,
  };
  const found = { ...counts, differences: differences.length };
  const report = { ...reportOf(span, now_ms, found, differences), id };
  await insertReconciliation(db, report);
  for (const difference of differences) {
    log.error("reconciliation_difference", difference);
    await mend(env, difference);
  }
  log.info("reconciliation", report.counts);
  if (differences.length > 0)
    await notifyOperators(env, `reconciliation:${report.id}`, {
      type: "ops.reconciliation_difference",
      occurred_at_ms: now_ms,
      data: { report_id: report.id, differences: differences.length },
    });
  return report;
}

/** The same now, because an operator asks for it: audited. A repeat of `request` within a day finds the same report. */
export async function reconcileNow(
  env: Bindings,
  actor: Actor,
  request: Repeatable | null,
): Promise<
  { outcome: "report"; report: ReconciliationRow } | Refusal<"purchases_unavailable"> | RequestConflict
> {
  const claimed = await claimObject(env, "rec", request);
  if (isRefused(claimed)) return claimed;
  const { object_id } = claimed.record;
  const kept = async () => (await findReconciliation(openDatabase(env), object_id)) ?? null;
  let report = await kept();
  if (!report) {
    const asked = { action: "reconciliation.run", organization_id: null, detail: {} } as const;
    await recordDoneOnce(env, actor, asked, `reconciliation ${object_id}`);
    // Of several at the same time the first report is kept, and answered to all.
    report = (await reconcile(env, Date.now(), object_id)) && (await kept());
  }
  return report ? { outcome: "report", report } : refuse("purchases_unavailable");
}

/** Does what an event that never came would have done. */
async function mend(env: Bindings, { kind, id }: Difference): Promise<void> {
  try {
    if (kind === "paid_not_credited") await fulfilPurchase(env, id);
    if (kind === "refund_differs") await reverseRefund(env, id);
    if (kind === "dispute_differs") await reverseDispute(env, id);
    if (kind === "taken_too_little" || kind === "taken_too_much") await reapplyReversals(env, id);
  } catch (error) {
    log.error("mend_failed", { kind, id, error });
  }
}

async function reapplyReversals(env: Bindings, purchase_id: string): Promise<void> {
  const purchase = await findPurchase(openDatabase(env), purchase_id);
  if (purchase) await applyToLedger(env, purchase);
}

/** The purchases that these are of, with all that went back of each. */
async function reversedBy(env: Bindings, of: readonly ReversalRow[]) {
  const db = openDatabase(env);
  const ids = [...new Set(of.map(({ purchase_id }) => purchase_id))];
  const by_purchase = Map.groupBy(await reversalsOf(db, ids), ({ purchase_id }) => purchase_id);
  const purchases = await findPurchases(db, ids);
  return purchases.map((purchase) => ({ purchase, reversals: by_purchase.get(purchase.id) ?? [] }));
}

function reportOf(
  { from_ms, until_ms }: Span,
  started_at_ms: number,
  counts: Record<string, number>,
  differences: Difference[],
): Omit<ReconciliationRow, "id"> {
  const kept = differences.slice(0, DIFFERENCES_KEPT).map((difference) => ({ ...difference }));
  const finished_at_ms = Date.now();
  return { started_at_ms, finished_at_ms, from_ms, until_ms, counts, differences: kept };
}

/**
 * Money that went back for payments of ours, and what is ours by its name of purchases that nothing is known of. An account at
 * Stripe may serve others, too: Stripe is asked about theirs no more often than that.
 */
async function ofOurPurchases(env: Bindings, back: readonly MoneyBack[]) {
  const db = openDatabase(env);
  const ours: (MoneyBack & { purchase: PurchaseRow })[] = [];
  const unknown: Difference[] = [];
  let asked = 0;
  for (const one of back) {
    if (one.payment_intent_id === null) continue;
    const purchase = await findPurchaseByStripeId(db, { payment_intent: one.payment_intent_id });
    if (purchase) ours.push({ ...one, purchase });
    else if (asked++ < UNKNOWN_PAYMENTS_LOOKED_UP) {
      const owner = await ownerOf(env, await metadataOfPayment(requireStripe(env), one.payment_intent_id));
      const { id, kind, is_back } = one;
      if (owner.whose === "ours" && kind === "refund" && !is_back && (await lacksRefund(env, owner.purchase)))
        unknown.push({
          kind: "refund_differs",
          id,
          organization_id: owner.purchase.organization_id,
          detail: `has failed, and purchase ${owner.purchase.id} is refunded`,
        });
      if (owner.whose === "unknown")
        unknown.push({
          kind: `${kind}_unknown`,
          id,
          organization_id: owner.organization_id,
          detail: `names purchase ${owner.purchase_id}`,
        });
    }
    await yieldToEventLoop();
  }
  return { ours, unknown };
}

/** Pages of ours on which a card was entered for an organization that nothing is known of. */
async function ofNoOrganization(env: Bindings, pages: readonly CardPage[]): Promise<Difference[]> {
  const db = openDatabase(env);
  const by_organization = Map.groupBy(pages, ({ organization_id }) => organization_id);
  const differences: Difference[] = [];
  for (const [organization_id, of_organization] of by_organization) {
    if (await findOrganization(db, organization_id)) continue;
    const detail = "is of no organization";
    for (const { id } of of_organization)
      differences.push({ kind: "card_page_unknown", id, organization_id, detail });
  }
  return differences;
}

/** The keys of rows from before the span whose entries were posted within it. */
async function keysOfOlderRows(
  env: Bindings,
  entries: readonly { key: string | null }[],
  { from_ms }: Span,
): Promise<string[]> {
  const db = openDatabase(env);
  const ids = entries.flatMap(({ key }) => key?.split(":")[1] ?? []);
  const rows = [...(await findPurchases(db, ids)), ...(await findReversals(db, ids))];
  return rows.filter(({ created_at_ms }) => created_at_ms < from_ms).flatMap((row) => entryKeysOf(row));
}

/** What each ledger has posted under the keys that the rows in D1 lead one to expect. */
async function postedAmounts(
  env: Bindings,
  purchases: readonly PurchaseRow[],
  reversals: Parameters<typeof entryKeysOf>[0][],
): Promise<Map<string, number>> {
  const posted = new Map<string, number>();
  const by_organization = Map.groupBy([...purchases, ...reversals], (row) => row.organization_id);
  for (const [organization_id, rows] of by_organization) {
    const organization = await openOrganization(env, organization_id);
    const keys = rows.flatMap((row) => entryKeysOf(row));
    for (let start = 0; organization && start < keys.length; start += KEYS_AT_ONCE) {
      const asked = keys.slice(start, start + KEYS_AT_ONCE);
      const answer = await organization.ledger.ask(async (object) => object.postedAmounts(asked));
      if (isRefused(answer)) throw new Error(answer.message);
      for (const { key, amount_micros } of answer.posted) posted.set(key, amount_micros);
      await yieldToEventLoop();
    }
  }
  return posted;
}
