import { type Bindings, readSettings } from "../env";
import { soonOr } from "../runtime/deadline";
import {
  type BillingProfileRow,
  recordCustomer,
  renewSyncLease,
  type SyncLease,
} from "../storage/accounts/billing-profiles";
import type { Database } from "../storage/database";
import type { Stripe } from "../stripe/client";
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
import { SECOND_MS } from "../units/duration";
import { attachableTaxId } from "./buyer";
import { closeStaleCheckouts } from "./close-checkouts";
import { deploymentName } from "./deployment";
import { recordRefusedVatId } from "./vat-id-check";

/**
 * How long a run has Stripe's customer to itself without a sign of life: what a run that has died had sent by then has
 * arrived. A run at work renews it.
 */
export const LEASE_MS = 10 * SECOND_MS;
const RENEW_INTERVAL_MS = 3 * SECOND_MS;

/** A run that brings Stripe's customer to one version of the profile, under the lease of it. */
export interface SyncRun {
  env: Bindings;
  db: Database;
  stripe: Stripe;
  profile: BillingProfileRow;
  lease: SyncLease;
  /** Whether a change may still be on its way to Stripe. */
  is_in_doubt: boolean;
}

/**
 * Brings Stripe's customer to what the profile says, step by step; answers Stripe's id of it. Null when the profile was saved since
 * the run began, or its VAT ID turned out wrong: then another run is needed.
 * @throws StripeError
 */
export async function reconcileCustomer(run: SyncRun): Promise<string | null> {
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

async function customerOf(run: SyncRun): Promise<Customer | null> {
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

/** Changes something at Stripe, unless the lease is lost or the profile was saved since. */
async function change(run: SyncRun, work: () => Promise<void>): Promise<boolean> {
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

/** Renews the lease while a change is at work: the run that acquires it next can rely on nothing being on its way. */
async function whileRenewingLease(run: SyncRun, work: Promise<void>): Promise<void> {
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
export function matchesProfile(
  customer: Customer,
  profile: BillingProfileRow,
  seller_country: string,
): boolean {
  const wanted = attachableTaxId(profile, seller_country, Date.now());
  const [kept, ...strays] = customer.tax_ids;
  const has_the_right_ids =
    strays.length === 0 &&
    (wanted ? kept !== undefined && isSameTaxId(kept, wanted) && !kept.is_unverified : kept === undefined);
  return has_the_right_ids && !differs(customer, detailsOf(profile));
}

function differs({ details, tax_exempt }: Customer, wanted: CustomerDetails): boolean {
  const parts = Object.keys(wanted) as (keyof CustomerDetails)[];
  return tax_exempt !== "none" || parts.some((part) => details[part] !== wanted[part]);
}
