import type { KeyRefusal } from "../../ledger/core/account/api-keys";
import { SECOND_MS } from "../../units/duration";

type KeyRejectionCode = Extract<KeyRefusal["code"], "unauthorized" | "api_key_revoked" | "api_key_expired">;

/** No key comes to life again, so that this could be for ever; it is for memory's sake. */
const REMEMBERED_MS = 10 * SECOND_MS;
const MAX_REMEMBERED = 1_000;

const rejected_keys = new Map<string, { code: KeyRejectionCode; until_ms: number }>();

/** Remembers in this isolate that a ledger has refused a key for good, so that it is not asked each time. */
export function rememberRejectedKey(hash: string, code: string): void {
  if (code !== "unauthorized" && code !== "api_key_revoked" && code !== "api_key_expired") return;
  if (rejected_keys.size >= MAX_REMEMBERED) rejected_keys.clear();
  rejected_keys.set(hash, { code, until_ms: Date.now() + REMEMBERED_MS });
}

/** What the ledger has just said of a key, null when it has to be asked. */
export function knownRejection(hash: string): KeyRejectionCode | null {
  const known = rejected_keys.get(hash);
  return known && known.until_ms > Date.now() ? known.code : null;
}
