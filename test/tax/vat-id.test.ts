import { describe, expect, it, test } from "vitest";
import { readVatId, taxIdTypeFor } from "../../src/tax/vat-id";

/** One VAT ID a country as a company might write it, with a right checksum, and how it is kept. */
const WRITTEN: [country: string, text: string, value: string][] = [
  ["AT", "atu 1358 5627", "ATU13585627"],
  ["BE", "BE 0428.759.497", "BE0428759497"],
  ["BE", "BE 428.759.497", "BE0428759497"],
  ["BE", "428759497", "BE0428759497"],
  ["BE", "BE1000.574.893", "BE1000574893"],
  ["BG", "BG 175 074 752", "BG175074752"],
  ["CY", "CY-10259033P", "CY10259033P"],
  ["CZ", "CZ 25123891", "CZ25123891"],
  ["DE", "DE 136,695 976", "DE136695976"],
  ["DE", "136695976", "DE136695976"],
  ["DK", "DK 13585628", "DK13585628"],
  ["EE", "EE 100 931 558", "EE100931558"],
  ["ES", "ES B-58378431", "ESB58378431"],
  ["FI", "FI 20774740", "FI20774740"],
  ["FR", "Fr 40 303 265 045", "FR40303265045"],
  ["GR", "EL 094259216", "EL094259216"],
  ["GR", "GR094259216", "EL094259216"],
  ["GR", "094259216", "EL094259216"],
  ["EL", "EL094259216", "EL094259216"],
  ["HR", "HR 33392005961", "HR33392005961"],
  ["HU", "HU-12892312", "HU12892312"],
  ["IE", "IE 6433435F", "IE6433435F"],
  ["IE", "IE6433435OA", "IE6433435OA"],
  ["IT", "IT 00743110157", "IT00743110157"],
  ["LT", "LT 119511515", "LT119511515"],
  ["LU", "LU 150 274 42", "LU15027442"],
  ["LV", "LV 4000 3521 600", "LV40003521600"],
  ["MT", "MT 1167-9112", "MT11679112"],
  ["NL", "NL 004495445 B01", "NL004495445B01"],
  ["NL", "nl004495445b01", "NL004495445B01"],
  ["PL", "PL 8567346215", "PL8567346215"],
  ["PT", "PT 501 964 843", "PT501964843"],
  ["RO", "RO 18547290", "RO18547290"],
  ["SE", "SE 123456789701", "SE123456789701"],
  ["SI", "SI 5022 3054", "SI50223054"],
  ["SK", "SK 202 274 96 19", "SK2022749619"],
  ["MC", "FR 40 303 265 045", "FR40303265045"],
  ["RE", "FR 40 303 265 045", "FR40303265045"],
  ["AX", "FI20774740", "FI20774740"],
  ["GB", "GB 980 7806 84", "GB980780684"],
  ["GB", "980780684", "GB980780684"],
  ["IM", "GB 980 7806 84", "GB980780684"],
  ["CH", "CHE-100.155.212 MWST", "CHE-100.155.212 MWST"],
  ["CH", "che100155212tva", "CHE-100.155.212 TVA"],
  ["CH", "CHE-100.155.212", "CHE-100.155.212 MWST"],
  ["LI", "CHE-100.155.212 MWST", "CHE-100.155.212 MWST"],
  ["NO", "NO 995 525 828 MVA", "995525828MVA"],
  ["NO", "995525828", "995525828MVA"],
];

