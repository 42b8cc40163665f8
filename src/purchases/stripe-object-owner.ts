import { deploymentName } from "../customers/deployment";
import type { Bindings } from "../env";
import { notifyOperators } from "../notifications/record-event";
import { openDatabase } from "../storage/database";
import { findPurchase, type PurchaseRow } from "../storage/purchases/purchases";
import { isOurs } from "../stripe/purchase-metadata";
import { SECOND_MS } from "../units/duration";
import { log } from "../units/log";

/** An object of Stripe's: `created` in seconds, as Stripe counts. */
export interface StripeObject {
  id: string;
  object: string;
  created?: number;
}

type Metadata = Record<string, string> | null | undefined;

/** Whose an object of Stripe's is: `unknown` is ours by its name, but nothing is known of its purchase. */
export type StripeObjectOwner =
  | { whose: "ours"; purchase: PurchaseRow }
  | { whose: "unknown"; purchase_id: string | null; organization_id: string | null }
  | { whose: "others" };

/** Whose an object is. `known`: the purchase that has the object's id written down, which goes before all metadata. */
export async function ownerOf(
  env: Bindings,
  metadata: Metadata,
  known?: PurchaseRow,
): Promise<StripeObjectOwner> {
  if (known) return { whose: "ours", purchase: known };
  if (!metadata || !isOurs(metadata, await deploymentName(env))) return { whose: "others" };
  const { purchase_id = null, organization_id = null } = metadata;
  const purchase = purchase_id === null ? undefined : await findPurchase(openDatabase(env), purchase_id);
  return purchase ? { whose: "ours", purchase } : { whose: "unknown", purchase_id, organization_id };
}

/** Another shop's or deployment's, on the same account at Stripe: counted, and nothing else. */
export function countForeignEvent(env: Bindings, event_type: string): void {
  env.METRICS.writeDataPoint({ indexes: ["stripe"], blobs: ["anothers", event_type], doubles: [1] });
}

/** Tells the operators, once, of an object that is ours and that nothing is known of: they can adopt it. */
export async function reportUnknownObject(
  env: Bindings,
  { id: object_id, object: kind, created = Math.floor(Date.now() / SECOND_MS) }: StripeObject,
  { purchase_id, organization_id }: { purchase_id: string | null; organization_id: string | null },
): Promise<void> {
  const data = { object_id, kind, purchase_id, organization_id };
  log.error("stripe_object_unknown", data);
  await notifyOperators(env, `stripe_object_unknown:${object_id}`, {
    type: "ops.stripe_object_unknown",
    occurred_at_ms: created * SECOND_MS,
    data,
  });
}
