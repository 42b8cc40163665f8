import { type Bindings, readSettings } from "../env";
import {
  claimVatIdCheck,
  findBillingProfileByCustomer,
  listVatIdChecksDue,
} from "../storage/accounts/billing-profiles";
import { openDatabase } from "../storage/database";
import { stripeClient } from "../stripe/client";
import { isSameTaxId, readTaxId } from "../stripe/customers";
import { isRefused } from "../units/refusal";
import { attachableTaxId } from "./buyer";
import { processRows } from "./process-rows";
import { syncBillingProfile } from "./stripe-sync";
import { checkVatId, RECHECK_AFTER_MS } from "./vat-id-check";

/** VAT IDs asked about in one run: a register that is slow must not hold up the next run for long. */
const CHECKS_PER_RUN = 10;

/**
 * Asks again about VAT IDs whose register could not answer, and about those whose answer grows old, the longest waiting
 * first. Each is left alone for some minutes then, whatever comes of it.
 */
export async function recheckVatIds(env: Bindings, until_ms = Number.POSITIVE_INFINITY): Promise<void> {
  const db = openDatabase(env);
  const rows = await listVatIdChecksDue(db, Date.now(), CHECKS_PER_RUN);
  const portion = { rows, until_ms, what: "vat_id", idOf: organizationOf };
  await processRows(env, portion, async (profile) => {
    if (!(await claimVatIdCheck(db, profile, Date.now() + RECHECK_AFTER_MS))) return;
    const { organization_id, version, synced_version } = await checkVatId(env, profile);
    if (version !== synced_version) await syncBillingProfile(env, organization_id);
  });
}

function organizationOf({ organization_id }: { organization_id: string }): string {
  return organization_id;
}

/**
 * Stripe has said something of a VAT ID: it is read again. One that does not exist is `invalid` from then on and detached, as
 * is one that was attached at Stripe by hand.
 * @throws when that cannot be done now
 */
export async function onTaxIdUpdated(
  env: Bindings,
  tax_id_object_id: string,
  customer_id: string,
): Promise<void> {
  const { stripe: settings, seller_country } = readSettings(env);
  const profile = await findBillingProfileByCustomer(openDatabase(env), customer_id);
  if (!settings || !profile) return;
  const tax_id = await readTaxId(stripeClient(settings), customer_id, tax_id_object_id);
  if (!tax_id) return;
  const wanted = attachableTaxId(profile, seller_country, Date.now());
  if (wanted && isSameTaxId(tax_id, wanted) && !tax_id.is_unverified) return;
  const answer = await syncBillingProfile(env, profile.organization_id);
  if (isRefused(answer) && answer.code === "payments_unavailable") throw new Error(answer.message);
}
