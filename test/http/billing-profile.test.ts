import { describe, expect, it, test } from "vitest";
import { api, type Json } from "../support/api/api";
import { ask, newOrganization } from "../support/api/organizations";
import { failD1 } from "../support/failures/failing-d1";
import {
  BERLIN,
  customerOf,
  newCustomer,
  profileOf,
  save,
  taxIdsOf,
} from "../support/purchases/billing-profile";
import { buy, sessionOf } from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";

const at = (country: string, postal_code = "1000", line: Json = {}) => ({
  address: { line1: "High Street 1", postal_code, city: "Town", country, ...line },
});
const REVERSE_CHARGE = { treatment: "reverse_charge", reason: "valid_vat_id", rate_percent: 0 };
const OUTSIDE = { treatment: "outside_scope", reason: "outside_eu", rate_percent: 0 };
const EXCLUDED = { treatment: "not_supported", reason: "excluded_territory", rate_percent: 0 };

describe("a billing profile", () => {
  it("is not there before it is saved", async () => {
    const organization = await newOrganization();
    const { status, body } = await ask(organization, "GET", "/billing_profile");
    expect({ status, message: body.error.message }).toEqual({
      status: 404,
      message: "There is no billing profile yet.",
    });
  });

  it("is shown as it was saved, with how its VAT ID stands and how a purchase is taxed", async () => {
    const stripe = standInStripe();
    const organization = await newOrganization();
    const address = {
      line1: "Musterweg 1",
      line2: "3. OG",
      postal_code: "10115",
      city: "Berlin",
      region: "Berlin",
      country: "DE",
    };
    const saved = await save(organization, { address, vat_id: "de 136 695 976" });
    expect(saved.body).toEqual({
      company_name: "Example Handel GmbH",
      email: "billing@example.com",
      address,
      is_business: true,
      vat_id: {
        value: "DE136695976",
        state: "valid",
        message: "Its check digits are right. No register was asked.",
        checked_at: expect.any(String),
        source: "offline",
        name: null,
        address: null,
        consultation_number: null,
      },
      tax: REVERSE_CHARGE,
      obstacle: null,
      updated_at: expect.any(String),
    });
    expect(await profileOf(organization)).toEqual(saved.body);
    expect(customerOf(stripe, organization)).toMatchObject({
      name: "Example Handel GmbH",
      email: "billing@example.com",
      address: { line1: "Musterweg 1", line2: "3. OG", postal_code: "10115", state: "Berlin", country: "DE" },
      tax_exempt: "none",
    });
    expect(taxIdsOf(stripe, organization)).toEqual(["DE136695976"]);
  });

  it("takes the place of the one before, down to what it leaves out", async () => {
    const stripe = standInStripe();
    const organization = await newCustomer({ ...at("DE", "10115", { line2: "3. OG", region: "Berlin" }) });
    await save(organization, {
      ...at("AT", "1010"),
      company_name: "Anna Example",
      email: null,
      is_business: false,
      vat_id: null,
    });
    const { address, email, vat_id } = await profileOf(organization);
    expect({ email, vat_id: vat_id.state, line2: address.line2, region: address.region }).toEqual({
      email: null,
      vat_id: "none",
      line2: null,
      region: null,
    });
    expect(customerOf(stripe, organization)).toMatchObject({
      name: "Anna Example",
      email: null,
      address: {
        line1: "High Street 1",
        line2: null,
        postal_code: "1010",
        city: "Town",
        state: null,
        country: "AT",
      },
    });
    expect(taxIdsOf(stripe, organization)).toEqual([]);
  });

  it("is its own organization's", async () => {
    standInStripe();
    await newCustomer();
    const other = await newOrganization();
    expect((await ask(other, "GET", "/billing_profile")).status).toBe(404);
  });

  it("is read with the scope read and saved with the scope billing", async () => {
    standInStripe();
    const organization = await newCustomer();
    const { body } = await ask(organization, "POST", "/api_keys", {
      body: { label: "test", scopes: ["read"] },
    });
    expect((await ask(organization, "GET", "/billing_profile", { key: body.key })).status).toBe(200);
    expect((await save({ ...organization, key: body.key })).status).toBe(403);
  });
});

