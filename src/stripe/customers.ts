import type Stripe from "stripe";
import { expectObject, stripeFailure } from "./client";

/** Who buys, as it stands on invoices. The country is two letters; what is not given is null. */
export interface CustomerDetails {
  name: string | null;
  email: string | null;
  line1: string | null;
  line2: string | null;
  postal_code: string | null;
  city: string | null;
  region: string | null;
  country: string | null;
}

/** A VAT ID as Stripe has it. Stripe sells without VAT by its form alone, whatever `is_unverified` says. */
export interface AttachedTaxId {
  id: string;
  type: string;
  value: string;
  /** Whether the register has told Stripe that there is no such number. */
  is_unverified: boolean;
}

/** A customer as Stripe has it. */
export interface Customer {
  id: string;
  details: CustomerDetails;
  /** `none`, unless the customer was taken out of VAT by hand. */
  tax_exempt: string;
  tax_ids: AttachedTaxId[];
}

/** Each time Stripe has stored a failure of its own under a key, the next one is tried. */
const MAX_ATTEMPTS = 3;

/**
 * A customer that nothing is known of yet but whose it is, so that a repeat asks for the same to the letter. `lost_id` is
 * the customer that it stands in for, which Stripe does not know any more. A repeat within a day is the same customer;
 * later there may be an empty one besides, which nothing refers to.
 */
export async function createCustomer(
  stripe: Stripe,
  { organization_id, deployment }: { organization_id: string; deployment: string },
  lost_id: string | null,
): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const parts = [
      "organization",
      organization_id,
      "customer",
      deployment,
      lost_id,
      attempt > 1 ? attempt : null,
    ];
    const idempotencyKey = parts.filter((part) => part !== null).join(":");
    try {
      const metadata = { organization_id, deployment };
      return expectObject(await stripe.customers.create({ metadata }, { idempotencyKey }), "customer").id;
    } catch (error) {
      const failure = stripeFailure(error);
      const is_stored = failure.kind === "unknown" && failure.is_stored;
      if (!is_stored || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/** The customer with its tax ids as they are now, null when it was deleted or is not known to this account. */
export async function readCustomer(stripe: Stripe, id: string): Promise<Customer | null> {
  try {
    const customer = expectObject(await stripe.customers.retrieve(id), "customer");
    if (customer.deleted) return null;
    const tax_ids: AttachedTaxId[] = [];
    for await (const tax_id of stripe.customers.listTaxIds(id, { limit: 100 })) tax_ids.push(taxIdOf(tax_id));
    return { id, details: detailsOf(customer), tax_exempt: customer.tax_exempt ?? "none", tax_ids };
  } catch (error) {
    if (stripeFailure(error).kind === "missing") return null;
    throw error;
  }
}

/**
 * Whether Stripe would mix a balance of the customer into their next invoice in this currency: credit that they have, or what
 * they owe. False of one who is gone.
 */
export async function hasBalance(stripe: Stripe, id: string, currency: string): Promise<boolean> {
  try {
    const found = await stripe.customers.retrieve(id, { expand: ["invoice_credit_balance"] });
    const customer = expectObject(found, "customer");
    if (customer.deleted) return false;
    const { balance, invoice_credit_balance = {} } = customer;
    return balance !== 0 || (invoice_credit_balance[currency.toLowerCase()] ?? 0) !== 0;
  } catch (error) {
    if (stripeFailure(error).kind === "missing") return false;
    throw error;
  }
}

function detailsOf({ name, email, address }: Stripe.Customer): CustomerDetails {
  return {
    name: name ?? null,
    email: email ?? null,
    line1: address?.line1 ?? null,
    line2: address?.line2 ?? null,
    postal_code: address?.postal_code ?? null,
    city: address?.city ?? null,
    region: address?.state ?? null,
    country: address?.country ?? null,
  };
}

function taxIdOf({ id, type, value, verification }: Stripe.TaxId): AttachedTaxId {
  return { id, type, value, is_unverified: verification?.status === "unverified" };
}

/**
 * Changes who the customer is. Stripe says at once when it cannot tell where the address lies (`refused`, code
 * `customer_tax_location_invalid`) instead of at the payment. No key of our own: a repeat does no harm, while a kept
 * answer would hide that the customer was changed elsewhere since.
 */
export async function updateCustomer(
  stripe: Stripe,
  id: string,
  { name, email, line1, line2, postal_code, city, region, country }: CustomerDetails,
): Promise<void> {
  const address = { line1, line2, postal_code, city, state: region, country };
  const customer = await stripe.customers.update(id, {
    name: name ?? "",
    email: email ?? "",
    // What is left out would stay as it was.
    address: Object.fromEntries(Object.entries(address).map(([part, text]) => [part, text ?? ""])),
    tax_exempt: "none",
    tax: { validate_location: "immediately" },
  });
  expectObject(customer, "customer");
}

/** Attaches a VAT ID. From here on Stripe sells without VAT when it is one of another member state. */
export async function attachTaxId(
  stripe: Stripe,
  customer_id: string,
  tax_id: { type: string; value: string },
): Promise<void> {
  expectObject(await stripe.customers.createTaxId(customer_id, tax_id), "tax_id");
}

/** Takes a VAT ID away. One that is gone is gone. */
export async function detachTaxId(stripe: Stripe, customer_id: string, id: string): Promise<void> {
  try {
    expectObject(await stripe.customers.deleteTaxId(customer_id, id), "tax_id");
  } catch (error) {
    if (stripeFailure(error).kind !== "missing") throw error;
  }
}

/** A VAT ID as it is now, null when it was taken away. */
export async function readTaxId(
  stripe: Stripe,
  customer_id: string,
  id: string,
): Promise<AttachedTaxId | null> {
  try {
    return taxIdOf(expectObject(await stripe.customers.retrieveTaxId(customer_id, id), "tax_id"));
  } catch (error) {
    if (stripeFailure(error).kind === "missing") return null;
    throw error;
  }
}

/** Whether two texts are one VAT ID, however they are written. */
export function isSameTaxId(
  one: { type: string; value: string },
  other: { type: string; value: string },
): boolean {
  return one.type === other.type && compact(one.value) === compact(other.value);
}

function compact(value: string): string {
  return value.toUpperCase().replace(/[\s.-]/g, "");
}
