import { mintOwnKey } from "../access/api-keys";
import { closeCheckouts } from "../customers/close-checkouts";
import { requireStripe } from "../customers/require-stripe";
import { type Bindings, readSettings } from "../env";
import { openNewLedger } from "../ledger/client";
import { SCOPES } from "../ledger/core/account/api-keys";
import type { Organization, OrganizationChange } from "../ledger/core/account/organization";
import { type NoSuchOrganization, noSuchOrganization } from "../ledger/core/refusals";
import type { Actor } from "../organizations/actor";
import { audited, auditFact } from "../organizations/audit-log";
import { Directory } from "../organizations/directory";
import type { OrganizationHandle } from "../organizations/open-organization";
import { cannotShow, claimObject, type RequestConflict } from "../organizations/repeated-requests";
import {
  findByExternalId,
  findOrganization,
  insertOrganization,
  type OrganizationRow,
  restoreExternalId,
  setExternalId,
  updateOrganization,
} from "../storage/accounts/organizations";
import { openDatabase } from "../storage/database";
import { log } from "../units/log";
import { isRefused, type Refusal, refuse } from "../units/refusal";
import type { Repeatable } from "../units/repeatable";

export type NewOrganization = Pick<
  Organization,
  "company_name" | "email" | "language" | "location_hint" | "jurisdiction"
> & {
  /** The platform's own id of it. */
  external_id: string | null;
};

/** Another organization has the platform's id that this one was to get. */
export type ExternalIdTaken = Refusal<"external_id_taken">;

/**
 * Makes an organization, and audits it: with its ledger and its first key, which is shown here only, and to a repeat of `request`
 * within a day. The ledger comes first, then D1, then KV: an organization that can be found can be used, and a creation that is
 * cut off has made nothing visible; its repeat goes on with the same.
 */
export async function createOrganization(
  env: Bindings,
  actor: Actor,
  { request, ...stated }: NewOrganization & { request: Repeatable | null },
): Promise<{ outcome: "made"; row: OrganizationRow; api_key: string } | ExternalIdTaken | RequestConflict> {
  const claimed = await claimObject(env, "org", request);
  if (isRefused(claimed)) return claimed;
  const { object_id: id, at_ms, ...seed } = claimed.record;
  const db = openDatabase(env);
  const { external_id } = stated;
  const other = external_id === null ? undefined : await findByExternalId(db, external_id);
  if (other && other.id !== id) return externalIdTaken(other);
  const first = { label: "first key", scopes: [...SCOPES], expires_at_ms: null, made_by: null };
  const minted = await mintOwnKey(env, id, first, { ...seed, key_id: firstKeyId(id), at_ms });
  if (!minted) return cannotShow(id, "secret_retired");
  const organization: Organization = {
    ...stated,
    organization_id: id,
    state: "active",
    created_at_ms: at_ms,
  };
  const ledger = openNewLedger(env, organization, readSettings(env).ledger_deadline_ms);
  await ledger.ask(async (object) => object.create(organization, minted.api_key));
  const { organization_id: _, ...columns } = organization;
  const fact = auditFact(actor, { action: "organization.create", organization_id: id, detail: stated });
  const { row, is_new } = await insertOrganization(db, { ...columns, id, external_id }, fact);
  if (!row) return externalIdTaken(await findByExternalId(db, external_id ?? ""));
  const directory = new Directory(env);
  await directory.copyRateCard();
  // What is read from D1 may be older than what a change has just written to KV.
  if (is_new) await directory.putOrganization(id, row);
  return { outcome: "made", row, api_key: minted.key };
}

/** An organization and its first key are made together, and have one id with two prefixes. */
function firstKeyId(organization_id: string): string {
  return `key_${organization_id.slice(organization_id.indexOf("_") + 1)}`;
}

function externalIdTaken(by: Pick<OrganizationRow, "id"> | undefined): ExternalIdTaken {
  const message = `${by?.id ?? "Another organization"} has this external_id.`;
  return refuse("external_id_taken", { message, param: "external_id" });
}

/** Changes, and audits, who an organization is or whether it may call; its ledger obeys from then on, lists follow. */
export async function patchOrganization(
  env: Bindings,
  actor: Actor,
  { organization_id, ledger }: OrganizationHandle,
  patch: OrganizationChange,
): Promise<{ outcome: "changed"; row: OrganizationRow } | NoSuchOrganization | ExternalIdTaken> {
  const { external_id } = patch;
  const db = openDatabase(env);
  const asked = { action: "organization.change", organization_id, detail: patch } as const;
  const answer = await audited(env, actor, asked, async (fact) => {
    // First, because it is all that may be refused, and D1 decides whose it is. Both write one row.
    if (external_id !== undefined && !(await setExternalId(db, organization_id, external_id, fact)))
      return externalIdTaken(await findByExternalId(db, external_id ?? ""));
    return ledger.ask(async (object) => object.setProfile(patch, fact));
  });
  if (isRefused(answer)) return answer;
  const { company_name, email, language, state } = answer.profile;
  await updateOrganization(db, organization_id, { company_name, email, language, state });
  if (external_id !== undefined) {
    // A night that asked the ledger before it was told has put back the id from before.
    const { taken_by } = await restoreExternalId(db, organization_id, answer.profile.external_id ?? null);
    if (taken_by) return externalIdTaken({ id: taken_by });
  }
  await new Directory(env).putOrganization(organization_id, answer.profile);
  if (state === "closed" && readSettings(env).stripe) await closePages(env, organization_id);
  const row = await findOrganization(db, organization_id);
  return row ? { outcome: "changed", row } : noSuchOrganization();
}

/** What is open for payment is closed, too. It is closed without Stripe: what is paid all the same is still credited. */
async function closePages(env: Bindings, organization_id: string): Promise<void> {
  try {
    await closeCheckouts(env, requireStripe(env), organization_id);
  } catch (error) {
    log.error("checkouts_stay_open", { organization_id, error });
  }
}
