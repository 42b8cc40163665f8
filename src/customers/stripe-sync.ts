import { type Bindings, readSettings } from "../env";
import { soonOr } from "../runtime/deadline";
import {
  acquireSyncLease,
  type BillingProfileRow,
  findBillingProfile,
  finishSync,
  listUnsynced,
  recordCustomer,
  releaseSyncLease,
  renewSyncLease,
  type SyncLease,
  type SyncRefusal,
} from "../storage/billing-profiles";
import { type Database, openDatabase } from "../storage/database";
import { type Stripe, stripeClient, stripeFailure } from "../stripe/client";
import {
  attachTaxId,
  type Customer,
  type CustomerDetails,
  createCustomer,
  detachTaxId,
  isSameTaxId,
  readCustomer,
  updateCustomer,
} from "../stripe/customers";
import { placeAtStripe } from "../tax/vat-territory";
import { MINUTE_MS, SECOND_MS } from "../units/duration";
import { log } from "../units/log";
import { type Refusal, refuse } from "../units/refusal";
import { attachableTaxId } from "./buyer";
import { closeStaleCheckouts } from "./close-checkouts";
import { deploymentName } from "./deployment";
import { processRows } from "./run-batch";
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

/**
 * How long a run has Stripe's customer to itself without a sign of life: what a run that has died had sent by then has
 * arrived. A run at work renews it.
 */
const LEASE_MS = 10 * SECOND_MS;
const RENEW_INTERVAL_MS = 3 * SECOND_MS;
/** How long nobody changes the customer when a change has had no answer and may still be on its way. */
const IN_DOUBT_MS = MINUTE_MS;
/** How often a run is waited for that has the customer to itself, or that was overtaken by a save. */
const MAX_ATTEMPTS = 25;
const RETRY_DELAY_MS = 150;
/** Profiles handed over in one run of the cron, and how long they are left to whoever saved them. */
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

/** Said to everybody whose profile is not there yet. */
export const NO_PROFILE: ProfileRefusal = refuse("billing_profile_incomplete", {
  message: "Invoices need a name and an address. Please complete the billing profile first.",
});

/**
 * Brings Stripe's customer to what the billing profile says: name, address, and a VAT ID only while that is held valid.
 * Compares with what Stripe has now, whoever wrote that, and changes what differs; any number of times and at once. A run
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
 * The profile when Stripe's customer is as it says: then nothing needs to be changed, and nobody waits for anybody. Null
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

interface Run {
  env: Bindings;
  db: Database;
  stripe: Stripe;
  profile: BillingProfileRow;
  lease: SyncLease;
  /** Whether a change may still be on its way to Stripe. */
  is_in_doubt: boolean;
}

async function runSync(run: Run): Promise<SyncAnswer | "overtaken"> {
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

/** Answers Stripe's id of the customer, null when there is another version of the profile meanwhile: then that is to be brought. */
async function reconcileCustomer(run: Run): Promise<string | null> {
  const { env, db, stripe, profile } = run;
  const customer = await customerOf(run);
  if (!customer) return null;
  const { id, tax_ids } = customer;
  const wanted = attachableTaxId(profile, readSettings(env).seller_country, Date.now());
  const [kept] = tax_ids.filter((tax_id) => wanted && isSameTaxId(tax_id, wanted));
  if (kept?.is_unverified) {
    await recordRefusedVatId(db, profile);
    return null;
  }
  // What can be paid now was priced by what was true before.
  if (profile.synced_version !== profile.version) await closeStaleCheckouts(env, stripe, profile);
  // A number goes before anything else changes and comes when all else is right: in between VAT is charged.
  for (const stray of tax_ids.filter((tax_id) => tax_id !== kept))
    if (!(await change(run, () => detachTaxId(stripe, id, stray.id)))) return null;
  const details = detailsOf(profile);
  if (differs(customer, details) && !(await change(run, () => updateCustomer(stripe, id, details))))
    return null;
  if (wanted && !kept && !(await change(run, () => attachTaxId(stripe, id, wanted)))) return null;
  return id;
}

async function customerOf(run: Run): Promise<Customer | null> {
  const { db, stripe, profile } = run;
  const { organization_id, stripe_customer_id } = profile;
  const known = stripe_customer_id === null ? null : await readCustomer(stripe, stripe_customer_id);
  if (known) return known;
  const deployment = await deploymentName(run.env);
  const is_made = await change(run, async () => {
    const id = await createCustomer(stripe, { organization_id, deployment }, stripe_customer_id);
    await recordCustomer(db, run.lease, id);
    run.profile = { ...profile, stripe_customer_id: id };
  });
  return is_made ? readCustomer(stripe, run.profile.stripe_customer_id ?? "") : null;
}

/** Changes something at Stripe, unless the right to do so is lost or the profile was saved meanwhile. */
async function change(run: Run, work: () => Promise<void>): Promise<boolean> {
  const lease = await renewSyncLease(run.db, run.lease, {
    until_ms: Date.now() + LEASE_MS,
    of_current: true,
  });
  if (!lease) return false;
  run.lease = lease;
  run.is_in_doubt = true;
  await whileRenewingLease(run, work());
  run.is_in_doubt = false;
  return true;
}

/** Renews the right while a change is at work: whoever takes it may rely on that nothing is on its way any more. */
async function whileRenewingLease(run: Run, work: Promise<void>): Promise<void> {
  let is_over = false;
  const ended = work.finally(() => {
    is_over = true;
  });
  for (;;) {
    await soonOr(RENEW_INTERVAL_MS, () => ended, undefined);
    if (is_over) return;
    const longer = { until_ms: Date.now() + LEASE_MS, of_current: false };
    run.lease = (await renewSyncLease(run.db, run.lease, longer)) ?? run.lease;
  }
}

function detailsOf(profile: BillingProfileRow): CustomerDetails {
  const { company_name, email, line1, line2, city, region } = profile;
  const { postal_code, country } = placeAtStripe(profile);
  // Stripe has null for what is empty.
  return { name: company_name, email, line1, line2, postal_code: postal_code || null, city, region, country };
}

/** Whether a sync of this profile would find nothing to change. */
function matchesProfile(customer: Customer, profile: BillingProfileRow, seller_country: string): boolean {
  const wanted = attachableTaxId(profile, seller_country, Date.now());
  const [kept, ...strays] = customer.tax_ids;
  const has_the_right_ids =
    strays.length === 0 &&
    (wanted ? kept !== undefined && isSameTaxId(kept, wanted) && !kept.is_unverified : kept === undefined);
  return has_the_right_ids && !differs(customer, detailsOf(profile));
}

/** The run meets the same failure, and answers it. */
function nullIfStripeFails(error: unknown): null {
  stripeFailure(error);
  return null;
}

function differs({ details, tax_exempt }: Customer, wanted: CustomerDetails): boolean {
  const parts = Object.keys(wanted) as (keyof CustomerDetails)[];
  return tax_exempt !== "none" || parts.some((part) => details[part] !== wanted[part]);
}

async function afterFailure(run: Run, error: unknown): Promise<SyncAnswer | "overtaken"> {
  const failure = stripeFailure(error);
  const { db, lease } = run;
  const { organization_id } = lease;
  log.warn("profile_sync_failed", { organization_id, ...failure });
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
