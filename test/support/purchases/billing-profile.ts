import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import type { Bindings } from "../../../src/env";
import { MINUTE_MS } from "../../../src/units/duration";
import type { StripeStandIn } from "../../stand-in/stripe/stand-in";
import { type Answer, type ApiRequest, api, type Json } from "../api/api";
import { newOrganization, type TestOrganization } from "../api/organizations";
import { buy, sessionOf } from "./buying";

/** A business in Berlin: it pays no VAT to a seller in Amsterdam while its VAT ID is valid, else 19 %. */
export const BERLIN: Json = {
  company_name: "Example Handel GmbH",
  email: "billing@example.com",
  address: { line1: "Musterweg 1", postal_code: "10115", city: "Berlin", country: "DE" },
  is_business: true,
  vat_id: "DE136695976",
};

/** VAT IDs whose check digits are right, and one whose are not. */
export const VALID = "DE136695976";
export const ANOTHER_VALID = "DE811193231";
export const INVALID = "DE136695977";

/** Saves a billing profile, Berlin's unless it says otherwise. */
export function save(
  { key }: TestOrganization,
  changes: Json = {},
  request: Omit<ApiRequest, "key" | "body"> = {},
): Promise<Answer> {
  return api("PUT", "/api/v1/billing_profile", { key, body: { ...BERLIN, ...changes }, ...request });
}

/** An organization with a billing profile. */
export async function newCustomer(changes: Json = {}, request: Omit<ApiRequest, "key" | "body"> = {}) {
  const organization = await newOrganization();
  const saved = await save(organization, changes, request);
  expect(saved.status, JSON.stringify(saved.body)).toBe(200);
  return organization;
}

export async function profileOf({ key }: TestOrganization): Promise<Json> {
  return (await api("GET", "/api/v1/billing_profile", { key })).body;
}

/** The one customer at Stripe that an organization has. */
export function customerOf(stripe: StripeStandIn, { id }: TestOrganization) {
  const found = stripe.controls.find("customer", ({ metadata }) => metadata.organization_id === id);
  expect(found).toHaveLength(1);
  const [customer] = found;
  if (!customer) throw new Error("There is no customer.");
  return customer;
}

/** The VAT IDs at Stripe, which it sells by. */
export function taxIdsOf(stripe: StripeStandIn, organization: TestOrganization): string[] {
  const { id } = customerOf(stripe, organization);
  return stripe.controls.find("tax_id", ({ customer }) => customer === id).map(({ value }) => value);
}

/** Where VIES is asked instead of the check digits alone. */
export const ASKS_VIES: Bindings = { ...env, VAT_ID_CHECKER: "vies" };

/**
 * Stands where the Commission's register would, on top of the stand-in of Stripe: answers what `says` is at that moment and
 * remembers which numbers it was asked for.
 */
export function standInVies(says: "valid" | "invalid" | "away" = "valid") {
  const vies = { says, asked: [] as string[] };
  const before = vi.mocked(globalThis.fetch).getMockImplementation() ?? globalThis.fetch;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    if (!String(input).startsWith("https://ec.europa.eu/taxation_customs/vies/")) return before(input, init);
    const { countryCode, vatNumber } = JSON.parse(String(init?.body));
    vies.asked.push(`${countryCode}${vatNumber}`);
    if (vies.says === "away")
      return Response.json({ actionSucceed: false, errorWrappers: [{ error: "MS_UNAVAILABLE" }] });
    const told = { name: "EXAMPLE HANDEL GMBH", address: "MUSTERWEG 1\n10115 BERLIN" };
    return Response.json({ countryCode, vatNumber, valid: vies.says === "valid", ...told });
  });
  return vies;
}

/** That Stripe has what the profile says, and sells without VAT only on a VAT ID that is held valid. */
export async function expectTogether(stripe: StripeStandIn, organization: TestOrganization): Promise<void> {
  const { company_name, address, vat_id, is_business } = await profileOf(organization);
  const { name, address: at_stripe } = customerOf(stripe, organization);
  expect({ name, postal_code: at_stripe?.postal_code }).toEqual({
    name: company_name,
    postal_code: address.postal_code,
  });
  const is_held = is_business && vat_id.state === "valid";
  expect(taxIdsOf(stripe, organization)).toEqual(is_held ? [vat_id.value] : []);
}

/** Buys when nothing goes wrong any more and whatever was cut off has run its time; the clock must stand still. */
export async function buyInTheEnd(stripe: StripeStandIn, organization: TestOrganization): Promise<Json> {
  stripe.controls.clearFaults();
  vi.setSystemTime(Date.now() + MINUTE_MS);
  const { status, body } = await buy(organization);
  expect(status, JSON.stringify(body)).toBe(201);
  expect(sessionOf(stripe, body.id).amount_total).toBe(body.gross_cents);
  await expectTogether(stripe, organization);
  return body;
}

/** What a purchase of Berlin's comes to with a valid VAT ID, and without one. */
export const EXEMPT = { tax_cents: 0, tax: { treatment: "reverse_charge" } };
export const CHARGED = { tax_cents: 950, tax: { treatment: "destination" } };

/** A purchase that is opened now, and what Stripe would charge for it. */
export async function openPurchase(stripe: StripeStandIn, organization: TestOrganization) {
  const { body } = await buy(organization, {}, { bindings: ASKS_VIES });
  const { amount_total, total_details } = sessionOf(stripe, body.id);
  expect({ amount_total, tax: total_details?.amount_tax }).toEqual({
    amount_total: body.gross_cents,
    tax: body.tax_cents,
  });
  return body;
}
