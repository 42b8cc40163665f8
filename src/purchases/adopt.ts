import { deploymentName } from "../customers/deployment";
import { requireStripe } from "../customers/require-stripe";
import { type Bindings, readSettings } from "../env";
import type { Actor } from "../organizations/actor";
import { auditFact, recordDoneOnce } from "../organizations/audit-log";
import { findOrganization } from "../storage/accounts/organizations";
import { openDatabase } from "../storage/database";
import { findPurchase, insertPurchase, type PurchaseRow } from "../storage/purchases/purchases";
import { type LostObject, lostObject } from "../stripe/lost-object";
import { isOurs } from "../stripe/purchase-metadata";
import { DAY_MS } from "../units/duration";
import { type Refusal, refuse } from "../units/refusal";
import { finishCardSetup } from "./cards/finish-setup";
import { fulfilPurchase } from "./fulfil";
import { reverseDispute, reverseRefund } from "./refunds/reversals";
import { undecidedTax } from "./start-checkout";

/** What can be adopted, and whose it says that it is. */
export interface Adoptable {
  outcome: "adoptable";
  organization_id: string;
  lost: LostObject;
}

/** Why an object of Stripe's is not adopted. `owner_unknown`: there is no organization of the id that it names. */
export type AdoptRefusal = Refusal<"purchases_unavailable" | "not_found" | "not_ours" | "owner_unknown">;

/**
 * Looks an object up at Stripe that is ours by its name and that nothing is known of here: a payment, a refund or dispute of
 * one, or a page on which a card was entered. @throws StripeError when Stripe cannot be asked
 */
export async function findAdoptable(env: Bindings, object_id: string): Promise<Adoptable | AdoptRefusal> {
  if (!readSettings(env).stripe) return refuse("purchases_unavailable");
  const lost = await lostObject(requireStripe(env), object_id);
  if (!lost)
    return refuse("not_found", {
      message: "Stripe has no payment, refund, dispute or card page with this id.",
      param: "object_id",
    });
  const { organization_id } = lost.metadata;
  if (!organization_id || !isOurs(lost.metadata, await deploymentName(env)))
    return refuse("not_ours", { message: "It is not this deployment's.", param: "object_id" });
  const organization = await findOrganization(openDatabase(env), organization_id);
  if (!organization)
    return refuse("owner_unknown", {
      message: "The organization that it names is not known.",
      param: "object_id",
    });
  return { outcome: "adoptable", organization_id, lost };
}

/**
 * Makes known what was lost, and audits it, as if we had always known it: the purchase as Stripe has it, with its evidence checked and its
 * credit under its own key, then what went back of it, or the card. Any number of times. Null: it is of no purchase.
 */
export async function adopt(
  env: Bindings,
  actor: Actor,
  { lost, organization_id }: Adoptable,
  asked: { object_id: string; reason: string },
): Promise<PurchaseRow | null> {
  const request = { action: "reconciliation.adopt", organization_id, detail: asked } as const;
  const name = `adopt ${lost.id}`;
  if (lost.kind === "setup") {
    await finishCardSetup(env, lost.id);
    await recordDoneOnce(env, actor, request, name);
    return null;
  }
  const db = openDatabase(env);
  const { payment, reversal } = lost;
  const known = await findPurchase(db, payment.purchase_id);
  if (known && known.organization_id !== organization_id)
    throw new Error(`Purchase ${known.id} is of another organization than ${lost.id} says.`);
  if (!known)
    await insertPurchase(db, rowOf(lost, organization_id, payment), auditFact(actor, request), name);
  const purchase = await fulfilPurchase(env, payment.purchase_id);
  if (reversal?.kind === "refund") await reverseRefund(env, reversal.id);
  if (reversal?.kind === "dispute") await reverseDispute(env, reversal.id);
  // What was known in part has no row of its own to be written with.
  await recordDoneOnce(env, actor, request, name);
  return purchase;
}

type Payment = Extract<LostObject, { kind: "payment" }>["payment"];

/** A purchase as it was when it was opened, as far as Stripe can tell. */
function rowOf(
  { metadata }: LostObject,
  organization_id: string,
  { purchase_id, kind, net_cents, tax_cents, ...payment }: Payment,
) {
  return {
    id: purchase_id,
    organization_id,
    kind,
    status: "open",
    request_key: `adopted:${purchase_id}`,
    request_fingerprint: "adopted",
    currency: payment.currency,
    net_cents,
    tax_decision: { ...undecidedTax("adopted"), tax_cents },
    stripe_customer_id: payment.customer_id,
    stripe_session_id: payment.session_id,
    stripe_invoice_id: payment.invoice_id,
    save_card: false,
    attempt: 1,
    created_at_ms: payment.created_at_ms,
    expires_at_ms: payment.created_at_ms + DAY_MS,
    checked_at_ms: Date.now(),
    deployment: metadata.deployment ?? null,
  } as const;
}
