import type Stripe from "stripe";
import type { World } from "../core/account.ts";
import { invalid, missing } from "../core/errors.ts";
import { type ListParameters, type Page, pageOf } from "../core/list.ts";

/** What the EU's VAT numbers look like, by prefix: the form alone, without their check digits. */
const EU_NUMBERS: Record<string, RegExp> = {
  AT: /^U\d{8}$/,
  BE: /^[01]\d{9}$/,
  BG: /^\d{9,10}$/,
  CY: /^\d{8}[A-Z]$/,
  CZ: /^\d{8,10}$/,
  DE: /^\d{9}$/,
  DK: /^\d{8}$/,
  EE: /^\d{9}$/,
  EL: /^\d{9}$/,
  ES: /^[A-Z0-9]\d{7}[A-Z0-9]$/,
  FI: /^\d{8}$/,
  FR: /^[A-Z0-9]{2}\d{9}$/,
  HR: /^\d{11}$/,
  HU: /^\d{8}$/,
  IE: /^\d[A-Z0-9+*]\d{5}[A-Z]{1,2}$/,
  IT: /^\d{11}$/,
  LT: /^(\d{9}|\d{12})$/,
  LU: /^\d{8}$/,
  LV: /^\d{11}$/,
  MT: /^\d{8}$/,
  NL: /^\d{9}B\d{2}$/,
  PL: /^\d{10}$/,
  PT: /^\d{9}$/,
  RO: /^\d{2,10}$/,
  SE: /^\d{12}$/,
  SI: /^\d{8}$/,
  SK: /^\d{10}$/,
  XI: /^(\d{9}|\d{12}|(GD|HA)\d{3})$/,
};

/** Types that we use and whose form is checked. All other types are taken as they are. */
const OTHER_NUMBERS: Record<string, RegExp> = {
  ch_vat: /^CHE-?\d{3}\.?\d{3}\.?\d{3} ?(MWST|TVA|IVA)$/,
  gb_vat: /^GB(\d{9}|\d{12}|(GD|HA)\d{3})$/,
  no_vat: /^\d{9}MVA$/,
};

const VERIFIED_TYPES = ["eu_vat", "gb_vat"];
const VERIFICATION_MS = 2_000;

/** Attaches a tax id. Its form is checked at once, whether it exists is found out a little later, as with Stripe. */
export function createTaxId(
  world: World,
  customer_id: string,
  { type, value }: Stripe.CustomerCreateTaxIdParams,
): Stripe.TaxId {
  const customer = world.named("customer", customer_id);
  const compact = value
    .trim()
    .toUpperCase()
    .replace(/^([A-Z]{2}) /, "$1");
  if (!hasForm(type, compact))
    throw invalid(`Invalid value for ${type}.`, { code: "tax_id_invalid", param: "value" });
  const is_verified = VERIFIED_TYPES.includes(type);
  const tax_id: Stripe.TaxId = {
    id: world.newId("txi"),
    object: "tax_id",
    country: countryOf(type, compact),
    created: world.seconds(),
    customer: customer.id,
    customer_account: null,
    livemode: false,
    owner: { customer: customer.id, customer_account: null, type: "customer" },
    type,
    value: compact,
    verification: {
      status: is_verified ? "pending" : "unavailable",
      verified_address: null,
      verified_name: null,
    },
  };
  world.add("tax_id", tax_id);
  world.emit("customer.tax_id.created", tax_id);
  if (is_verified) world.schedule("verify_tax_id", tax_id.id, world.now_ms() + VERIFICATION_MS);
  return tax_id;
}

/** Detaches a tax id: the only way to change one. */
export function deleteTaxId(world: World, customer_id: string, id: string): Stripe.DeletedTaxId {
  const tax_id = taxIdOf(world, customer_id, id);
  world.store.remove("tax_id", tax_id.id);
  world.emit("customer.tax_id.deleted", tax_id);
  return { id: tax_id.id, object: "tax_id", deleted: true };
}

/** The tax ids of a customer, newest first. */
export function listTaxIds(
  world: World,
  customer_id: string,
  parameters: ListParameters,
): Page<Stripe.TaxId> {
  const tax_ids = world.taxIdsOf(world.named("customer", customer_id).id);
  return pageOf(`/v1/customers/${customer_id}/tax_ids`, tax_ids, parameters);
}

/** The tax id of this customer. Throws 404 `resource_missing`. */
export function taxIdOf(world: World, customer_id: string, id: string): Stripe.TaxId {
  world.named("customer", customer_id);
  const tax_id = world.named("tax_id", id);
  if (tax_id.customer !== customer_id) throw missing("tax_id", id);
  return tax_id;
}

/** The registry's answer by Stripe's magic numbers: nine zeros exist, nine ones do not, nine twos stay unanswered. */
export function verifyTaxId(world: World, id: string): void {
  const tax_id = world.store.find("tax_id", id);
  if (!tax_id || tax_id.value.includes("222222222")) return;
  setTaxIdStatus(world, id, tax_id.value.includes("111111111") ? "unverified" : "verified");
}

/** Sets what the registry said and makes the event. */
export function setTaxIdStatus(
  world: World,
  id: string,
  status: "pending" | "verified" | "unverified" | "unavailable",
): void {
  const tax_id = world.store.get("tax_id", id);
  const previous = { verification: { ...tax_id.verification } };
  const customer = world.store.get("customer", tax_id.customer);
  const is_known = status === "verified";
  tax_id.verification = {
    status,
    verified_address: is_known ? (customer.address?.line1 ?? null) : null,
    verified_name: is_known ? (customer.name ?? null) : null,
  };
  world.emit("customer.tax_id.updated", tax_id, previous);
}

function hasForm(type: string, value: string): boolean {
  if (type === "eu_vat") return EU_NUMBERS[value.slice(0, 2)]?.test(value.slice(2)) ?? false;
  return OTHER_NUMBERS[type]?.test(value) ?? value.length > 0;
}

function countryOf(type: string, value: string): string | null {
  if (type !== "eu_vat") return type.slice(0, 2).toUpperCase();
  const prefix = value.slice(0, 2);
  if (prefix === "EL") return "GR";
  return prefix === "XI" ? "GB" : prefix;
}
