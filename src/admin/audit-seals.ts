import { type Bindings, readSettings } from "../env";
import {
  lastSeal,
  lastSignedSeal,
  markSealTold,
  putSeal,
  type SignedSealRow,
  signSeal,
  unsealedRows,
} from "../storage/accounts/audit-seals";
import { openDatabase } from "../storage/database";
import { isoTime } from "../units/duration";
import { isSealed, type KeySecrets, newestSecret, sealOf } from "../units/seal";
import { sealOver } from "./audit-digest";

/** Rows of one seal, and seals of one run: after D1 was away, or on the first day, the next runs go on. */
const ROWS_PER_SEAL = 200;
const SEALS_PER_RUN = 10;

/**
 * Seals the rows of the audit that have come since the last run: what each says, over the seal before. From then on a row that
 * is changed, taken out or put in between is found. Rows from before there were seals are sealed as they stand.
 */
export async function sealAudit(env: Bindings): Promise<void> {
  const db = openDatabase(env);
  for (let seals = 0; seals < SEALS_PER_RUN; seals++) {
    const rows = await unsealedRows(db, ROWS_PER_SEAL);
    if (rows.length === 0) return;
    await putSeal(db, sealOver(await lastSeal(db), rows, Date.now()));
  }
}

/** Signs the newest seal, once a day (UTC) and when another secret has come: with it operators keep what the audit had come to. */
export async function leaveAuditSeal(env: Bindings, now_ms: number): Promise<void> {
  const db = openDatabase(env);
  const [newest, signed] = await Promise.all([lastSeal(db), lastSignedSeal(db)]);
  const { key_secrets } = readSettings(env);
  const is_of_newest = signed?.key_version === newestSecret(key_secrets).version;
  const is_latest =
    signed && (signed.seq === newest?.seq || dayOf(signed.signed_at_ms ?? 0) === dayOf(now_ms));
  if (!newest || (is_of_newest && is_latest)) return;
  const signature = await sealOf("audit_seal", textOf(newest), key_secrets);
  await signSeal(db, newest.seq, { key_version: signature.slice(0, 1), signature, signed_at_ms: now_ms });
}

/** The seal that operators are still to be told of; null as a rule. */
export async function sealToTell(env: Bindings): Promise<SignedSealRow | null> {
  const signed = await lastSignedSeal(openDatabase(env));
  return signed && signed.told_at_ms === null ? signed : null;
}

/** What operators are told of it. */
export function sealFacts({ seq, digest, at_ms, key_version, signature }: SignedSealRow) {
  return { seq, digest, sealed_at: isoTime(at_ms), key_version, signature };
}

/** Notes that operators were told of it. */
export async function sealWasTold(env: Bindings, { seq }: SignedSealRow, now_ms: number): Promise<void> {
  await markSealTold(openDatabase(env), seq, now_ms);
}

/** Why the seal that left last cannot be trusted; null when one of our secrets has signed it, or none has left. */
export async function differenceOfSigned(
  signed: SignedSealRow | undefined,
  secrets: KeySecrets,
): Promise<string | null> {
  if (!signed) return null;
  const { seq, key_version, signature } = signed;
  if (!secrets.some(({ version }) => version === key_version))
    return `seal ${seq}: it was signed by secret ${key_version} of KEY_SECRETS, which is not there any more`;
  const is_ours = await isSealed("audit_seal", textOf(signed), signature, secrets);
  return is_ours ? null : `seal ${seq}: it is not as it was signed`;
}

/** What is signed: JSON of all that a seal says besides its rows, which its digest is of. */
function textOf({
  seq,
  previous,
  at_ms,
  digest,
}: Pick<SignedSealRow, "seq" | "previous" | "at_ms" | "digest">) {
  return JSON.stringify([seq, previous, at_ms, digest]);
}

function dayOf(at_ms: number): string {
  return isoTime(at_ms).slice(0, 10);
}
