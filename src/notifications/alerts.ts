import type { Bindings } from "../env";
import type { AlertThreshold } from "../ledger/core/credit/balance-alerts";
import type { Actor } from "../organizations/actor";
import { audited } from "../organizations/audit-log";
import type { OrganizationHandle } from "../organizations/open-organization";

/**
 * Sets all alerts of an organization, and audits it. With `instead_of` only if these are still the present ones: the answer
 * has those in force.
 */
export async function setAlerts(
  env: Bindings,
  actor: Actor,
  { organization_id, ledger }: Pick<OrganizationHandle, "organization_id" | "ledger">,
  { thresholds, instead_of }: { thresholds: AlertThreshold[]; instead_of?: AlertThreshold[] },
) {
  const asked = { action: "alerts.set", organization_id, detail: { alerts: thresholds } } as const;
  return audited(env, actor, asked, (fact) =>
    ledger.ask(async (object) => object.setAlerts(thresholds, instead_of, fact)),
  );
}
