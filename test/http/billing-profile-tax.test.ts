import { describe, expect, it, test } from "vitest";
import type { Json } from "../support/api/api";
import { newCustomer, profileOf, taxIdsOf } from "../support/purchases/billing-profile";
import { buy } from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";

const at = (country: string, postal_code = "1000", line: Json = {}) => ({
  address: { line1: "High Street 1", postal_code, city: "Town", country, ...line },
});
const domestic = (rate_percent: number) => ({ treatment: "domestic", reason: "same_country", rate_percent });
const charged = (rate_percent: number, reason: string) => ({
  treatment: "destination",
  reason,
  rate_percent,
});
const REVERSE_CHARGE = { treatment: "reverse_charge", reason: "valid_vat_id", rate_percent: 0 };
const OUTSIDE = { treatment: "outside_scope", reason: "outside_eu", rate_percent: 0 };
const EXCLUDED = { treatment: "not_supported", reason: "excluded_territory", rate_percent: 0 };

describe("a purchase is taxed by", () => {
  test.each<[what: string, profile: Json, tax: Json, vat_id_state: string, at_stripe: string[]]>([
    ["a consumer at home", { ...at("NL"), is_business: false, vat_id: null }, domestic(21), "none", []],
    [
      "a business at home",
      { ...at("NL"), vat_id: "NL004495445B01" },
      domestic(21),
      "valid",
      ["NL004495445B01"],
    ],
    [
      "a consumer abroad",
      { ...at("BE"), is_business: false, vat_id: null },
      charged(21, "consumer"),
      "none",
      [],
    ],
    [
      "a consumer with a number",
      { ...at("BE"), is_business: false, vat_id: "BE0428759497" },
      charged(21, "consumer"),
      "pending",
      [],
    ],
    [
      "a business abroad",
      { ...at("BE"), vat_id: "BE 428.759.497" },
      REVERSE_CHARGE,
      "valid",
      ["BE0428759497"],
    ],
    [
      "one with a new Belgian number",
      { ...at("BE"), vat_id: "BE1000.574.893" },
      REVERSE_CHARGE,
      "valid",
      ["BE1000574893"],
    ],
    [
      "one with a Greek number",
      { ...at("GR", "105 57"), vat_id: "GR094259216" },
      REVERSE_CHARGE,
      "valid",
      ["EL094259216"],
    ],
    ["one without a number", { ...at("BE"), vat_id: null }, charged(21, "no_vat_id"), "none", []],
    [
      "one with a wrong number",
      { ...at("BE"), vat_id: "BE0428759498" },
      charged(21, "vat_id_invalid"),
      "invalid",
      [],
    ],
    [
      "one whose number waits",
      { ...at("DE"), vat_id: "DE222222222" },
      charged(19, "vat_id_pending"),
      "pending",
      [],
    ],
    [
      "one with another country's number",
      { ...at("BE"), vat_id: "DE136695976" },
      charged(21, "vat_id_malformed"),
      "malformed",
      [],
    ],
    [
      "a business in Britain",
      { ...at("GB", "SW1A 1AA"), vat_id: "GB980780684" },
      OUTSIDE,
      "valid",
      ["GB980780684"],
    ],
    [
      "a business in Northern Ireland",
      { ...at("GB", "BT1 1AA"), vat_id: "XI980780684" },
      OUTSIDE,
      "valid",
      ["GB980780684"],
    ],
    [
      "a business in Switzerland",
      { ...at("CH", "8001"), vat_id: "CHE-100.155.212 MWST" },
      OUTSIDE,
      "valid",
      ["CHE-100.155.212 MWST"],
    ],
    [
      "a business in Norway",
      { ...at("NO", "0150"), vat_id: "NO 995 525 828 MVA" },
      OUTSIDE,
      "valid",
      ["995525828MVA"],
    ],
    ["a business in the United States", { ...at("US", "10001"), vat_id: null }, OUTSIDE, "none", []],
    ["a business in Las Palmas", { ...at("ES", "35001"), vat_id: "ESB58378431" }, EXCLUDED, "valid", []],
    ["a business on Åland", { ...at("FI", "22100"), vat_id: "FI20774740" }, EXCLUDED, "valid", []],
    ["a consumer on Åland", { ...at("AX", "22100"), is_business: false, vat_id: null }, EXCLUDED, "none", []],
    [
      "a consumer on Madeira",
      { ...at("PT", "9000-017"), is_business: false, vat_id: null },
      charged(22, "consumer"),
      "none",
      [],
    ],
  ])("where it lives and what it is: %s", async (_, profile, tax, vat_id_state, at_stripe) => {
    const stripe = standInStripe();
    const organization = await newCustomer(profile);
    const shown = await profileOf(organization);
    expect({ tax: shown.tax, state: shown.vat_id.state }).toEqual({ tax, state: vat_id_state });
    expect(taxIdsOf(stripe, organization)).toEqual(at_stripe);
  });
});

describe("a malformed VAT ID is kept, shown and never handed over:", () => {
  it.each([
    [
      "one of another form",
      "DE12345",
      "This is not how VAT IDs of DE are written. Those of DE look like DE123456789. VAT is charged as without it.",
    ],
    [
      "one of another country",
      "NL004495445B01",
      "It is one of another country than the address. Those of DE look like DE123456789. VAT is charged as without it.",
    ],
  ])("%s", async (_, vat_id, message) => {
    const stripe = standInStripe();
    const organization = await newCustomer({ vat_id });
    const profile = await profileOf(organization);
    expect(profile.vat_id).toMatchObject({ value: vat_id, state: "malformed", message, checked_at: null });
    expect(profile.tax).toEqual(charged(19, "vat_id_malformed"));
    expect(taxIdsOf(stripe, organization)).toEqual([]);
    expect((await buy(organization)).body).toMatchObject({ tax_cents: 950, status: "open" });
  });
});
