import type { Bindings } from "../env";
import type { NoSuchOrganization, TooMany } from "../ledger/core/refusals";
import { assignNumber, listOwners, type NumberRow, releaseNumber } from "../storage/accounts/numbers";
import { openDatabase } from "../storage/database";
import type { AuditFact } from "../units/audit-fact";
import { isRefused } from "../units/refusal";
import type { Actor } from "./actor";
import { audited, auditFact } from "./audit-log";
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
  const asked = { action: "number.move", organization_id, detail: { number: e164, is_default } } as const;
  return audited(env, actor, asked, (fact) => assign(env, to, { e164, is_default, fact }));
}

async function assign(
  env: Bindings,
  to: OrganizationHandle,
  { e164, is_default, fact }: { e164: string; is_default?: boolean | undefined; fact: AuditFact },
): Promise<{ outcome: "moved"; number: NumberRow } | NoSuchOrganization | TooMany> {
  const { organization_id } = to;
  // So that nobody loses a number in vain; the ledger decides when it comes to it.
  const room = await to.ledger.ask(async (object) => object.hasRoomForNumber(e164));
  if (isRefused(room)) return room;
  const owners = await assignNumber(openDatabase(env), e164, organization_id, { now_ms: Date.now(), fact });
  const number = owners[0];
  if (!number) throw new Error("A number that was just assigned has no owner.");
  // Another move may have come between: then the last one counts, and its own request tells its ledger.
  await new Directory(env).putNumber(e164, owners);
  await notifyFormerOwners(env, e164, owners, number.organization_id);
  // The records and the ledger write one row between them.
  const given = { since_ms: number.from_ms, is_default, fact };
  const told = await to.ledger.ask(async (object) => object.putNumber(e164, given));
  if (!isRefused(told)) return { outcome: "moved", number };
  if (told.code === "too_many") await endOwnership(env, e164, null);
  return told;
}

/** Takes a number from its organization, and audits it. Undefined when nobody ever had it. */
export async function freeNumber(env: Bindings, actor: Actor, e164: string): Promise<NumberRow | undefined> {
  const [owner] = await listOwners(openDatabase(env), e164);
  if (!owner) return undefined;
  const { organization_id } = owner;
  const fact = auditFact(actor, { action: "number.free", organization_id, detail: { number: e164 } });
  return endOwnership(env, e164, fact);
}

async function endOwnership(
  env: Bindings,
  e164: string,
  fact: AuditFact | null,
): Promise<NumberRow | undefined> {
  const owners = await releaseNumber(openDatabase(env), e164, { now_ms: Date.now(), fact });
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