test.each<[param: string, body: Json]>([
  ["company_name", { company_name: "  " }],
  ["company_name", { company_name: "Example\nHandel" }],
  ["company_name", { company_name: "x".repeat(151) }],
  ["company_name", { company_name: undefined }],
  ["email", { email: "billing" }],
  ["address", { address: undefined }],
  ["address.line1", { address: { ...BERLIN.address, line1: "" } }],
  ["address.line2", { address: { ...BERLIN.address, line2: "" } }],
  ["address.city", { address: { ...BERLIN.address, city: undefined } }],
  ["address.postal_code", { address: { ...BERLIN.address, postal_code: "" } }],
  ["address.postal_code", { address: { ...BERLIN.address, postal_code: undefined } }],
  ["address.country", { address: { ...BERLIN.address, country: "Germany" } }],
  ["address.country", { address: { ...BERLIN.address, country: "de" } }],
  ["address.country", { address: { ...BERLIN.address, country: "", postal_code: "" } }],
  ["address.country", { address: { ...BERLIN.address, country: "EL" } }],
  ["address.country", { address: { ...BERLIN.address, country: "QQ" } }],
  ["address.street", { address: { ...BERLIN.address, street: "Musterweg 1" } }],
  ["is_business", { is_business: "yes" }],
  ["is_business", { is_business: undefined }],
  ["vat_id", { vat_id: "1".repeat(81) }],
  ["vat_id", { vat_id: "DE136695976\u0000" }],
  ["vat_number", { vat_number: "DE136695976" }],
])("what is wrong with %s is named, and nothing is saved: %j", async (param, change) => {
  const organization = await newOrganization();
  const { status, body } = await save(organization, change);
  expect({ status, param: body.error.param }).toEqual({ status: 400, param });
  expect((await ask(organization, "GET", "/billing_profile")).status).toBe(404);
});

test("outside the European Union there may be no postal code", async () => {
  standInStripe();
  const organization = await newCustomer({ ...at("AE", ""), vat_id: null });
  expect(await profileOf(organization)).toMatchObject({
    address: { postal_code: "" },
    tax: OUTSIDE,
    obstacle: null,
  });
});

describe("what keeps a purchase from being opened is said", () => {
  it("of an address that cannot be found, until it is corrected", async () => {
    standInStripe();
    const organization = await newCustomer({ ...at("AQ", ""), vat_id: null });
    const obstacle = { code: "billing_address_invalid", message: expect.any(String), param: "address" };
    expect((await profileOf(organization)).obstacle).toEqual(obstacle);
    const refused = await buy(organization);
    expect(refused).toMatchObject({ status: 422, body: { error: obstacle } });
    const corrected = await save(organization);
    expect(corrected.body.obstacle).toBeNull();
    expect((await buy(organization)).status).toBe(201);
  });

  it("when there is no profile", async () => {
    standInStripe();
    const refused = await buy(await newOrganization());
    expect(refused).toMatchObject({ status: 409, body: { error: { code: "billing_profile_incomplete" } } });
  });

  it("when Stripe is away, and the next purchase brings it what was saved", async () => {
    const stripe = standInStripe();
    stripe.controls.failNext({ kind: "500", times: 20 });
    const organization = await newOrganization();
    const saved = await save(organization);
    expect(saved).toMatchObject({ status: 200, body: { obstacle: { code: "payments_unavailable" } } });
    expect((await buy(organization)).status).toBe(503);
    stripe.controls.clearFaults();
    expect((await buy(organization)).status).toBe(201);
    expect(taxIdsOf(stripe, organization)).toEqual(["DE136695976"]);
  });
});

test("a deployment that sells nothing keeps billing profiles all the same", async () => {
  const organization = await newOrganization();
  const saved = await save(organization, {}, { bindings: { STRIPE_SECRET_KEY: "" } });
  expect(saved).toMatchObject({ status: 200, body: { vat_id: { state: "valid" }, obstacle: null } });
});

test("with D1 away nothing is saved, and the answer says that it may be tried again", async () => {
  const organization = await newOrganization();
  const mend = failD1();
  const answers = [await save(organization), await ask(organization, "GET", "/billing_profile")];
  mend();
  for (const { status, body } of answers)
    expect({ status, code: body.error.code }).toEqual({ status: 503, code: "records_unavailable" });
  expect((await api("GET", "/api/v1/billing_profile", { key: organization.key })).status).toBe(404);
});

test.each([
  ["Greenland", "DK", "3900", OUTSIDE, { country: "GL" }],
  ["the Faroe Islands", "DK", "FO-100", OUTSIDE, { country: "FO" }],
  ["Büsingen by its Swiss postal code", "DE", "8238", EXCLUDED, { country: "DE", postal_code: "78266" }],
])(
  "%s, under the mainland's code, is taxed alike here and at Stripe",
  async (_, country, postal_code, tax, told) => {
    const stripe = standInStripe();
    const organization = await newCustomer({ ...at(country, postal_code), vat_id: null });
    expect(await profileOf(organization)).toMatchObject({
      tax,
      address: { country, postal_code },
      obstacle: null,
    });
    expect(customerOf(stripe, organization).address).toMatchObject(told);
    const { status, body } = await buy(organization);
    expect([status, body.tax_cents, body.gross_cents]).toEqual([201, 0, body.net_cents]);
    expect(sessionOf(stripe, body.id).amount_total).toBe(body.net_cents);
  },
);
