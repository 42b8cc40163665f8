import type { Bindings } from "../env";
import { LedgerUnavailable } from "../ledger/client";
import { organizationsInDirectory } from "../organizations/listed";
import { openOrganization } from "../organizations/open-organization";
import { knownOrganizations } from "../storage/accounts/organizations";
import { openDatabase } from "../storage/database";
import { log } from "../units/log";

/**
 * Looks through a page of the organizations that KV knows for those that D1 does not list any more, because it was put back
 * to before they were made, and has their ledgers write themselves down again. Answers where the next page begins, null at
 * the end.
 */
export async function restoreUnlisted(env: Bindings, cursor: string | undefined): Promise<string | null> {
  const page = await organizationsInDirectory(env, cursor ?? null);
  const listed = new Set(await knownOrganizations(openDatabase(env), page.ids));
  for (const organization_id of page.ids.filter((id) => !listed.has(id))) {
    log.error("organization_unlisted", { organization_id });
    try {
      const organization = await openOrganization(env, organization_id);
      await organization?.ledger.ask(async (object) => object.rebuildProjection());
    } catch (error) {
      if (!(error instanceof LedgerUnavailable)) throw error;
      log.error("ledger_unreachable", { organization_id, error });
    }
  }
  return page.next_cursor;
}
