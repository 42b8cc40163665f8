import type { Bindings } from "../env";
import type { PlatformKey } from "../organizations/directory";
import { noteKeySecret } from "../storage/accounts/platform-keys";
import { openDatabase } from "../storage/database";
import { log } from "../units/log";

const NOTED_KEPT = 10_000;

/** Keys that this isolate has noted: what the directory knows of them may be from before. */
const noted = new Set<string>();

/**
 * Notes under which secret of KEY_SECRETS a key of a node or an operator was made, when that was not kept: used, it says so itself.
 * Never throws: what fails comes again with the next request.
 */
export async function noteSecretOf(
  env: Bindings,
  { key_id, secret_version: known }: PlatformKey,
  secret_version: string,
): Promise<void> {
  if (typeof known === "string" || noted.has(key_id)) return;
  if (noted.size >= NOTED_KEPT) noted.clear();
  noted.add(key_id);
  try {
    await noteKeySecret(openDatabase(env), key_id, secret_version);
  } catch (error) {
    noted.delete(key_id);
    log.warn("key_secret_not_noted", { key_id, error });
  }
}
