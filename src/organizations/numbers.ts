import type { Bindings } from "../env";
import type { NoSuchOrganization, TooMany } from "../ledger/core/refusals";
import { assignNumber, listOwners, type NumberRow, releaseNumber } from "../storage/accounts/numbers";
import { openDatabase } from "../storage/database";
import { isRefused } from "../units/refusal";
import type { Actor } from "./actor";
import { recordAudit } from "./audit-log";
import { Directory } from "./directory";
import { type OrganizationHandle, openOrganization } from "./open-organization";

/**
 * Gives a number to an organization from now on, and audits it; the time of the one that had it ends. Both ledgers are told last, so
 * that a move that is cut off is put right by a repeat, which tells them again. `is_default`: whether calls of the organization
 * come from it that name no number; left out, that stays as it is.
 */
export async function moveNumber(
  env: Bindings,
  actor: Actor,
  to: OrganizationHandle,
  { e164, is_default }: { e164: string; is_default?: boolean | undefined },
): Promise<{ outcome: "moved"; number: NumberRow } | NoSuchOrganization | TooMany> {
  const { organization_id } = to;
  const detail = { number: e164, is_default };
  await recordAudit(env, actor, { action: "number.move", organization_id, detail });
  // So that nobody loses a number in vain; the ledger decides when it comes to it.
  const room = await to.ledger.ask(async (object) => object.hasRoomForNumber(e164));
  if (isRefused(room)) return room;
  const owners = await assignNumber(openDatabase(env), e164, organization_id, Date.now());
  const number = owners[0];
  if (!number) throw new Error("A number that was just assigned has no owner.");
  // Another move may have come between: then the last one counts, and its own request tells its ledger.
  await new Directory(env).putNumber(e164, owners);
  await notifyFormerOwners(env, e164, owners, number.organization_id);
  const given = { since_ms: number.from_ms, is_default };
  const told = await to.ledger.ask(async (object) => object.putNumber(e164, given));
  if (!isRefused(told)) return { outcome: "moved", number };
  if (told.code === "too_many") await endOwnership(env, e164);
  return told;
}

/** Takes a number from its organization, and audits that it was asked for. Undefined when nobody ever had it: then nothing is written. */
export async function freeNumber(env: Bindings, actor: Actor, e164: string): Promise<NumberRow | undefined> {
  if ((await listOwners(openDatabase(env), e164)).length === 0) return undefined;
  await recordAudit(env, actor, { action: "number.free", organization_id: null, detail: { number: e164 } });
  return endOwnership(env, e164);
}

async function endOwnership(env: Bindings, e164: string): Promise<NumberRow | undefined> {
  const owners = await releaseNumber(openDatabase(env), e164, Date.now());
  await new Directory(env).putNumber(e164, owners);
  await notifyFormerOwners(env, e164, owners, null);
  return owners[0];
}

/** All of them: the move before this one may have been cut off before it told anybody. */
async function notifyFormerOwners(
  env: Bindings,
  e164: string,
  owners: readonly NumberRow[],
  present: string | null,
): Promise<void> {
  const former = new Set(owners.map(({ organization_id }) => organization_id).filter((id) => id !== present));
  await Promise.all(
    [...former].map(async (organization_id) => {
      const reached = await openOrganization(env, organization_id);
      await reached?.ledger.ask(async (object) => object.removeNumber(e164));
    }),
  );
}
