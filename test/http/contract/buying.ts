import { env } from "cloudflare:workers";
import { signatureHeader } from "../../stand-in/stripe/core/webhooks";
import { api } from "../../support/api/api";
import type { TestOrganization } from "../../support/api/organizations";
import { AMSTERDAM, bought, buyAndPay, sessionOf } from "../../support/purchases/buying";
import { standInStripeForFile } from "../../support/purchases/stripe";
import type { Sample } from "./samples/sample";

/** Stripe behind all requests of the contract. */
export const stripe = standInStripeForFile();

const purchases = new Map<string, ReturnType<typeof bought>>();

/** A purchase that this organization has paid, made when it is first asked for. */
export function purchaseOf(organization: TestOrganization): ReturnType<typeof bought> {
  const known = purchases.get(organization.id) ?? firstPurchase(organization);
  purchases.set(organization.id, known);
  return known;
}

async function firstPurchase(organization: TestOrganization): ReturnType<typeof bought> {
  await api("PUT", "/api/v1/billing_profile", { key: organization.key, body: AMSTERDAM });
  return bought(stripe, organization, { save_card: true });
}

/** A purchase for which another amount was paid than was asked for. */
export async function mismatchOf(organization: TestOrganization): Promise<string> {
  await purchaseOf(organization);
  const { purchase_id } = await buyAndPay(stripe, organization);
  Object.assign(sessionOf(stripe, purchase_id), { amount_subtotal: 4_999 });
  await stripe.controls.webhooks.deliverAll();
  return purchase_id;
}

/** A purchase with VAT that was charged while the VAT ID waited for its check, which is valid now. */
export async function taxRefundableOf(organization: TestOrganization): Promise<string> {
  const { key, id } = organization;
  const address = { line1: "Torstr. 1", postal_code: "10115", city: "Berlin", country: "DE" };
  const body = { ...AMSTERDAM, address, vat_id: "DE222222222" };
  await api("PUT", "/api/v1/billing_profile", { key, body });
  const { purchase_id } = await bought(stripe, organization);
  await env.DB.prepare(
    `UPDATE billing_profiles SET vat_id_state = 'valid', version = version + 1, vat_id_checked_at_ms = ?
     WHERE organization_id = ?`,
  )
    .bind(Date.now(), id)
    .run();
  return purchase_id;
}

/** Sees to it that this organization has a saved card. */
export async function cardOf(organization: TestOrganization): Promise<void> {
  await purchaseOf(organization);
  const { key } = organization;
  const { body } = await api("GET", "/api/v1/payment_method", { key });
  if (body.card === null) await bought(stripe, organization, { save_card: true });
}

export async function invoiceOf(organization: TestOrganization): Promise<string> {
  await purchaseOf(organization);
  const { body } = await api("GET", "/api/v1/invoices", { key: organization.key });
  return body.invoices[0].id;
}

/** An event as Stripe signs it; about nothing of ours, unless it is said what about. */
export async function signedEvent(type = "product.created", object: object = {}): Promise<Sample> {
  const created = Math.floor(Date.now() / 1_000);
  const event = {
    id: `evt_${crypto.randomUUID()}`,
    object: "event",
    type,
    created,
    livemode: false,
    data: { object: { id: "obj_1", ...object } },
  };
  const raw = JSON.stringify(event);
  const signature = await signatureHeader("whsec_that_only_the_tests_know", created, raw);
  return { raw, headers: { "Stripe-Signature": signature } };
}
