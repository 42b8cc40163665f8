import { type Bindings, readSettings } from "../env";
import { type LedgerHandle, openLedger } from "../ledger/client";
import type { DeckPointer } from "./deck-versions";
import { Directory } from "./directory";

/** An organization that can be asked: its ledger, and what stands beside it in the directory. */
export interface OrganizationHandle {
  organization_id: string;
  ledger: LedgerHandle;
  /** The language of announcements to its callers. */
  language: string;
  /** Where it is, when it has said so. */
  country: string | null;
  /** Versions of its own rate deck, in the order in which they begin. */
  decks: readonly DeckPointer[];
}

/**
 * The way to an organization's ledger, null when there is no such organization.
 * @throws DirectoryUnavailable when that cannot be told
 */
export async function openOrganization(
  env: Bindings,
  organization_id: string,
  directory = new Directory(env),
): Promise<OrganizationHandle | null> {
  const entry = await directory.organization(organization_id);
  if (!entry) return null;
  const address = { organization_id, jurisdiction: entry.jurisdiction };
  const ledger = openLedger(env, address, readSettings(env).ledger_deadline_ms);
  const { language, country = null, decks = [] } = entry;
  return { organization_id, ledger, language, country, decks };
}
