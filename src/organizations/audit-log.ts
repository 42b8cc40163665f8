import type { Bindings } from "../env";
import { insertAudit } from "../storage/audit";
import { openDatabase } from "../storage/database";
import { newId } from "../units/id";

/** Who asks for a change: an API key, or a person at the dashboard. */
export interface Actor {
  /** An API key's id, or `user:` and the platform's id of the person. */
  id: string;
  /** The person's name, null for a key. */
  name: string | null;
}

/**
 * Writes down what somebody asked for. Before it is done, so that nothing is ever done that is not written down: a row
 * says that it was asked, the ledger and the records say what came of it. Never give it a secret.
 */
export async function recordAudit(
  env: Bindings,
  actor: Actor,
  action: string,
  organization_id: string | null,
  detail: Record<string, unknown> = {},
): Promise<void> {
  const { id: key_id, name: actor_name } = actor;
  await insertAudit(openDatabase(env), {
    id: newId("aud"),
    at_ms: Date.now(),
    key_id,
    actor_name,
    action,
    organization_id,
    detail,
  });
}
