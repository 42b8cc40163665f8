import { type Bindings, readSettings } from "../env";
import { reportTaxRefundable } from "../notifications/tax-refund-events";
import {
  type BillingProfileRow,
  recordVatIdCheck,
  type VatIdEvidence,
} from "../storage/accounts/billing-profiles";
import { type Database, openDatabase } from "../storage/database";
import type { VatIdReading } from "../tax/vat-id";
import { vatIdCheckerFor } from "../tax/vat-id-checker";
import type { VatIdCheck } from "../tax/vat-id-verdict";
import { DAY_MS, MINUTE_MS } from "../units/duration";

/** How long a register's yes or no is relied upon. */
const VALID_FOR_MS = 30 * DAY_MS;
/** When it is asked for again: early enough that a register which is away for days costs no customer its reverse charge. */
const RENEWED_AFTER_MS = 25 * DAY_MS;
/** A register that could not answer is left alone for so long. */
export const RECHECK_AFTER_MS = 5 * MINUTE_MS;

const NO_EVIDENCE = {
  vat_id_checked_at_ms: null,
  vat_id_source: null,
  vat_id_name: null,
  vat_id_address: null,
  vat_id_consultation_number: null,
} as const;

/** What stands in a profile of a VAT ID before anybody was asked about it. A consumer's is never asked about. */
export function unchecked(reading: VatIdReading, is_business: boolean, now_ms: number) {
  const { state } = reading;
  return {
    ...NO_EVIDENCE,
    vat_id: state === "none" ? null : reading.value,
    vat_id_type: state === "pending" ? reading.type : null,
    vat_id_state: state,
    vat_id_check_at_ms: state === "pending" && is_business ? now_ms : null,
  };
}

/** Whether what is known of the VAT ID is not enough to sell on, and the register may be asked. */
export function isCheckDue(profile: BillingProfileRow, now_ms: number): boolean {
  if (!isChecked(profile)) return false;
  const { vat_id_state, vat_id_checked_at_ms, vat_id_check_at_ms } = profile;
  return vat_id_state === "valid" || vat_id_state === "invalid"
    ? now_ms - (vat_id_checked_at_ms ?? 0) >= VALID_FOR_MS
    : (vat_id_check_at_ms ?? 0) <= now_ms;
}

/** As `isCheckDue`, when the customer asks for it by saving the profile: a "no" may have become a "yes". */
export function mayRecheck(profile: BillingProfileRow, now_ms: number): boolean {
  const is_refused = isChecked(profile) && profile.vat_id_state === "invalid";
  const { vat_id_checked_at_ms: checked_at_ms } = profile;
  return isCheckDue(profile, now_ms) || (is_refused && now_ms - (checked_at_ms ?? 0) >= RECHECK_AFTER_MS);
}

/** Only a business's VAT ID, and only one that can be one. */
function isChecked({ is_business, vat_id_type }: BillingProfileRow): boolean {
  return is_business && vat_id_type !== null;
}

/**
 * Asks the register and records what it says; answers the profile as it is then. When it confirms the VAT ID at last, VAT that
 * was charged in between is reported to operators.
 * @throws D1's error or LedgerUnavailable; never because of the register
 */
export async function checkVatId(env: Bindings, profile: BillingProfileRow): Promise<BillingProfileRow> {
  const found = await vatIdCheckerFor(readSettings(env)).check(profile.vat_id ?? "");
  // Before the step that it is about: reported again, it is the same event.
  if (found.state === "valid" && profile.vat_id_state !== "valid")
    await reportTaxRefundable(env, profile.organization_id, profile.vat_id ?? "");
  return recordVatIdCheck(openDatabase(env), profile, evidenceOf(profile, found));
}

/** A register that is away takes nothing from an answer that is still good. */
function evidenceOf(profile: BillingProfileRow, found: VatIdCheck): VatIdEvidence {
  const { state, checked_at_ms } = found;
  const is_answer = state === "valid" || state === "invalid";
  if (!is_answer && isStillGood(profile, checked_at_ms)) {
    const { vat_id_state, vat_id_checked_at_ms, vat_id_source } = profile;
    const { vat_id_name, vat_id_address, vat_id_consultation_number } = profile;
    const before = { vat_id_state, vat_id_checked_at_ms, vat_id_source };
    const details = { vat_id_name, vat_id_address, vat_id_consultation_number };
    return { ...before, ...details, vat_id_check_at_ms: checked_at_ms + RECHECK_AFTER_MS };
  }
  return {
    vat_id_state: state,
    vat_id_checked_at_ms: checked_at_ms,
    vat_id_source: found.source,
    vat_id_name: found.name,
    vat_id_address: found.address,
    vat_id_consultation_number: found.consultation_number,
    vat_id_check_at_ms: checked_at_ms + (is_answer ? RENEWED_AFTER_MS : RECHECK_AFTER_MS),
  };
}

function isStillGood({ vat_id_state, vat_id_checked_at_ms }: BillingProfileRow, now_ms: number): boolean {
  const is_answer = vat_id_state === "valid" || vat_id_state === "invalid";
  return is_answer && now_ms - (vat_id_checked_at_ms ?? 0) < VALID_FOR_MS;
}

/** Stripe does not take the number, or has heard from the register that there is none: VAT is charged from then on. */
export async function recordRefusedVatId(
  db: Database,
  profile: BillingProfileRow,
): Promise<BillingProfileRow> {
  const now_ms = Date.now();
  return recordVatIdCheck(db, profile, {
    ...NO_EVIDENCE,
    vat_id_state: "invalid",
    vat_id_checked_at_ms: now_ms,
    vat_id_source: "stripe",
    vat_id_check_at_ms: now_ms + RENEWED_AFTER_MS,
  });
}
