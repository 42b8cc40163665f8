import type { Bindings } from "../env";
import { MINUTE_MS } from "../units/duration";
import type { Actor } from "./actor";
import { recordDoneOnce } from "./audit-log";

/** How long one look of an operator stands for all of them at the same. */
const LOOK_MS = 10 * MINUTE_MS;

/** Writes down that an operator has read a part of what there is of an organization, once in ten minutes. */
export async function recordLook(
  env: Bindings,
  actor: Actor,
  organization_id: string,
  part: string,
): Promise<void> {
  const window = Math.floor(Date.now() / LOOK_MS);
  const request = { action: "organization.look", organization_id, detail: { part } } as const;
  await recordDoneOnce(env, actor, request, `look ${actor.id} ${organization_id} ${part} ${window}`);
}
