import { describe, expect, it, test } from "vitest";
import { placeAtStripe } from "../../src/tax/vat-territory";
import { euVatId, taxed } from "./sample-sale";

describe("a buyer outside the EU", () => {
  it.each(["GB", "IM", "XI", "CH", "LI", "US", "NO", "IS", "AD", "SM", "VA", "GI", "GL", "FO", "CW"])(
    "pays no EU VAT: %s",
    (country) => {
      const outside = { treatment: "outside_scope", reason: "outside_eu", tax_country: null, tax_cents: 0 };
      expect(taxed({ country, is_business: false })).toMatchObject(outside);
      expect(taxed({ country })).toMatchObject({ ...outside, gross_cents: 10_000, footer: null });
    },
  );

  it.each(["valid", "invalid", "pending", "unavailable"] as const)(
    "whatever becomes of the VAT ID: %s",
    (state) => {
      const vat_id = { state, type: "gb_vat" as const, value: "GB123456789" };
      expect(taxed({ country: "GB", vat_id })).toMatchObject({ treatment: "outside_scope", tax_cents: 0 });
    },
  );
});

describe("a buyer in a territory that EU VAT does not reach", () => {
  it.each([
    ["Las Palmas", { country: "ES", postal_code: "35001" }],
    ["Tenerife", { country: "ES", postal_code: "38001" }],
    ["the Canary Islands by region", { country: "ES", postal_code: "", region: "Las Palmas" }],
    ["Ceuta", { country: "ES", postal_code: "51001" }],
    ["Melilla", { country: "ES", postal_code: "ES-52006" }],
    ["Åland", { country: "FI", postal_code: "22100" }],
    ["Åland by its own code", { country: "AX", postal_code: "22100" }],
    ["Åland by region", { country: "FI", postal_code: "", region: "Åland" }],
    ["Livigno", { country: "IT", postal_code: "23041" }],
    ["Campione d'Italia", { country: "IT", postal_code: "22061" }],
    ["Büsingen", { country: "DE", postal_code: "D-78266" }],
    ["Büsingen by its Swiss postal code", { country: "DE", postal_code: "8238" }],
    ["Heligoland in full-width digits", { country: "DE", postal_code: "２７４９８" }],
    ["Heligoland", { country: "DE", postal_code: "27498" }],
    ["Campione by its Swiss postal code", { country: "IT", postal_code: "6911" }],
    ["the north of Cyprus", { country: "CY", postal_code: "99010" }],
    ["Mount Athos", { country: "GR", postal_code: "630 86" }],
    ["Guadeloupe", { country: "FR", postal_code: "97110" }],
    ["Martinique", { country: "FR", postal_code: "97200" }],
    ["Guyane", { country: "FR", postal_code: "97300" }],
    ["Réunion", { country: "FR", postal_code: "97400" }],
    ["Réunion by its own code", { country: "RE", postal_code: "97400" }],
    ["Réunion by region", { country: "FR", postal_code: "", region: "La Réunion" }],
    ["Mayotte", { country: "FR", postal_code: "97600" }],
    ["New Caledonia", { country: "FR", postal_code: "98800" }],
  ])("is not charged the mainland's rate: %s", (_, place) => {
    const untaxed = { treatment: "not_supported", reason: "excluded_territory", rate_basis_points: 0 };
    for (const seller of ["NL", "ES", "FR"])
      expect(taxed({ seller, ...place })).toMatchObject({ ...untaxed, tax_country: null, tax_cents: 0 });
    expect(taxed({ ...place, is_business: false })).toMatchObject(untaxed);
    expect(taxed({ ...place, vat_id: euVatId("valid", "ES") })).toMatchObject({ ...untaxed, footer: null });
  });

  it.each([
    ["Madrid", { country: "ES", postal_code: "28001" }, 2_100],
    [
      "Madrid, although the region says otherwise",
      { country: "ES", postal_code: "28001", region: "Ceuta" },
      2_100,
    ],
    ["Helsinki", { country: "FI", postal_code: "00100" }, 2_550],
    ["Bormio, near Livigno", { country: "IT", postal_code: "23032" }, 2_200],
    ["Singen, near Büsingen", { country: "DE", postal_code: "78224" }, 1_900],
    ["Paris", { country: "FR", postal_code: "75001" }, 2_000],
    ["Ain, without its nought", { country: "FR", postal_code: "1000" }, 2_000],
    ["the Vogtland", { country: "DE", postal_code: "08239" }, 1_900],
    ["the Vogtland, without its nought", { country: "DE", postal_code: "8239" }, 1_900],
    ["Corsica", { country: "FR", postal_code: "20000" }, 2_000],
    ["Monaco", { country: "MC", postal_code: "98000" }, 2_000],
    ["Monaco as France", { country: "FR", postal_code: "98000" }, 2_000],
  ])("its neighbours are: %s", (_, place, rate) => {
    expect(taxed(place)).toMatchObject({ treatment: "destination", rate_basis_points: rate });
  });
});

