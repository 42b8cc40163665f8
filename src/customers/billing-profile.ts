import { type Bindings, readSettings } from "../env";
import type { Actor } from "../organizations/actor";
import { auditFact } from "../organizations/audit-log";
import { Directory } from "../organizations/directory";
import { READ_PATIENCE_MS, soonOr } from "../runtime/deadline";
import {
  type BillingProfileColumns,
  type BillingProfileRow,
  findBillingProfile,
  insertBillingProfile,
  replaceBillingProfile,
} from "../storage/accounts/billing-profiles";
import { type Database, openDatabase } from "../storage/database";
import type { Buyer } from "../tax/decide-tax";
import { readVatId } from "../tax/vat-id";
import type { AuditFact } from "../units/audit-fact";
import { log } from "../units/log";
import { isRefused } from "../units/refusal";
import { buyerOf } from "./buyer";
import { NO_PROFILE, type ProfileRefusal, syncBillingProfile } from "./stripe-sync";
import { checkVatId, isCheckDue, mayRecheck, unchecked } from "./vat-id-check";

export type { ProfileRefusal };

/** Who buys, as a customer says it. `vat_id` is as a person writes it. */
export interface BillingProfile {
  company_name: string;
  email: string | null;
  line1: string;
  line2: string | null;
  postal_code: string;
  city: string;
  region: string | null;
  country: string;
  is_business: boolean;
  vat_id: string | null;
}

/** A profile that Stripe has as well: what a sale to this buyer needs to know. */
export interface ReadyToBuy {
  outcome: "ready";
  profile: BillingProfileRow;
  buyer: Buyer;
  stripe_customer_id: string;
}

/**
 * Saves who buys, and audits it; the VAT ID is checked and Stripe's customer follows. It is saved also when Stripe does not take it or
 * is away: `obstacle` says what keeps a purchase from being opened then. A VAT ID that is malformed, or not found valid,
 * is kept and shown, and VAT is charged.
 */
export async function saveBillingProfile(
  env: Bindings,
  actor: Actor,
  organization_id: string,
  stated: BillingProfile,
): Promise<{ profile: BillingProfileRow; obstacle: ProfileRefusal | null }> {
  const fact = auditFact(actor, { action: "billing_profile.save", organization_id, detail: { ...stated } });
  const db = openDatabase(env);
  const saved = await store(db, organization_id, stated, fact);
  // Its numbers are read there from now on; where that cannot be told, a later save tells it.
  await new Directory(env)
    .copyOrganization(organization_id)
    .catch((error) => log.warn("country_not_told", { organization_id, error }));
  const checked = mayRecheck(saved, Date.now()) ? await checkVatId(env, saved) : saved;
  if (!readSettings(env).stripe) return { profile: checked, obstacle: null };
  const answer = await syncBillingProfile(env, organization_id);
  if (answer.outcome === "synced") return { profile: answer.profile, obstacle: null };
  return { profile: (await findBillingProfile(db, organization_id)) ?? checked, obstacle: answer };
}

/** Writes it down as a new version, unless it says what is there already. Of two saves at once the later one stands. */
async function store(
  db: Database,
  organization_id: string,
  stated: BillingProfile,
  fact: AuditFact,
): Promise<BillingProfileRow> {
  for (;;) {
    const before = await findBillingProfile(db, organization_id);
    const columns = columnsOf(organization_id, stated, before);
    if (before && isSame(before, columns)) return before;
    const saved = before
      ? await replaceBillingProfile(db, before.version, columns, fact)
      : await insertBillingProfile(db, columns, fact);
    if (saved) return saved;
  }
}

/** What was found of a VAT ID stays with it, whatever else changes. */
function columnsOf(
  organization_id: string,
  stated: BillingProfile,
  before: BillingProfileRow | undefined,
): BillingProfileColumns {
  const now_ms = Date.now();
  const { vat_id: text, ...rest } = stated;
  const fresh = unchecked(readVatId(text ?? "", stated.country), stated.is_business, now_ms);
  const is_known =
    before !== undefined &&
    before.is_business === stated.is_business &&
    before.vat_id === fresh.vat_id &&
    before.vat_id_type === fresh.vat_id_type;
  const known = is_known ? evidenceIn(before) : fresh;
  return { organization_id, ...rest, ...known, updated_at_ms: now_ms };
}

function evidenceIn(row: BillingProfileRow) {
  const { vat_id, vat_id_type, vat_id_state, vat_id_checked_at_ms, vat_id_source } = row;
  const { vat_id_name, vat_id_address, vat_id_consultation_number, vat_id_check_at_ms } = row;
  const check = { vat_id, vat_id_type, vat_id_state, vat_id_checked_at_ms, vat_id_source };
  return { ...check, vat_id_name, vat_id_address, vat_id_consultation_number, vat_id_check_at_ms };
}

function isSame(before: BillingProfileRow, columns: BillingProfileColumns): boolean {
  const { updated_at_ms: _, ...stated } = columns;
  return Object.entries(stated).every(([column, value]) => Reflect.get(before, column) === value);
}

/**
 * The profile as a purchase may rest on it: with a VAT ID whose check is not older than thirty days, and with Stripe's
 * customer brought to the same. The caller that opens a payment page with it checks `isCurrentProfile` afterwards: a save
 * closes only the pages that it finds.
 */
export async function readyToBuy(
  env: Bindings,
  organization_id: string,
): Promise<ReadyToBuy | ProfileRefusal> {
  const saved = await findBillingProfile(openDatabase(env), organization_id);
  if (!saved) return NO_PROFILE;
  if (isCheckDue(saved, Date.now())) await checkVatId(env, saved);
  const answer = await syncBillingProfile(env, organization_id);
  if (isRefused(answer)) return answer;
  const { profile, stripe_customer_id } = answer;
  return { outcome: "ready", profile, buyer: buyerOf(profile), stripe_customer_id };
}

/** Who would buy, with a VAT ID that was checked lately, if that can be had soon; null before a profile was saved. Asks no Stripe. */
export async function presentBuyer(env: Bindings, organization_id: string): Promise<Buyer | null> {
  const db = openDatabase(env);
  const saved = await findBillingProfile(db, organization_id);
  if (!saved) return null;
  if (!isCheckDue(saved, Date.now())) return buyerOf(saved);
  await soonOr(READ_PATIENCE_MS, () => checkVatId(env, saved), saved);
  return buyerOf((await findBillingProfile(db, organization_id)) ?? saved);
}

/** Whether the profile is still the one that a sale was decided by. */
export async function isCurrentProfile(
  env: Bindings,
  organization_id: string,
  version: number,
): Promise<boolean> {
  return (await findBillingProfile(openDatabase(env), organization_id))?.version === version;
}
