import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { REVERSE_CHARGE_FOOTER } from "../../src/tax/decide-tax";
import { euVatId, taxed } from "./sample-sale";

/** The standard rate of each member state in November 2026 in basis points, and what its VAT IDs start with. */
const STATES: [country: string, rate: number, prefix: string][] = [
  ["AT", 2_000, "AT"],
  ["BE", 2_100, "BE"],
  ["BG", 2_000, "BG"],
  ["CY", 1_900, "CY"],
  ["CZ", 2_100, "CZ"],
  ["DE", 1_900, "DE"],
  ["DK", 2_500, "DK"],
  ["EE", 2_400, "EE"],
  ["ES", 2_100, "ES"],
  ["FI", 2_550, "FI"],
  ["FR", 2_000, "FR"],
  ["GR", 2_400, "EL"],
  ["HR", 2_500, "HR"],
  ["HU", 2_700, "HU"],
  ["IE", 2_300, "IE"],
  ["IT", 2_200, "IT"],
  ["LT", 2_100, "LT"],
  ["LU", 1_700, "LU"],
  ["LV", 2_100, "LV"],
  ["MT", 1_800, "MT"],
  ["NL", 2_100, "NL"],
  ["PL", 2_300, "PL"],
  ["PT", 2_300, "PT"],
  ["RO", 2_100, "RO"],
  ["SE", 2_500, "SE"],
  ["SI", 2_200, "SI"],
  ["SK", 2_300, "SK"],
];
const ABROAD = STATES.filter(([country]) => country !== "NL");

describe("a buyer in the seller's own country", () => {
  it.each([
    ["a consumer", { is_business: false }],
    ["a business with a valid VAT ID", { vat_id: euVatId("valid", "NL") }],
    ["a business with an invalid one", { vat_id: euVatId("invalid", "NL") }],
    ["a business whose VAT ID waits", { vat_id: euVatId("pending", "NL") }],
  ])("pays the seller's VAT: %s", (_, buyer) => {
    expect(taxed({ country: "NL", ...buyer })).toEqual({
      treatment: "domestic",
      reason: "same_country",
      tax_country: "NL",
      rate_basis_points: 2_100,
      net_cents: 10_000,
      tax_cents: 2_100,
      gross_cents: 12_100,
      footer: null,
    });
  });
});

describe("a buyer in another member state", () => {
  it.each(ABROAD)("in %s pays %i basis points as a consumer", (country, rate) => {
    expect(taxed({ country, is_business: false })).toMatchObject({
      treatment: "destination",
      reason: "consumer",
      tax_country: country,
      rate_basis_points: rate,
      tax_cents: rate,
      gross_cents: 10_000 + rate,
      footer: null,
    });
  });

  it.each(ABROAD)("in %s pays no VAT as a business with a valid VAT ID", (country, _, prefix) => {
    expect(taxed({ country, vat_id: euVatId("valid", prefix) })).toMatchObject({
      treatment: "reverse_charge",
      reason: "valid_vat_id",
      tax_country: country,
      rate_basis_points: 0,
      tax_cents: 0,
      gross_cents: 10_000,
      footer: REVERSE_CHARGE_FOOTER,
    });
  });

  const uncertain = (["malformed", "pending", "invalid", "unavailable"] as const).flatMap((state) =>
    ABROAD.map(([country, rate, prefix]) => ({ country, rate, prefix, state })),
  );
  it.each(uncertain)("in $country pays $rate basis points while the VAT ID is $state", (given) => {
    const { country, rate, prefix, state } = given;
    expect(taxed({ country, vat_id: euVatId(state, prefix) })).toMatchObject({
      treatment: "destination",
      reason: `vat_id_${state}`,
      rate_basis_points: rate,
      tax_cents: rate,
      footer: null,
    });
  });

  it("pays VAT as a business without a VAT ID", () => {
    const without = { treatment: "destination", reason: "no_vat_id", rate_basis_points: 1_900 };
    expect(taxed({})).toMatchObject(without);
    expect(taxed({ vat_id: { state: "none", type: null, value: "" } })).toMatchObject(without);
  });

  it("pays VAT when the valid VAT ID is one of another country than the address", () => {
    const elsewhere = { treatment: "destination", reason: "vat_id_of_other_country", tax_cents: 1_900 };
    expect(taxed({ vat_id: euVatId("valid", "NL") })).toMatchObject(elsewhere);
    expect(taxed({ vat_id: { state: "valid", type: "gb_vat", value: "GB123456789" } })).toMatchObject(
      elsewhere,
    );
    expect(taxed({ country: "GR", vat_id: euVatId("valid", "GR") })).toMatchObject({ tax_cents: 2_400 });
  });

  it("pays VAT as a consumer, whatever VAT ID was left behind", () => {
    expect(taxed({ is_business: false, vat_id: euVatId("valid", "DE") })).toMatchObject({
      treatment: "destination",
      reason: "consumer",
    });
  });
});

