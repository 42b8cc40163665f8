import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, test, vi } from "vitest";
import { recheckVatIds } from "../../src/customers/vat-id-recheck";
import { DAY_MS, MINUTE_MS } from "../../src/units/duration";
import { stopClock } from "../support/clock";
import {
  ASKS_VIES,
  CHARGED,
  EXEMPT,
  INVALID,
  newCustomer,
  openPurchase,
  profileOf,
  save,
  standInVies,
  taxIdsOf,
  VALID,
} from "../support/purchases/billing-profile";
import { standInStripe } from "../support/purchases/stripe";

const clock = stopClock();
const vies_asked = { bindings: ASKS_VIES };

/** No test of this file finds the due checks of another. */
beforeEach(async () => {
  await env.DB.prepare("DELETE FROM billing_profiles").run();
});
afterEach(() => vi.restoreAllMocks());

describe("the register", () => {
  it("is asked when the profile is saved, and what it says is kept as evidence", async () => {
    standInStripe();
    const vies = standInVies("valid");
    const organization = await newCustomer({}, vies_asked);
    expect((await profileOf(organization)).vat_id).toEqual({
      value: VALID,
      state: "valid",
      message: "The register of the European Union confirms it.",
      checked_at: new Date().toISOString(),
      source: "vies",
      name: "EXAMPLE HANDEL GMBH",
      address: "MUSTERWEG 1\n10115 BERLIN",
      consultation_number: null,
    });
    await save(organization, { company_name: "Another Name GmbH" }, vies_asked);
    expect(vies.asked).toEqual([VALID]);
  });

  it("is not asked about a consumer, nor about what can be no VAT ID", async () => {
    standInStripe();
    const vies = standInVies();
    const organization = await newCustomer({ is_business: false }, vies_asked);
    await save(organization, { vat_id: "DE123" }, vies_asked);
    await save(organization, { vat_id: null }, vies_asked);
    expect(vies.asked).toEqual([]);
  });

  it("that says no may have learnt better when the profile is saved again minutes later", async () => {
    const stripe = standInStripe();
    const vies = standInVies("invalid");
    const organization = await newCustomer({}, vies_asked);
    vies.says = "valid";
    await save(organization, {}, vies_asked);
    expect((await profileOf(organization)).vat_id.state).toBe("invalid");
    clock.pass(5 * MINUTE_MS);
    await save(organization, {}, vies_asked);
    expect((await profileOf(organization)).vat_id.state).toBe("valid");
    expect(taxIdsOf(stripe, organization)).toEqual([VALID]);
  });
});

describe("while the register is away", () => {
  test("what can be seen without it is said", async () => {
    standInStripe();
    standInVies("away");
    const organization = await newCustomer({ vat_id: INVALID }, vies_asked);
    const { state, message } = (await profileOf(organization)).vat_id;
    expect({ state, message }).toEqual({
      state: "unavailable",
      message:
        "The register cannot be asked at the moment. It will be, and until then VAT is charged as without it. Its check digits do not fit.",
    });
  });

  test("VAT is charged, and it is asked again at most every five minutes", async () => {
    const stripe = standInStripe();
    const vies = standInVies("away");
    const organization = await newCustomer({}, vies_asked);
    expect((await profileOf(organization)).vat_id.state).toBe("unavailable");
    for (let bought = 0; bought < 3; bought++)
      expect(await openPurchase(stripe, organization)).toMatchObject(CHARGED);
    await recheckVatIds(ASKS_VIES);
    expect(vies.asked).toHaveLength(1);
    clock.pass(5 * MINUTE_MS);
    expect(await openPurchase(stripe, organization)).toMatchObject(CHARGED);
    expect(vies.asked).toHaveLength(2);
  });

  test("the cron goes on asking, and when it is back no VAT is charged", async () => {
    const stripe = standInStripe();
    const vies = standInVies("away");
    const organization = await newCustomer({}, vies_asked);
    for (let run = 0; run < 12; run++) {
      clock.pass(MINUTE_MS);
      await recheckVatIds(ASKS_VIES);
    }
    expect(vies.asked).toHaveLength(3);
    vies.says = "valid";
    clock.pass(5 * MINUTE_MS);
    await recheckVatIds(ASKS_VIES);
    expect(taxIdsOf(stripe, organization)).toEqual([VALID]);
    expect(await openPurchase(stripe, organization)).toMatchObject(EXEMPT);
  });

  test("a valid VAT ID stays so for thirty days after it was found valid, and no longer", async () => {
    const stripe = standInStripe();
    const vies = standInVies("valid");
    const organization = await newCustomer({}, vies_asked);
    vies.says = "away";
    clock.pass(29 * DAY_MS);
    await recheckVatIds(ASKS_VIES);
    expect(vies.asked).toHaveLength(2);
    expect(await openPurchase(stripe, organization)).toMatchObject(EXEMPT);
    clock.pass(DAY_MS);
    expect(await openPurchase(stripe, organization)).toMatchObject(CHARGED);
    expect(taxIdsOf(stripe, organization)).toEqual([]);
    vies.says = "valid";
    clock.pass(5 * MINUTE_MS);
    expect(await openPurchase(stripe, organization)).toMatchObject(EXEMPT);
  });
});

describe("a check that is older than thirty days", () => {
  test("is repeated before a purchase: what has become invalid bears VAT", async () => {
    const stripe = standInStripe();
    const vies = standInVies("valid");
    const organization = await newCustomer({}, vies_asked);
    clock.pass(30 * DAY_MS - 1);
    expect(await openPurchase(stripe, organization)).toMatchObject(EXEMPT);
    expect(vies.asked).toHaveLength(1);
    vies.says = "invalid";
    clock.pass(1);
    expect(await openPurchase(stripe, organization)).toMatchObject(CHARGED);
    expect(vies.asked).toHaveLength(2);
    expect(taxIdsOf(stripe, organization)).toEqual([]);
  });

  test("is repeated by the cron before it gets so old", async () => {
    const stripe = standInStripe();
    const vies = standInVies("valid");
    const organization = await newCustomer({}, vies_asked);
    clock.pass(25 * DAY_MS);
    await recheckVatIds(ASKS_VIES);
    clock.pass(20 * DAY_MS);
    expect(await openPurchase(stripe, organization)).toMatchObject(EXEMPT);
    expect(vies.asked).toHaveLength(2);
  });
});

test("the cron asks for ten at a time, those that have waited longest first", async () => {
  standInStripe();
  const vies = standInVies("away");
  for (let saved = 0; saved < 12; saved++) await newCustomer({}, vies_asked);
  clock.pass(5 * MINUTE_MS);
  for (const asked_in_all of [22, 24, 24]) {
    await recheckVatIds(ASKS_VIES);
    expect(vies.asked).toHaveLength(asked_in_all);
  }
});