describe("a buyer in a part of a member state's postal system that is not in the EU", () => {
  it.each([
    ["Nuuk", { country: "DK", postal_code: "3900" }],
    ["Sisimiut", { country: "DK", postal_code: "DK-3911" }],
    ["Nuuk with Greenland's letters", { country: "DK", postal_code: "GL-3900" }],
    ["Greenland by region", { country: "DK", postal_code: "", region: "Grønland" }],
    ["Tórshavn", { country: "DK", postal_code: "100" }],
    ["Tórshavn with the letters of the islands", { country: "DK", postal_code: "FO 100" }],
    ["Sumba", { country: "DK", postal_code: "DK-970" }],
    ["the Faroe Islands by region", { country: "DK", postal_code: "", region: "Føroyar" }],
    ["San Marino", { country: "IT", postal_code: "47890" }],
    ["the Vatican", { country: "IT", postal_code: "00120" }],
    ["the Vatican without its noughts", { country: "IT", postal_code: "120" }],
  ])("pays no EU VAT: %s", (_, place) => {
    const outside = { treatment: "outside_scope", reason: "outside_eu", tax_country: null, tax_cents: 0 };
    for (const seller of ["NL", "DK", "IT"]) expect(taxed({ seller, ...place })).toMatchObject(outside);
    expect(taxed({ ...place, is_business: false })).toMatchObject(outside);
    expect(taxed({ ...place, vat_id: euVatId("valid", place.country) })).toMatchObject({
      ...outside,
      footer: null,
    });
  });

  it.each([
    ["Copenhagen", { country: "DK", postal_code: "1050" }, 2_500],
    ["Rønne, on Bornholm", { country: "DK", postal_code: "3700" }, 2_500],
    ["a large receiver of mail", { country: "DK", postal_code: "0900" }, 2_500],
    [
      "Copenhagen, although the region says otherwise",
      { country: "DK", postal_code: "1050", region: "GL" },
      2_500,
    ],
    ["Rimini", { country: "IT", postal_code: "47921" }, 2_200],
    ["Rome", { country: "IT", postal_code: "00121" }, 2_200],
    ["Rome without its noughts", { country: "IT", postal_code: "121" }, 2_200],
    ["Nicosia", { country: "CY", postal_code: "1010" }, 1_900],
  ])("its neighbours do: %s", (_, place, rate) => {
    expect(taxed(place)).toMatchObject({ treatment: "destination", rate_basis_points: rate });
  });
});

test.each([
  [
    "Büsingen by its Swiss code",
    { country: "DE", postal_code: "8238" },
    { country: "DE", postal_code: "78266" },
  ],
  [
    "Campione by its Swiss code",
    { country: "IT", postal_code: "CH-6911" },
    { country: "IT", postal_code: "22061" },
  ],
  ["Nuuk", { country: "DK", postal_code: "3900" }, { country: "GL", postal_code: "3900" }],
  ["Tórshavn", { country: "DK", postal_code: "FO-100" }, { country: "FO", postal_code: "FO-100" }],
  ["San Marino", { country: "IT", postal_code: "47890" }, { country: "SM", postal_code: "47890" }],
  ["Livigno", { country: "IT", postal_code: "23041" }, { country: "IT", postal_code: "23041" }],
  ["Monaco", { country: "MC", postal_code: "98000" }, { country: "MC", postal_code: "98000" }],
  ["Berlin", { country: "DE", postal_code: "10115" }, { country: "DE", postal_code: "10115" }],
  ["London", { country: "GB", postal_code: "EC1A 1AA" }, { country: "GB", postal_code: "EC1A 1AA" }],
])("Stripe is told of %s so that it taxes it as we do", (_, place, told) => {
  expect(placeAtStripe(place)).toEqual(told);
});

describe("places with rules of their own inside the EU", () => {
  it("a business in Monaco has a French VAT ID", () => {
    expect(taxed({ country: "MC", vat_id: euVatId("valid", "FR") })).toMatchObject({
      treatment: "reverse_charge",
      tax_country: "FR",
    });
    expect(taxed({ seller: "FR", country: "MC", vat_id: euVatId("valid", "FR") })).toMatchObject({
      treatment: "domestic",
    });
  });

  it.each([
    ["Madeira", { country: "PT", postal_code: "9000-017" }, 2_200],
    ["the Azores", { country: "PT", postal_code: "9500-150" }, 1_600],
    ["Lisbon", { country: "PT", postal_code: "1100-148" }, 2_300],
    ["Jungholz", { country: "AT", postal_code: "6691" }, 1_900],
    ["Mittelberg", { country: "AT", postal_code: "6993" }, 1_900],
    ["Jungholz by its German postal code", { country: "AT", postal_code: "87491" }, 1_900],
    ["Mittelberg by its German postal code", { country: "AT", postal_code: "D-87569" }, 1_900],
    ["Vienna", { country: "AT", postal_code: "1010" }, 2_000],
  ])("%s has its own standard rate", (_, place, rate) => {
    expect(taxed(place)).toMatchObject({ treatment: "destination", rate_basis_points: rate });
  });

  it("Greece may be called EL", () => {
    expect(taxed({ country: "EL", vat_id: euVatId("valid", "EL") })).toMatchObject({ tax_country: "GR" });
  });
});

test.each(["", "D", "DEU", "D1", "Germany"])(
  "a country that is no code never passes for one outside the EU: %j",
  (country) => {
    expect(() => taxed({ country })).toThrow("Not a country code");
  },
);
