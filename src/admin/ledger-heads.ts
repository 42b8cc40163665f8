import { type Bindings, readSettings } from "../env";
import type { ChainedAt } from "../ledger/object/commands/checks";
import { notifyOperators } from "../notifications/record-event";
import type { OrganizationHandle } from "../organizations/open-organization";
import {
  headsToTell,
  type LedgerHeadRow,
  latestHead,
  markTold,
  putHead,
} from "../storage/calls/ledger-heads";
import { openDatabase } from "../storage/database";
import { sha256Hex } from "../units/digest";
import { isoTime } from "../units/duration";
import { isRefused } from "../units/refusal";
import { isSealed, type KeySecrets, sealOf } from "../units/seal";
import { sealFacts, sealToTell, sealWasTold } from "./audit-seals";

/** Heads in one event: far within what an event may hold. */
const HEADS_PER_EVENT = 100;

type LedgerHandle = Pick<OrganizationHandle, "organization_id" | "ledger">;

/** The head of a ledger that was compared with it. */
export type ComparedHead = Pick<LedgerHeadRow, "epoch" | "seq" | "day">;

/**
 * Keeps, signed, what a ledger has come to with its entry `seq`, which was proven just now. The same entry again changes nothing,
 * unless the newest secret has not signed it.
 * @throws LedgerUnavailable
 */
export async function leaveHead(
  env: Bindings,
  { organization_id, ledger }: LedgerHandle,
  seq: number,
): Promise<void> {
  const db = openDatabase(env);
  if (seq === 0 || isHead(env, await latestHead(db, organization_id), seq)) return;
  const chained = await ledger.ask(async (object) => object.chainedAt(seq));
  if (isRefused(chained) || !chained.entry) return;
  await putHead(db, await signedHead(env, organization_id, seq, chained));
}

/** The head of a new generation, whatever the last one of the generation before was: an operator has put the ledger back. */
export async function leaveHeadOfEpoch(env: Bindings, organization: LedgerHandle): Promise<void> {
  const { organization_id, ledger } = organization;
  const db = openDatabase(env);
  const last = await latestHead(db, organization_id);
  const { last_seq, epoch } = await chainedAt(organization, 0);
  if (last && last.epoch >= epoch) return;
  const chained = await ledger.ask(async (object) => object.chainedAt(last_seq));
  if (isRefused(chained)) return;
  await putHead(db, await signedHead(env, organization_id, last_seq, chained));
}

/** Whether a ledger's entry `seq` has left as its head, signed by the newest secret. */
export function isHead(env: Bindings, head: LedgerHeadRow | undefined, seq: number): boolean {
  return head?.seq === seq && head.key_version === readSettings(env).key_secrets[0]?.version;
}

/**
 * Compares a ledger with the last head that has left it, a difference named. Both null: none has left. A head whose entry is no
 * longer kept cannot be compared.
 * @throws LedgerUnavailable
 */
export async function compareWithHead(
  env: Bindings,
  organization: LedgerHandle,
): Promise<{ head: ComparedHead | null; difference: string | null }> {
  const row = await latestHead(openDatabase(env), organization.organization_id);
  if (!row) return { head: null, difference: null };
  const { epoch, seq, day } = row;
  const head = { epoch, seq, day };
  const forged = await differenceOfSignature(row, readSettings(env).key_secrets);
  if (forged) return { head, difference: forged };
  const chained = await chainedAt(organization, seq);
  if (seq !== 0 && chained.left_seq > seq) return { head: null, difference: null };
  return { head, difference: differenceOfHead(row, chained) };
}

/** Tells operators of the heads, and of the seal of the audit, that have left since they were told last. */
export async function tellHeads(env: Bindings, now_ms: number): Promise<void> {
  const db = openDatabase(env);
  const [heads, seal] = [await headsToTell(db, HEADS_PER_EVENT), await sealToTell(env)];
  const told = [...heads, ...(seal ? [seal] : [])];
  const [oldest] = told;
  if (!oldest) return;
  const fact = await sha256Hex(told.map(({ signature }) => signature).join());
  await notifyOperators(env, `ledger_heads:${fact}`, {
    type: "ops.ledger_heads",
    occurred_at_ms: oldest.at_ms,
    data: {
      heads: heads.map(({ at_ms, told_at_ms: _, ...head }) => ({ ...head, left_at: isoTime(at_ms) })),
      ...(seal && { audit: sealFacts(seal) }),
    },
  });
  await markTold(db, heads, now_ms);
  if (seal) await sealWasTold(env, seal, now_ms);
}

async function chainedAt({ ledger }: LedgerHandle, seq: number): Promise<ChainedAt> {
  const chained = await ledger.ask(async (object) => object.chainedAt(seq));
  if (isRefused(chained)) throw new Error(chained.message);
  return chained;
}

function differenceOfHead(
  { epoch, seq, day, digest, balance_after_micros }: LedgerHeadRow,
  { last_seq, entry }: ChainedAt,
): string | null {
  if (seq === 0) return null;
  if (last_seq < seq)
    return `entry ${last_seq + 1} is missing: the head that left on ${day} was entry ${epoch}:${seq}`;
  if (!entry) return `entry ${seq} is missing: it left as the head of ${day}`;
  const name = `entry ${entry.epoch}:${seq}`;
  if (entry.balance_after_micros !== balance_after_micros)
    return `${name}: balance after is ${entry.balance_after_micros}, not ${balance_after_micros} as when it left as the head of ${day}`;
  if (digest !== null && entry.digest !== digest)
    return `${name}: its digest is not the one that left as the head of ${day}`;
  return null;
}

/** Why a head cannot be trusted; null when one of our secrets has signed it. */
async function differenceOfSignature(head: LedgerHeadRow, secrets: KeySecrets): Promise<string | null> {
  const { day, key_version, signature } = head;
  if (!secrets.some(({ version }) => version === key_version))
    return `head of ${day}: it was signed by secret ${key_version} of KEY_SECRETS, which is not there any more`;
  const is_ours =
    signature.startsWith(key_version) && (await isSealed("ledger_head", textOf(head), signature, secrets));
  return is_ours ? null : `head of ${day}: it is not as it was signed`;
}

async function signedHead(
  env: Bindings,
  organization_id: string,
  seq: number,
  { epoch, entry }: ChainedAt,
): Promise<LedgerHeadRow> {
  const at_ms = Date.now();
  const head = {
    organization_id,
    epoch,
    seq,
    digest: entry?.digest ?? null,
    balance_after_micros: entry?.balance_after_micros ?? 0,
    day: isoTime(at_ms).slice(0, 10),
    at_ms,
  };
  const signature = await sealOf("ledger_head", textOf(head), readSettings(env).key_secrets);
  return { ...head, key_version: signature.slice(0, 1), signature, told_at_ms: null };
}

/** What is signed: JSON of all that a head says, in this order. */
function textOf(head: Omit<LedgerHeadRow, "key_version" | "signature" | "told_at_ms">): string {
  const { organization_id, epoch, seq, digest, balance_after_micros, day, at_ms } = head;
  return JSON.stringify([organization_id, epoch, seq, digest, balance_after_micros, day, at_ms]);
}
