import { describe, expect, it } from "vitest";
import { type Bindings, readSettings } from "../../src/env";
import { decideTax } from "../../src/tax/decide-tax";
import { vatIdCheckerFor } from "../../src/tax/vat-id-checker";
import { offlineChecker } from "../../src/tax/vat-id-offline";

const DEPLOYMENT = {
  KEY_SECRETS: "1:a-secret-that-only-the-tests-know-0000",
  STRIPE_SECRET_KEY: "sk_test_12345678",
  STRIPE_WEBHOOK_SECRET: "whsec_that_only_the_tests_know",
  PUBLIC_URL: "https://ringfence.test",
};

const stateOf = async (value: string) => (await offlineChecker.check(value)).state;

describe("without a register", () => {
  it.each([
    ["valid", "DE136695976"],
    ["valid", "NL004495445B01"],
    ["valid", "BE0428759497"],
    ["valid", "GB980780684"],
    ["valid", "CHE-100.155.212 MWST"],
    ["valid", "995525828MVA"],
    ["invalid", "DE136695977"],
    ["invalid", "GB980780685"],
    ["invalid", "CHE-100.155.213 MWST"],
    ["invalid", "995525829MVA"],
  ])("the checksum decides: %s, %s", async (state, value) => {
    expect(await stateOf(value)).toBe(state);
  });

  it.each([
    ["valid", "DE000000000"],
    ["valid", "NL000000000B01"],
    ["valid", "FR00000000000"],
    ["valid", "CHE-000.000.000 MWST"],
    ["invalid", "DE111111111"],
    ["invalid", "NL111111111B01"],
    ["pending", "DE222222222"],
    ["pending", "NL222222222B01"],
    ["pending", "PL0222222222"],
  ])(
    "numbers that Stripe's test mode knows have the state that they have there: %s, %s",
    async (state, value) => {
      expect(await stateOf(value)).toBe(state);
    },
  );

  it("the evidence says that nobody was asked", async () => {
    expect(await offlineChecker.check("DE136695976")).toEqual({
      state: "valid",
      checked_at_ms: expect.any(Number),
      source: "offline",
      name: null,
      address: null,
      consultation_number: null,
    });
  });
});

describe("the checker of a deployment", () => {
  const checkerOf = (variables: Record<string, string>) =>
    vatIdCheckerFor(readSettings({ ...DEPLOYMENT, ...variables } as unknown as Bindings));
  const isOffline = (variables: Record<string, string>) => checkerOf(variables) === offlineChecker;

  it("asks VIES where money is real, and nobody where it is not", () => {
    expect(isOffline({ STRIPE_SECRET_KEY: "" })).toBe(true);
    expect(isOffline({ STRIPE_SECRET_KEY: "sk_test_12345678" })).toBe(true);
    expect(isOffline({ STRIPE_SECRET_KEY: "sk_live_12345678" })).toBe(false);
    expect(isOffline({ STRIPE_SECRET_KEY: "rk_live_12345678" })).toBe(false);
  });

  it("can be told to ask VIES", () => {
    expect(isOffline({ VAT_ID_CHECKER: "vies", STRIPE_SECRET_KEY: "" })).toBe(false);
    expect(isOffline({ VAT_ID_CHECKER: "vies" })).toBe(false);
    expect(isOffline({ VAT_ID_CHECKER: "offline" })).toBe(true);
  });

  it("cannot be told to trust check digits where money is real", () => {
    const variables = { VAT_ID_CHECKER: "offline", STRIPE_SECRET_KEY: "sk_live_12345678" };
    expect(() => checkerOf(variables)).toThrow("VAT_ID_CHECKER is offline beside a live Stripe key");
  });

  it.each([
    [{ VAT_ID_CHECKER: "soap" }, "VAT_ID_CHECKER is malformed"],
    [{ SELLER_VAT_ID: "123456789" }, "SELLER_VAT_ID is malformed"],
  ])("is refused with a message that names the setting: %o", (variables, message) => {
    expect(() => checkerOf(variables)).toThrow(message);
  });
});

it("a British, Swiss or Norwegian number never changes the VAT, whatever its check says", async () => {
  for (const [country, type, value] of [
    ["GB", "gb_vat", "GB980780684"],
    ["CH", "ch_vat", "CHE-100.155.213 MWST"],
    ["NO", "no_vat", "995525828MVA"],
  ] as const) {
    const vat_id = { state: await stateOf(value), type, value };
    const sale = { seller_country: "NL", net_cents: 10_000, at_ms: Date.UTC(2026, 10, 24) };
    const buyer = { country, postal_code: "", vat_id, is_business: true };
    expect(decideTax({ ...sale, buyer })).toMatchObject({ treatment: "outside_scope", tax_cents: 0 });
  }
});