/** As people paste it: labels of many languages, signs that nobody sees, digits of other forms, national numbers. */
const PASTED: [country: string, text: string, value: string][] = [
  ["NL", "BTW NL004495445B01", "NL004495445B01"],
  ["NL", "Btw-nr.: NL 0044.95.445.B.01", "NL004495445B01"],
  ["NL", "btw-identificatienummer 004495445B01", "NL004495445B01"],
  ["NL", "NL\u200b004495445\u200dB01\ufeff", "NL004495445B01"],
  ["NL", "\u200eNL\u00a0004495445\u00adB01", "NL004495445B01"],
  ["NL", "ＮＬ００４４９５４４５Ｂ０１", "NL004495445B01"],
  ["DE", "USt-IdNr.: DE 136 695 976", "DE136695976"],
  ["DE", "Umsatzsteuer-Identifikationsnummer gemäß § 27 a Umsatzsteuergesetz: DE136695976", "DE136695976"],
  ["DE", "Umsatzsteuer-ID nach § 27a UStG DE 136 695 976", "DE136695976"],
  ["DE", "Umsatzsteuer-Identifikationsnummer DE136695976", "DE136695976"],
  ["DE", "VAT no. 136695976", "DE136695976"],
  ["DE", "VAT: DE/136/695/976", "DE136695976"],
  ["AT", "UID-Nr. ATU 13585627", "ATU13585627"],
  ["AT", "AT 13585627", "ATU13585627"],
  ["BE", "TVA BE 0428.759.497", "BE0428759497"],
  ["BE", "BE BTW 0428.759.497", "BE0428759497"],
  ["BE", "ondernemingsnummer 0428.759.497", "BE0428759497"],
  ["FR", "N° TVA intracommunautaire : FR 40 303 265 045", "FR40303265045"],
  ["FR", "Numéro de TVA FR40303265045", "FR40303265045"],
  ["FR", "303 265 045", "FR40303265045"],
  ["FR", "SIRET 303 265 045 00018", "FR40303265045"],
  ["FR", "FR 303265045", "FR40303265045"],
  ["IT", "P.IVA 00743110157", "IT00743110157"],
  ["IT", "Partita IVA: IT00743110157", "IT00743110157"],
  ["ES", "CIF: B-58378431", "ESB58378431"],
  ["ES", "NIF-IVA ES B58378431", "ESB58378431"],
  ["PT", "NIF 501 964 843", "PT501964843"],
  ["PL", "NIP: 856-734-62-15", "PL8567346215"],
  ["PL", "NIP UE PL8567346215", "PL8567346215"],
  ["DK", "CVR-nr. 13 58 56 28", "DK13585628"],
  ["DK", "SE-nr. 13585628", "DK13585628"],
  ["FI", "Y-tunnus 2077474-0", "FI20774740"],
  ["SE", "Momsreg.nr SE123456789701", "SE123456789701"],
  ["SE", "556188-8404", "SE556188840401"],
  ["SE", "Org.nr 16556188-8404", "SE556188840401"],
  ["HU", "12892312-2-41", "HU12892312"],
  ["HU", "Adószám: 12892312-2-41", "HU12892312"],
  ["HU", "HU12892312-2-41", "HU12892312"],
  ["CZ", "DIČ: CZ25123891", "CZ25123891"],
  ["SK", "IČ DPH: SK2022749619", "SK2022749619"],
  ["HR", "OIB 33392005961", "HR33392005961"],
  ["RO", "CUI RO 18547290", "RO18547290"],
  ["SI", "ID za DDV: SI50223054", "SI50223054"],
  ["BG", "ИН по ЗДДС BG175074752", "BG175074752"],
  ["GR", "Α.Φ.Μ. 094259216", "EL094259216"],
  ["GR", "ΕΛ 094259216", "EL094259216"],
  ["LT", "PVM mokėtojo kodas LT119511515", "LT119511515"],
  ["LV", "PVN reģ. Nr. LV40003521600", "LV40003521600"],
  ["EE", "KMKR nr EE100931558", "EE100931558"],
  ["CH", "MWST-Nr. CHE-100.155.212", "CHE-100.155.212 MWST"],
  ["NO", "VAT NO 995 525 828 MVA", "995525828MVA"],
  ["NO", "Org.nr. 995 525 828", "995525828MVA"],
  ["GB", "VAT Reg No GB 980 7806 84", "GB980780684"],
];

test.each(PASTED)("in %s %j is read as it is meant", (country, text, value) => {
  expect(readVatId(text, country)).toMatchObject({ state: "pending", value, type: taxIdTypeFor(country) });
});

test.each([
  ["NL", "004495445", "RSIN", "NL123456789B01"],
  ["NL", "KvK 12345678", "KVK-nummer", "NL123456789B01"],
  ["DE", "12/345/67890", "Steuernummer", "DE123456789"],
  ["DE", "HRB 12345", "Handelsregisternummer", "DE123456789"],
  ["FR", "303 265 046", "SIREN", "FR12345678901"],
  ["SE", "556188-8405", "organisationsnummer", "SE123456789001"],
  ["HU", "01-09-123456", "cégjegyzékszám", "HU12345678"],
  ["PL", "REGON 123456785", "REGON", "PL1234567890"],
  ["IT", "RSSMRA85T10A562S", "codice fiscale", "IT12345678901"],
  ["SK", "IČO 12345678", "IČO", "SK1234567890"],
  ["EE", "10093155", "registrikood", "EE123456789"],
])("in %s %j is named for the national number that it is: %s", (country, text, name, example) => {
  expect(readVatId(text, country)).toMatchObject({
    state: "malformed",
    problem: "national_number",
    name,
    example,
  });
});

