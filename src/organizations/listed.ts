import { within } from "../runtime/deadline";
import { SECOND_MS } from "../units/duration";

const PREFIX = "organization:";

/** A list takes longer than a single entry, and nobody waits for it on the telephone. */
const KV_PATIENCE_MS = 5 * SECOND_MS;

/**
 * A page of the ids of all organizations as KV knows them, in their order: for what must go on while D1 is away, or does not
 * know them any more. Fails when KV is away.
 */
export async function organizationsInDirectory(
  env: Pick<Env, "DIRECTORY">,
  cursor: string | null,
  limit = 500,
): Promise<{ ids: string[]; next_cursor: string | null }> {
  const list = () => env.DIRECTORY.list({ prefix: PREFIX, cursor, limit });
  const page = await within(KV_PATIENCE_MS, list, () => new Error("KV did not answer in time."));
  const ids = page.keys.map(({ name }) => name.slice(PREFIX.length));
  return { ids, next_cursor: page.list_complete ? null : page.cursor };
}
