import { type Bindings, readSettings } from "../env";
import { claimRequest, deleteRequestsUntil } from "../storage/accounts/requests";
import { openDatabase } from "../storage/database";
import { newSeed } from "../units/derived-secret";
import { type IdPrefix, newId } from "../units/id";
import { type Refusal, refuse } from "../units/refusal";
import { REPEATABLE_FOR_MS, type Repeatable, type RequestRecord } from "../units/repeatable";

/** What is forgotten at once, and how often in one run of the cron. */
const FORGET_AT_ONCE = 500;
const PORTIONS_PER_RUN = 20;

/** The caller's key was used for something else, or what it has made cannot be shown any more. */
export type RequestConflict = Refusal<"idempotency_conflict">;

/** What a request without a key makes: nobody finds it again. */
const UNREPEATABLE: Repeatable = { request_key: "", fingerprint: "" };

/** What a request is about to make: an id, and what its secret is derived from. */
export function newRequestRecord(env: Bindings, prefix: IdPrefix, request: Repeatable | null): RequestRecord {
  const seed = newSeed(readSettings(env).key_secrets);
  return {
    ...(request ?? UNREPEATABLE),
    ...seed,
    object_id: newId(prefix),
    at_ms: Date.now(),
    answer: null,
  };
}

/**
 * The id under which a request makes what it asks for: the same in each repeat within a day, also of one that was cut off, so
 * that whatever makes it under that id is done once. `record` says when it was first asked for, and what secret was shown.
 */
export async function claimObject(
  env: Bindings,
  prefix: IdPrefix,
  request: Repeatable | null,
): Promise<{ outcome: "claimed"; record: RequestRecord } | RequestConflict> {
  const record = newRequestRecord(env, prefix, request);
  if (!request) return { outcome: "claimed", record };
  const { answer, ...row } = record;
  const in_force = await claimRequest(openDatabase(env), row, record.at_ms - REPEATABLE_FOR_MS);
  return in_force.fingerprint === request.fingerprint
    ? { outcome: "claimed", record: { ...in_force, answer } }
    : refuse("idempotency_conflict");
}

/** What was made, and what cannot be said of it any more. The caller takes another key, once it has looked. */
export function cannotShow(object_id: string, why: "secret_retired" | "gone" | "replaced"): RequestConflict {
  return refuse("idempotency_conflict", { message: `${object_id} was made by this key. ${WHY[why]}` });
}

const WHY = {
  secret_retired:
    "Its secret was made under a secret of KEY_SECRETS that is no longer in use, and cannot be shown again.",
  gone: "It has been deleted since.",
  replaced: "Its secret has been replaced since.",
};

/** Forgets the requests that no repeat finds any more, in portions. */
export async function forgetOldRequests(env: Bindings): Promise<void> {
  const until_ms = Date.now() - REPEATABLE_FOR_MS;
  for (let portion = 0; portion < PORTIONS_PER_RUN; portion++)
    if ((await deleteRequestsUntil(openDatabase(env), until_ms, FORGET_AT_ONCE)) < FORGET_AT_ONCE) return;
}