test("a label hides no VAT ID of another country", () => {
  expect(readVatId("BTW NL004495445B01", "DE")).toMatchObject({
    state: "malformed",
    problem: "other_country",
  });
  expect(readVatId("TVA DE136695976", "FR")).toMatchObject({ state: "malformed", problem: "other_country" });
});

describe("a VAT ID", () => {
  test.each(WRITTEN)("of %s may be written %j", (country, text, value) => {
    expect(readVatId(text, country)).toEqual({
      state: "pending",
      type: taxIdTypeFor(country),
      value,
      looks_wrong: false,
    });
  });

  it("of a Northern Irish trader is its GB number, because XI is for goods", () => {
    const british = { state: "pending", type: "gb_vat", value: "GB980780684", looks_wrong: false };
    expect(readVatId("XI 980 7806 84", "GB")).toEqual(british);
    expect(readVatId("XI980780684", "XI")).toEqual(british);
  });

  it.each(["", "  ", " - ", "\u00a0"])("is none when nothing is written: %j", (text) => {
    expect(readVatId(text, "DE")).toEqual({ state: "none" });
    expect(readVatId(text, "US")).toEqual({ state: "none" });
  });

  it.each([
    ["DE", "DE12345678"],
    ["DE", "DE1234567890"],
    ["DE", "DE13669597G"],
    ["DE", "136695976€"],
    ["FR", "FRO1303265045"],
    ["NL", "NL004495445"],
    ["ES", "ES123456789"],
    ["GB", "GB12345"],
    ["CH", "CHE-100.155.21 MWST"],
    ["NO", "NO99552582"],
  ])("of %s is malformed when its form is wrong: %s", (country, text) => {
    expect(readVatId(text, country)).toMatchObject({ state: "malformed", problem: "format" });
  });

  it.each([
    ["DE", "NL004495445B01"],
    ["NL", "DE136695976"],
    ["FR", "DE136695976"],
    ["BE", "GB980780684"],
    ["DE", "EL094259216"],
    ["DE", "XI980780684"],
    ["GB", "DE136695976"],
    ["CH", "NO995525828MVA"],
    ["NO", "CHE-100.155.212 MWST"],
    ["MC", "IT00743110157"],
  ])("is malformed beside an address in another country: %s, %s", (country, text) => {
    expect(readVatId(text, country)).toMatchObject({ state: "malformed", problem: "other_country" });
  });

  it.each(["US", "CA", "AU", "JE"])("cannot be given in %s", (country) => {
    expect(readVatId("123456789", country)).toMatchObject({
      state: "malformed",
      problem: "country_without_vat_ids",
    });
    expect(taxIdTypeFor(country)).toBeNull();
  });

  it.each([
    ["DE", "DE136695977"],
    ["BE", "BE0428759498"],
    ["FR", "FR41303265045"],
    ["PL", "PL8567346216"],
    ["GB", "GB980780685"],
    ["CH", "CHE-100.155.213 MWST"],
    ["NO", "995525829MVA"],
  ])("with a wrong checksum looks wrong, and is still left to the register: %s", (country, value) => {
    expect(readVatId(value, country)).toMatchObject({ state: "pending", value, looks_wrong: true });
  });
});

test.each([
  ["DE", "eu_vat"],
  ["GR", "eu_vat"],
  ["EL", "eu_vat"],
  ["MC", "eu_vat"],
  ["AX", "eu_vat"],
  ["GB", "gb_vat"],
  ["IM", "gb_vat"],
  ["XI", "gb_vat"],
  ["CH", "ch_vat"],
  ["LI", "ch_vat"],
  ["NO", "no_vat"],
])("Stripe is told that a VAT ID of %s is an %s", (country, type) => {
  expect(taxIdTypeFor(country)).toBe(type);
});
