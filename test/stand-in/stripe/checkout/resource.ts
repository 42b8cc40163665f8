import type Stripe from "stripe";
import type { World } from "../core/account.ts";
import { type Metadata, merged } from "../core/metadata.ts";
import type { Order } from "./order.ts";

type Parameters = Stripe.Checkout.SessionCreateParams;
type Session = Stripe.Checkout.Session;

/** An open session as the API shows it, not priced yet. */
export function newSession(
  world: World,
  parameters: Parameters,
  { customer, order, expires_at }: { customer: Stripe.Customer; order: Order; expires_at: number },
): Session {
  const id = world.newId("cs_test", 58);
  const is_payment = parameters.mode === "payment";
  return {
    ...NEVER_USED,
    id,
    object: "checkout.session",
    adaptive_pricing: is_payment ? { enabled: parameters.adaptive_pricing?.enabled ?? true } : null,
    allowed_payment_method_types: parameters.allowed_payment_method_types ?? null,
    amount_subtotal: null,
    amount_total: null,
    automatic_tax: {
      enabled: order.automatic_tax,
      liability: order.automatic_tax ? { type: "self" } : null,
      provider: order.automatic_tax ? "stripe" : null,
      status: order.automatic_tax ? "complete" : null,
    },
    billing_address_collection: parameters.billing_address_collection ?? null,
    cancel_url: parameters.cancel_url ?? null,
    client_reference_id: parameters.client_reference_id ?? null,
    created: world.seconds(),
    currency: order.lines[0]?.currency ?? parameters.currency ?? null,
    customer: customer.id,
    customer_details: detailsOf(world, customer),
    customer_email: parameters.customer_email ?? null,
    expires_at,
    invoice_creation: is_payment ? creationOf(parameters.invoice_creation) : null,
    locale: parameters.locale ?? null,
    metadata: merged({}, parameters.metadata as Metadata),
    mode: parameters.mode as "payment",
    payment_method_collection: is_payment ? "if_required" : "always",
    payment_status: is_payment ? "unpaid" : "no_payment_required",
    saved_payment_method_options: savingOf(parameters.saved_payment_method_options),
    status: "open",
    success_url: parameters.success_url ?? null,
    url: `${world.settings.api_url}/c/pay/${id}`,
  };
}

/** What the stand-in never uses, as it stands in a session that does not either. */
const NEVER_USED = {
  after_expiration: null,
  allow_promotion_codes: null,
  client_secret: null,
  collected_information: null,
  consent: null,
  consent_collection: null,
  currency_conversion: null,
  custom_fields: [],
  custom_text: {
    after_submit: null,
    shipping_address: null,
    submit: null,
    terms_of_service_acceptance: null,
  },
  customer_account: null,
  customer_creation: null,
  discounts: [],
  integration_identifier: null,
  invoice: null,
  livemode: false,
  managed_payments: null,
  origin_context: null,
  payment_intent: null,
  payment_link: null,
  payment_method_configuration_details: null,
  payment_method_options: {},
  payment_method_types: ["card"],
  permissions: null,
  phone_number_collection: { enabled: false },
  recovered_from: null,
  setup_intent: null,
  shipping_address_collection: null,
  shipping_cost: null,
  shipping_options: [],
  submit_type: null,
  subscription: null,
  total_details: null,
  ui_mode: "hosted_page",
  wallet_options: null,
} satisfies Partial<Session>;

function detailsOf(world: World, customer: Stripe.Customer): Stripe.Checkout.Session.CustomerDetails {
  return {
    address: customer.address ?? null,
    business_name: customer.business_name ?? null,
    email: customer.email,
    individual_name: customer.individual_name ?? null,
    name: customer.name ?? null,
    phone: customer.phone ?? null,
    tax_exempt: customer.tax_exempt ?? null,
    tax_ids: world.taxIdsOf(customer.id).map(({ type, value }) => ({ type, value })),
  };
}

function creationOf(creation: Parameters["invoice_creation"]): Session["invoice_creation"] {
  const data = creation?.invoice_data;
  return {
    enabled: creation?.enabled ?? false,
    invoice_data: {
      account_tax_ids: null,
      custom_fields: null,
      description: data?.description ?? null,
      footer: data?.footer ?? null,
      issuer: null,
      metadata: merged({}, data?.metadata as Metadata),
      rendering_options: data?.rendering_options
        ? { amount_tax_display: data.rendering_options.amount_tax_display || null, template: null }
        : null,
    },
  };
}

function savingOf(
  asked: Parameters["saved_payment_method_options"],
): Session["saved_payment_method_options"] {
  if (!asked) return null;
  return {
    allow_redisplay_filters: asked.allow_redisplay_filters ?? null,
    payment_method_remove: asked.payment_method_remove ?? "disabled",
    payment_method_save: asked.payment_method_save ?? null,
  };
}
