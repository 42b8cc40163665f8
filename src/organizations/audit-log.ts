import type { Bindings } from "../env";
import { insertAudit } from "../storage/accounts/audit";
import { openDatabase } from "../storage/database";
import { toHex } from "../units/digest";
import { newId } from "../units/id";
import type { Actor } from "./actor";

/** All that is audited. The same words stand in rows of years ago: add some, never change one. */
type AuditAction =
  | "adjustment.post"
  | "alerts.set"
  | "api_key.create"
  | "api_key.revoke"
  | "auto_top_up.set"
  | "billing_profile.save"
  | "call.release"
  | "epoch.begin"
  | "key.create"
  | "key.revoke"
  | "ledger.verify"
  | "number.free"
  | "number.move"
  | "organization.change"
  | "organization.create"
  | "payment_method.remove"
  | "portal_session.create"
  | "purchase.refund"
  | "purchase.resolve"
  | "purchase.tax_refund"
  | "rate.put"
  | "reconciliation.adopt"
  | "reconciliation.run"
  | "webhook_endpoint.change"
  | "webhook_endpoint.create"
  | "webhook_endpoint.delete"
  | "webhook_endpoint.end_previous_secret"
  | "webhook_endpoint.rotate_secret";

/** As many as a digest is worth. */
const SALT_BYTES = 16;

/** A change that somebody asked for. */
export interface AuditedRequest {
  action: AuditAction;
  /** Null when it is about no single organization. */
  organization_id: string | null;
  /** What was asked for, as JSON. Never a secret. */
  detail?: object;
}

/**
 * Writes who asked for what. Called by the function that carries the change out, before it does, once the request is known
 * to be valid: nothing is ever done that has no row. A row says that it was asked; the ledger and the records say what came
 * of it.
 */
export async function recordAudit(env: Bindings, actor: Actor, request: AuditedRequest): Promise<void> {
  const { action, organization_id, detail = {} } = request;
  await insertAudit(openDatabase(env), {
    id: newId("aud"),
    at_ms: Date.now(),
    key_id: actor.id,
    actor_name: actor.name,
    action,
    organization_id,
    detail: { ...detail },
    salt: toHex(crypto.getRandomValues(new Uint8Array(SALT_BYTES)).buffer),
  });
}