describe("a seller elsewhere", () => {
  it("charges its own customers its own rate and Dutch ones the Dutch rate", () => {
    expect(taxed({ seller: "DE", country: "DE" })).toMatchObject({ treatment: "domestic", tax_cents: 1_900 });
    expect(taxed({ seller: "DE", country: "NL" })).toMatchObject({
      treatment: "destination",
      tax_cents: 2_100,
    });
    expect(taxed({ seller: "DE", country: "NL", vat_id: euVatId("valid", "NL") })).toMatchObject({
      treatment: "reverse_charge",
    });
    expect(taxed({ seller: "FI", country: "FI" })).toMatchObject({ tax_cents: 2_550 });
  });

  it("must be in the EU", () => {
    expect(() => taxed({ seller: "GB" })).toThrow("The seller is not in the EU: GB.");
  });
});

describe("the rate is the one in force at the time of the sale", () => {
  it.each([
    ["EE", "2025-06-30T12:00:00+03:00", 2_200],
    ["EE", "2025-07-01T00:00:00+03:00", 2_400],
    ["SK", "2024-12-31T12:00:00+01:00", 2_000],
    ["SK", "2025-01-01T00:00:00+01:00", 2_300],
    ["FI", "2024-08-31T12:00:00+03:00", 2_400],
    ["FI", "2024-09-01T12:00:00+03:00", 2_550],
    ["DE", "2020-03-01T00:00:00+01:00", 1_900],
    ["DE", "2020-08-01T00:00:00+02:00", 1_600],
    ["DE", "2021-01-01T00:00:00+01:00", 1_900],
    ["LU", "2023-06-01T00:00:00+02:00", 1_600],
  ])("%s at %s", (country, at, rate) => {
    expect(taxed({ country, at_ms: Date.parse(at) })).toMatchObject({ rate_basis_points: rate });
  });
});

describe("amounts", () => {
  const cents = fc.integer({ min: 0, max: 100_000_000_000 });
  const states = fc.constantFrom(...STATES);

  test("net + tax = gross, and the tax is the nearest cent, a half upwards", () => {
    fc.assert(
      fc.property(cents, states, (net_cents, [country, rate]) => {
        const { tax_cents, gross_cents } = taxed({ country, net_cents, is_business: false });
        expect(Number.isInteger(tax_cents)).toBe(true);
        expect(gross_cents).toBe(net_cents + tax_cents);
        const exact = BigInt(net_cents) * BigInt(rate);
        const error = BigInt(tax_cents) * 10_000n - exact;
        expect(error > -5_000n && error <= 5_000n).toBe(true);
      }),
    );
  });

  test("a larger net never bears less tax", () => {
    fc.assert(
      fc.property(cents, cents, states, (a, b, [country]) => {
        const tax = (net_cents: number) => taxed({ country, net_cents }).tax_cents;
        expect(tax(Math.max(a, b))).toBeGreaterThanOrEqual(tax(Math.min(a, b)));
      }),
    );
  });

  test.each([
    ["FI", 10, 3], // 2.55
    ["FI", 100, 26], // 25.5, half up
    ["FI", 300, 77], // 76.5, half up
    ["DE", 50, 10], // 9.5, half up
    ["DE", 49, 9], // 9.31
    ["NL", 0, 0],
  ])("in %s the tax on %i cents is %i", (country, net_cents, tax_cents) => {
    expect(taxed({ country, net_cents })).toMatchObject({ tax_cents });
  });

  test.each([-1, 0.5, Number.NaN, 100_000_000_001])("%d cents are refused", (net_cents) => {
    expect(() => taxed({ net_cents })).toThrow("Not an amount in cents");
  });
});
