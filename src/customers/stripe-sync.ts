import { type Bindings, readSettings } from "../env";
import {
  acquireSyncLease,
  type BillingProfileRow,
  findBillingProfile,
  finishSync,
  listUnsynced,
  releaseSyncLease,
  renewSyncLease,
  type SyncRefusal,
} from "../storage/accounts/billing-profiles";
import { openDatabase } from "../storage/database";
import { type Stripe, stripeClient, stripeFailure } from "../stripe/client";
import { readCustomer } from "../stripe/customers";
import { MINUTE_MS } from "../units/duration";
import { log } from "../units/log";
import { type Refusal, refuse } from "../units/refusal";
import { processRows } from "./process-rows";
import { LEASE_MS, matchesProfile, reconcileCustomer, type SyncRun } from "./reconcile-customer";
import { recordRefusedVatId } from "./vat-id-check";

/** Why a purchase cannot be opened with the billing profile as it is. `param` names what has to be corrected. */
export type ProfileRefusal = Refusal<
  "billing_profile_incomplete" | "billing_address_invalid" | "payments_unavailable",
  {
    message: string;
    /** Another request that is changing Stripe's customer, or one that was cut off while it did: over in seconds. */
    waits_for?: "profile_sync";
  }
>;

export type SyncAnswer =
  | { outcome: "synced"; profile: BillingProfileRow; stripe_customer_id: string }
  | ProfileRefusal;

/** For how long no run changes the customer when a change has had no answer and may still be on its way. */
const IN_DOUBT_MS = MINUTE_MS;
/** How often a run is waited for that has the customer to itself, or that was overtaken by a save. */
const MAX_ATTEMPTS = 25;
const RETRY_DELAY_MS = 150;
/** Profiles handed over in one run of the cron, and how long they are left to the request that saved them. */
const PROFILES_PER_RUN = 10;
const GRACE_MS = 2 * MINUTE_MS;

const PROVIDER_UNAVAILABLE: ProfileRefusal = refuse("payments_unavailable", {
  message: "The payment provider cannot be reached at the moment.",
});

/** Another request, or one that was cut off a moment ago, is changing the customer at Stripe. */
const SYNC_IN_PROGRESS: ProfileRefusal = refuse("payments_unavailable", {
  message:
    "The billing profile is just being handed over to the payment provider by another request. Please try again in a moment.",
  waits_for: "profile_sync",
});

/** The answer where no profile was saved yet. */
export const NO_PROFILE: ProfileRefusal = refuse("billing_profile_incomplete", {
  message: "Invoices need a name and an address. Please complete the billing profile first.",
});

/**
 * Brings Stripe's customer to what the billing profile says: name, address, and a VAT ID only while that is held valid.
 * Compares with what Stripe has now, whoever wrote it, and changes what differs; any number of times and at once. A run
 * that was cut off, or whose answers were lost, is made good by the next. After "synced", what Stripe charges follows from
 * `profile`, until that is saved again.
 */
export async function syncBillingProfile(env: Bindings, organization_id: string): Promise<SyncAnswer> {
  const settings = readSettings(env).stripe;
  if (!settings) return PROVIDER_UNAVAILABLE;
  const db = openDatabase(env);
  const as_it_is = await alreadySynced(env, stripeClient(settings), organization_id);
  if (as_it_is) return as_it_is;
  for (let tries = 0; tries < MAX_ATTEMPTS; tries++) {
    const now_ms = Date.now();
    const profile = await acquireSyncLease(db, organization_id, { now_ms, until_ms: now_ms + LEASE_MS });
    if (profile) {
      const { version, sync_until_ms: until_ms } = profile;
      const lease = { organization_id, version, until_ms };
      const run = { env, db, stripe: stripeClient(settings), profile, lease, is_in_doubt: false };
      const answer = await runSync(run);
      if (answer !== "overtaken") return answer;
    } else {
      if (!(await findBillingProfile(db, organization_id))) return NO_PROFILE;
      await scheduler.wait(RETRY_DELAY_MS);
    }
  }
  return SYNC_IN_PROGRESS;
}

