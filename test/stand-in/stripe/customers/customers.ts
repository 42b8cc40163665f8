import type Stripe from "stripe";
import type { World } from "../core/account.ts";
import { invalid } from "../core/errors.ts";
import { type Metadata, merged } from "../core/metadata.ts";
import { isLocated } from "../core/tax.ts";

type CreateParameters = Stripe.CustomerCreateParams;
type UpdateParameters = Stripe.CustomerUpdateParams;

/** Makes a customer. Throws 400 `customer_tax_location_invalid` when the address is to be checked and names no country. */
export function createCustomer(world: World, parameters: CreateParameters): Stripe.Customer {
  checkLocation(addressOf(parameters.address), parameters.tax?.validate_location);
  const customer: Stripe.Customer = {
    id: world.newId("cus", 14),
    object: "customer",
    address: null,
    balance: 0,
    created: world.seconds(),
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_prefix: world.newId("x", 8).slice(2).toUpperCase(),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: {},
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: "none",
    test_clock: null,
  };
  apply(customer, parameters);
  world.add("customer", customer);
  world.emit("customer.created", customer);
  return customer;
}

/** Changes what is given and leaves the rest. */
export function updateCustomer(world: World, id: string, parameters: UpdateParameters): Stripe.Customer {
  const customer = world.named("customer", id);
  if (parameters.address !== undefined)
    checkLocation(addressOf(parameters.address), parameters.tax?.validate_location);
  const method = parameters.invoice_settings?.default_payment_method;
  if (method) requireAttached(world, method, customer.id);
  const before = structuredClone(customer) as unknown as Record<string, unknown>;
  apply(customer, parameters);
  const changed = Object.entries(before).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(customer[name as keyof Stripe.Customer]),
  );
  if (changed.length > 0) world.emit("customer.updated", customer, Object.fromEntries(changed));
  return customer;
}

/** Invoices of the customer are charged to this card from now on. */
export function setDefaultCard(world: World, id: string, method_id: string): void {
  updateCustomer(world, id, { invoice_settings: { default_payment_method: method_id } });
}

function requireAttached(world: World, method_id: string, customer_id: string): void {
  const param = "invoice_settings[default_payment_method]";
  const method = world.referred("payment_method", method_id, param);
  if (method.customer !== customer_id)
    throw invalid(
      `The customer does not have a payment method with the ID ${method_id}. The payment method must be attached to the customer.`,
      { code: "resource_missing", param },
    );
}

function checkLocation(address: Stripe.Address | null, when: string | undefined): void {
  if (when !== "immediately" || isLocated(address)) return;
  throw invalid(
    "The customer's location isn't recognized. Set a valid customer address in order to automatically calculate tax.",
    { code: "customer_tax_location_invalid", param: "address" },
  );
}

function addressOf(address: Stripe.Emptyable<Stripe.AddressParam> | undefined): Stripe.Address | null {
  if (!address) return null;
  const { city, country, line1, line2, postal_code, state } = address;
  return {
    city: city || null,
    country: country || null,
    line1: line1 || null,
    line2: line2 || null,
    postal_code: postal_code || null,
    state: state || null,
  };
}

function apply(customer: Stripe.Customer, parameters: CreateParameters | UpdateParameters): void {
  const { address, business_name, individual_name, metadata, tax_exempt, invoice_settings } = parameters;
  const { description, email, name, phone, preferred_locales } = parameters;
  if (address !== undefined) customer.address = addressOf(address);
  if (business_name !== undefined) customer.business_name = business_name || undefined;
  if (individual_name !== undefined) customer.individual_name = individual_name || undefined;
  if (description !== undefined) customer.description = description || null;
  if (email !== undefined) customer.email = email || null;
  if (name !== undefined) customer.name = name || null;
  if (phone !== undefined) customer.phone = phone || null;
  if (preferred_locales !== undefined) customer.preferred_locales = preferred_locales;
  if (tax_exempt !== undefined) customer.tax_exempt = tax_exempt || "none";
  if (metadata !== undefined) customer.metadata = merged(customer.metadata, metadata as Metadata);
  if (invoice_settings?.default_payment_method !== undefined)
    customer.invoice_settings.default_payment_method = invoice_settings.default_payment_method || null;
  if (invoice_settings?.footer !== undefined)
    customer.invoice_settings.footer = invoice_settings.footer || null;
}

/** `tax` of a customer, which Stripe shows only when it is expanded. */
export function taxOfCustomer(world: World, customer: Stripe.Customer): Stripe.Customer.Tax {
  const { reason } = world.taxFor(customer);
  const country = customer.address?.country;
  const automatic_tax =
    reason === null ? "unrecognized_location" : reason === "not_collecting" ? "not_collecting" : "supported";
  return {
    automatic_tax,
    ip_address: null,
    location: country ? { country, source: "billing_address", state: customer.address?.state ?? null } : null,
    provider: "stripe",
  } as Stripe.Customer.Tax;
}
