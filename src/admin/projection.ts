import type { Bindings } from "../env";
import type { Actor } from "../organizations/actor";
import { audited } from "../organizations/audit-log";
import type { OrganizationHandle } from "../organizations/open-organization";

type LedgerHandle = Pick<OrganizationHandle, "organization_id" | "ledger">;

/**
 * Lets a ledger make its copy in D1 anew from all that it keeps, and audits it. Answers how that stands: while one is under
 * way, another begins nothing.
 * @throws LedgerUnavailable
 */
export async function rebuildProjection(
  env: Bindings,
  actor: Actor,
  { organization_id, ledger }: LedgerHandle,
) {
  const asked = { action: "projection.rebuild", organization_id, detail: {} } as const;
  return audited(env, actor, asked, (fact) => ledger.ask(async (object) => object.rebuildProjection(fact)));
}
