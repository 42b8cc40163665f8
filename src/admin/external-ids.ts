import type { OrganizationHandle } from "../organizations/open-organization";
import { type OrganizationRow, restoreExternalId } from "../storage/accounts/organizations";
import type { Database } from "../storage/database";
import { log } from "../units/log";
import { isRefused } from "../units/refusal";

/**
 * Makes D1 say the platform's id of an organization as its ledger was told it: D1 may have been put back in time. A ledger from
 * before it kept one is told what D1 has. Another organization may have the id meanwhile: that is told, and an operator decides.
 * A ledger that was told another one while D1 was written is asked again, so that what was changed last stays.
 */
export async function agreeOnExternalId(
  db: Database,
  organization: Pick<OrganizationHandle, "organization_id" | "ledger">,
  known: OrganizationRow["external_id"],
  told: string | null | undefined,
): Promise<void> {
  if (told === known) return;
  const { organization_id, ledger } = organization;
  if (told === undefined) {
    await ledger.ask(async (object) => object.learnExternalId(known));
    return;
  }
  const { is_mended, taken_by } = await restoreExternalId(db, organization_id, told);
  if (is_mended || taken_by) log.error("external_id_differs", { organization_id, taken_by });
  const written = await ledger.ask(async (object) => object.written());
  if (!isRefused(written)) await agreeOnExternalId(db, organization, told, written.external_id);
}
