import type { Bindings } from "../env";
import type { Post } from "../ledger/core/credit/commands";
import { syncSubscription } from "../notifications/endpoints";
import type { Actor } from "../organizations/actor";
import { audited } from "../organizations/audit-log";
import { organizationRef } from "../organizations/directory";
import type { OrganizationHandle } from "../organizations/open-organization";
import { isRefused } from "../units/refusal";
import { leaveHeadOfEpoch } from "./ledger-heads";

type LedgerHandle = Pick<OrganizationHandle, "organization_id" | "ledger">;

/** Gives or takes credit, and audits it. A repeat under the same key posts nothing and answers the same entry. */
export async function postAdjustment(
  env: Bindings,
  actor: Actor,
  { organization_id, ledger }: LedgerHandle,
  command: Post,
) {
  const asked = { action: "adjustment.post", organization_id, detail: command } as const;
  return audited(env, actor, asked, (fact) => ledger.ask(async (object) => object.post(command, fact)));
}

/** Lets a ledger accept a call that waits for an operator, and audits it. A call that does not wait answers its receipt. */
export async function releaseCall(
  env: Bindings,
  actor: Actor,
  { organization_id, ledger }: LedgerHandle,
  call_id: string,
) {
  const asked = { action: "call.release", organization_id, detail: { call_id } } as const;
  return audited(env, actor, asked, (fact) => ledger.ask(async (object) => object.release(call_id, fact)));
}

/**
 * Begins a new generation of a ledger whose object was restored from a point in time, so that ids of entries never repeat,
 * and audits it. The answer has the generation in force, which may be a later one.
 */
export async function beginEpoch(
  env: Bindings,
  actor: Actor,
  { organization_id, ledger }: LedgerHandle,
  epoch: number,
) {
  const asked = { action: "epoch.begin", organization_id, detail: { epoch } } as const;
  const begun = await audited(env, actor, asked, (fact) =>
    ledger.ask(async (object) => object.beginEpoch(epoch, fact)),
  );
  if (!isRefused(begun)) await leaveHeadOfEpoch(env, { organization_id, ledger });
  // What it knew of endpoints is as old as what it was restored to.
  if (!isRefused(begun))
    await syncSubscription(env, { owner: await organizationRef(env, organization_id), ledger });
  return begun;
}