/**
 * The profile when Stripe's customer is as it says: then nothing needs to be changed, and no request waits for another. Null
 * while another run has the right to change the customer, and when anything differs. Failures are left to the run to meet.
 */
async function alreadySynced(
  env: Bindings,
  stripe: Stripe,
  organization_id: string,
): Promise<SyncAnswer | null> {
  const db = openDatabase(env);
  const before = await findBillingProfile(db, organization_id);
  if (!before?.stripe_customer_id || before.synced_version !== before.version) return null;
  if (before.sync_until_ms > Date.now()) return null;
  const customer = await readCustomer(stripe, before.stripe_customer_id).catch(nullIfStripeFails);
  if (!customer || !matchesProfile(customer, before, readSettings(env).seller_country)) return null;
  const after = await findBillingProfile(db, organization_id);
  const is_same = after?.version === before.version && after.sync_until_ms === before.sync_until_ms;
  return is_same ? { outcome: "synced", profile: after, stripe_customer_id: customer.id } : null;
}

/** Hands over profiles that were saved while Stripe was away: a bounded portion, the oldest first. */
export async function syncWaitingProfiles(env: Bindings, until_ms = Number.POSITIVE_INFINITY): Promise<void> {
  const rows = await listUnsynced(openDatabase(env), Date.now() - GRACE_MS, PROFILES_PER_RUN);
  const portion = {
    rows,
    until_ms,
    what: "profile",
    idOf: (row: { organization_id: string }) => row.organization_id,
  };
  await processRows(env, portion, ({ organization_id }) => syncBillingProfile(env, organization_id));
}

async function runSync(run: SyncRun): Promise<SyncAnswer | "overtaken"> {
  const { db } = run;
  try {
    const customer_id = await reconcileCustomer(run);
    const profile = customer_id === null ? undefined : await finishSync(db, run.lease);
    if (profile && customer_id !== null)
      return { outcome: "synced", profile, stripe_customer_id: customer_id };
    await releaseSyncLease(db, run.lease);
    return "overtaken";
  } catch (error) {
    return afterFailure(run, error);
  }
}

/** The run meets the same failure, and answers it. */
function nullIfStripeFails(error: unknown): null {
  stripeFailure(error);
  return null;
}

async function afterFailure(run: SyncRun, error: unknown): Promise<SyncAnswer | "overtaken"> {
  const failure = stripeFailure(error);
  const { db, lease } = run;
  const { organization_id } = lease;
  log.warn("profile_sync_failed", { organization_id, kind: failure.kind, error });
  if (failure.kind === "refused" && failure.code === TAX_ID_REFUSED) {
    await releaseSyncLease(db, lease);
    await recordRefusedVatId(db, run.profile);
    return "overtaken";
  }
  if (failure.kind === "refused") {
    const refusal = refusalOf(failure);
    await releaseSyncLease(db, lease, refusal);
    const { code, ...said } = refusal;
    return refuse(code, said);
  }
  // What may still be on its way must have arrived before anybody else changes the customer: the right runs out by itself.
  const has_answered = failure.kind !== "unknown" || failure.is_stored;
  if (has_answered || !run.is_in_doubt) await releaseSyncLease(db, lease);
  else await renewSyncLease(db, lease, { until_ms: Date.now() + IN_DOUBT_MS, of_current: false });
  return PROVIDER_UNAVAILABLE;
}

/** Stripe's code for a number whose form it does not take. */
const TAX_ID_REFUSED = "tax_id_invalid";

function refusalOf({ code, param }: { code: string; param: string | null }): SyncRefusal {
  if (code === "customer_tax_location_invalid")
    return {
      code: "billing_address_invalid",
      message: "Where this address lies cannot be told. Please correct it in the billing profile.",
      param: "address",
    };
  return {
    code: "billing_profile_incomplete",
    message: "The payment provider does not take this billing profile. Please correct it.",
    param: param?.split(/[[.]/)[0] ?? "company_name",
  };
}
