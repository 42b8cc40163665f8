import { mintOwnKey } from "../access/api-keys";
import { closeCheckouts } from "../customers/close-checkouts";
import { requireStripe } from "../customers/require-stripe";
import { type Bindings, readSettings } from "../env";
import { openNewLedger } from "../ledger/client";
import { SCOPES } from "../ledger/core/account/api-keys";
import type { Organization } from "../ledger/core/account/organization";
import type { NoSuchOrganization } from "../ledger/core/refusals";
import type { Actor } from "../organizations/actor";
import { recordAudit } from "../organizations/audit-log";
import { Directory } from "../organizations/directory";
import type { OrganizationHandle } from "../organizations/open-organization";
import { insertOrganization, updateOrganization } from "../storage/accounts/organizations";
import { openDatabase } from "../storage/database";
import { newId } from "../units/id";
import { log } from "../units/log";
import { isRefused } from "../units/refusal";

export type NewOrganization = Pick<
  Organization,
  "company_name" | "email" | "language" | "location_hint" | "jurisdiction"
>;
export type ProfilePatch = Partial<Pick<Organization, "company_name" | "email" | "language" | "state">>;

/**
 * Makes an organization, and audits it: with its ledger and its first key, which is shown here only. The ledger comes first, then D1,
 * then KV: an organization that can be found can be used, and a creation that is cut off has made nothing visible.
 */
export async function createOrganization(
  env: Bindings,
  actor: Actor,
  stated: NewOrganization,
): Promise<{ profile: Organization; api_key: string }> {
  const organization_id = newId("org");
  await recordAudit(env, actor, { action: "organization.create", organization_id, detail: stated });
  const profile: Organization = {
    ...stated,
    organization_id,
    state: "active",
    created_at_ms: Date.now(),
  };
  const { key, api_key } = await mintOwnKey(env, organization_id, {
    label: "first key",
    scopes: [...SCOPES],
    expires_at_ms: null,
  });
  const ledger = openNewLedger(env, profile, readSettings(env).ledger_deadline_ms);
  await ledger.ask(async (object) => object.create(profile, api_key));
  const { organization_id: id, ...row } = profile;
  await insertOrganization(openDatabase(env), { id, ...row });
  const directory = new Directory(env);
  await directory.copyStandardRates();
  await directory.putOrganization(id, profile);
  return { profile, api_key: key };
}

/** Changes, and audits, who an organization is or whether it may call; its ledger obeys from then on, lists follow. */
export async function patchOrganization(
  env: Bindings,
  actor: Actor,
  { organization_id, ledger }: OrganizationHandle,
  patch: ProfilePatch,
): Promise<{ outcome: "profile"; profile: Organization } | NoSuchOrganization> {
  await recordAudit(env, actor, { action: "organization.change", organization_id, detail: patch });
  const answer = await ledger.ask(async (object) => object.setProfile(patch));
  if (isRefused(answer)) return answer;
  const { company_name, email, language, state } = answer.profile;
  await updateOrganization(openDatabase(env), organization_id, { company_name, email, language, state });
  await new Directory(env).putOrganization(organization_id, answer.profile);
  if (state === "closed" && readSettings(env).stripe) await closePages(env, organization_id);
  return answer;
}

/** What is open for payment is closed, too. It is closed without Stripe: what is paid all the same is still credited. */
async function closePages(env: Bindings, organization_id: string): Promise<void> {
  try {
    await closeCheckouts(env, requireStripe(env), organization_id);
  } catch (error) {
    log.error("checkouts_stay_open", { organization_id, error: String(error) });
  }
}
