import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, test, vi } from "vitest";
import { recheckVatIds } from "../../src/customers/vat-id-recheck";
import { DAY_MS, MINUTE_MS } from "../../src/units/duration";
import { newOrganization, type TestOrganization } from "../support/api/organizations";
import { stopClock } from "../support/clock";
import {
  ANOTHER_VALID,
  ASKS_VIES,
  customerOf,
  INVALID,
  newCustomer,
  profileOf,
  save,
  standInVies,
  taxIdsOf,
  VALID,
} from "../support/purchases/billing-profile";
import { buy, sessionOf } from "../support/purchases/buying";
import { sdkFor, standInStripe } from "../support/purchases/stripe";

const clock = stopClock();
const vies_asked = { bindings: ASKS_VIES };

const EXEMPT = { tax_cents: 0, tax: { treatment: "reverse_charge" } };
const CHARGED = { tax_cents: 950, tax: { treatment: "destination" } };

/** A purchase that is opened now, and what Stripe would charge for it. */
async function purchase(stripe: ReturnType<typeof standInStripe>, organization: TestOrganization) {
  const { body } = await buy(organization, {}, vies_asked);
  const { amount_total, total_details } = sessionOf(stripe, body.id);
  expect({ amount_total, tax: total_details?.amount_tax }).toEqual({
    amount_total: body.gross_cents,
    tax: body.tax_cents,
  });
  return body;
}

/** No test of this file finds the due checks of another. */
beforeEach(async () => {
  await env.DB.prepare("DELETE FROM billing_profiles").run();
});
afterEach(() => vi.restoreAllMocks());

describe("a VAT ID stands at Stripe", () => {
  test("while it is valid and the buyer is a business, and is the only one there", async () => {
    const stripe = standInStripe();
    const organization = await newCustomer({ vat_id: VALID });
    expect(taxIdsOf(stripe, organization)).toEqual([VALID]);
    await save(organization, { vat_id: ANOTHER_VALID });
    expect(taxIdsOf(stripe, organization)).toEqual([ANOTHER_VALID]);
    await save(organization, { vat_id: INVALID });
    expect(taxIdsOf(stripe, organization)).toEqual([]);
    await save(organization, { vat_id: VALID });
    expect(taxIdsOf(stripe, organization)).toEqual([VALID]);
    await save(organization, { vat_id: VALID, is_business: false });
    expect(taxIdsOf(stripe, organization)).toEqual([]);
  });

  test("and is left alone when something else is saved", async () => {
    const stripe = standInStripe();
    const organization = await newCustomer();
    const [before] = stripe.controls.find("tax_id");
    await save(organization, { company_name: "Another Name GmbH" });
    await save(organization, { company_name: "Another Name GmbH" });
    expect(stripe.controls.find("tax_id")).toEqual([before]);
    expect(customerOf(stripe, organization).name).toBe("Another Name GmbH");
  });

  test("not beside an address in another country", async () => {
    const stripe = standInStripe();
    const organization = await newCustomer();
    await save(organization, {
      address: { line1: "Rue 1", postal_code: "75001", city: "Paris", country: "FR" },
    });
    expect(taxIdsOf(stripe, organization)).toEqual([]);
    expect((await profileOf(organization)).tax).toMatchObject({ treatment: "destination", rate_percent: 20 });
  });
});

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
      expect(await purchase(stripe, organization)).toMatchObject(CHARGED);
    await recheckVatIds(ASKS_VIES);
    expect(vies.asked).toHaveLength(1);
    clock.pass(5 * MINUTE_MS);
    expect(await purchase(stripe, organization)).toMatchObject(CHARGED);
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
    expect(await purchase(stripe, organization)).toMatchObject(EXEMPT);
  });

  test("a valid VAT ID stays so for thirty days after it was found valid, and no longer", async () => {
    const stripe = standInStripe();
    const vies = standInVies("valid");
    const organization = await newCustomer({}, vies_asked);
    vies.says = "away";
    clock.pass(29 * DAY_MS);
    await recheckVatIds(ASKS_VIES);
    expect(vies.asked).toHaveLength(2);
    expect(await purchase(stripe, organization)).toMatchObject(EXEMPT);
    clock.pass(DAY_MS);
    expect(await purchase(stripe, organization)).toMatchObject(CHARGED);
    expect(taxIdsOf(stripe, organization)).toEqual([]);
    vies.says = "valid";
    clock.pass(5 * MINUTE_MS);
    expect(await purchase(stripe, organization)).toMatchObject(EXEMPT);
  });
});

describe("a check that is older than thirty days", () => {
  test("is repeated before a purchase: what has become invalid bears VAT", async () => {
    const stripe = standInStripe();
    const vies = standInVies("valid");
    const organization = await newCustomer({}, vies_asked);
    clock.pass(30 * DAY_MS - 1);
    expect(await purchase(stripe, organization)).toMatchObject(EXEMPT);
    expect(vies.asked).toHaveLength(1);
    vies.says = "invalid";
    clock.pass(1);
    expect(await purchase(stripe, organization)).toMatchObject(CHARGED);
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
    expect(await purchase(stripe, organization)).toMatchObject(EXEMPT);
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

describe("what Stripe hears of a VAT ID", () => {
  const unverified = (stripe: ReturnType<typeof standInStripe>) => {
    const [tax_id] = stripe.controls.find("tax_id");
    stripe.controls.setTaxIdStatus(tax_id?.id ?? "", "unverified");
  };

  test("counts when it is a no: the VAT ID is invalid, taken away, and VAT is charged", async () => {
    const stripe = standInStripe();
    const organization = await newCustomer();
    unverified(stripe);
    await stripe.controls.webhooks.deliverAll();
    expect((await profileOf(organization)).vat_id).toMatchObject({ state: "invalid", source: "stripe" });
    expect(taxIdsOf(stripe, organization)).toEqual([]);
    expect(await purchase(stripe, organization)).toMatchObject(CHARGED);
  });

  test("is found out by the next purchase when the event is lost", async () => {
    const stripe = standInStripe();
    const organization = await newCustomer();
    unverified(stripe);
    stripe.controls.webhooks.drop();
    expect(await purchase(stripe, organization)).toMatchObject(CHARGED);
    expect(taxIdsOf(stripe, organization)).toEqual([]);
  });

  test("changes nothing when it comes late, about a number that was given up", async () => {
    const stripe = standInStripe();
    const organization = await newCustomer();
    unverified(stripe);
    await save(organization, { vat_id: ANOTHER_VALID });
    await stripe.controls.webhooks.deliver({ times: 2, order: "reversed" });
    expect((await profileOf(organization)).vat_id).toMatchObject({ value: ANOTHER_VALID, state: "valid" });
    expect(taxIdsOf(stripe, organization)).toEqual([ANOTHER_VALID]);
  });

  test("is heard again when Stripe cannot be asked", async () => {
    const stripe = standInStripe();
    const organization = await newCustomer();
    unverified(stripe);
    stripe.controls.failNext({ kind: "500", method: "DELETE", times: 2 });
    const only = { only: ({ type }: { type: string }) => type === "customer.tax_id.updated" };
    expect(await stripe.controls.webhooks.deliver(only)).toBe(0);
    expect(taxIdsOf(stripe, organization)).toEqual([VALID]);
    expect(await stripe.controls.webhooks.deliver(only)).toBe(1);
    expect(taxIdsOf(stripe, organization)).toEqual([]);
  });
});

describe("what somebody has changed at Stripe by hand", () => {
  test("is put right before the next purchase", async () => {
    const stripe = standInStripe();
    const organization = await newCustomer({ vat_id: null });
    const { customers } = sdkFor(stripe);
    const { id } = customerOf(stripe, organization);
    await customers.createTaxId(id, { type: "eu_vat", value: ANOTHER_VALID });
    await customers.update(id, { name: "Somebody else", address: { country: "US" }, tax_exempt: "reverse" });
    expect(await purchase(stripe, organization)).toMatchObject(CHARGED);
    expect(taxIdsOf(stripe, organization)).toEqual([]);
    expect(customerOf(stripe, organization)).toMatchObject({
      name: "Example Handel GmbH",
      address: { country: "DE" },
      tax_exempt: "none",
    });
  });

  test("is put right also when it is only that no VAT is to be charged", async () => {
    const stripe = standInStripe();
    const organization = await newCustomer({ vat_id: null });
    await sdkFor(stripe).customers.update(customerOf(stripe, organization).id, { tax_exempt: "reverse" });
    expect(await purchase(stripe, organization)).toMatchObject(CHARGED);
    expect(customerOf(stripe, organization).tax_exempt).toBe("none");
  });

  test("is taken away at once when it is a VAT ID", async () => {
    const stripe = standInStripe();
    const organization = await newCustomer({ vat_id: null });
    const { id } = customerOf(stripe, organization);
    await sdkFor(stripe).customers.createTaxId(id, { type: "eu_vat", value: ANOTHER_VALID });
    await stripe.controls.webhooks.deliverAll();
    expect(taxIdsOf(stripe, organization)).toEqual([]);
  });

  test("such as deleting the customer leads to a new one", async () => {
    const before = standInStripe();
    const organization = await newCustomer();
    const lost = customerOf(before, organization).id;
    const after = standInStripe();
    expect(await purchase(after, organization)).toMatchObject(EXEMPT);
    expect(customerOf(after, organization).id).not.toBe(lost);
  });
});

describe("a page on which can be paid", () => {
  test("is closed when it would be taxed otherwise now", async () => {
    const stripe = standInStripe();
    const organization = await newCustomer();
    const { id } = await purchase(stripe, organization);
    await save(organization, { company_name: "Another Name GmbH" });
    expect(sessionOf(stripe, id).status).toBe("open");
    await save(organization, { company_name: "Another Name GmbH", is_business: false });
    expect(sessionOf(stripe, id).status).toBe("expired");
    await stripe.controls.webhooks.deliverAll();
    expect(await purchase(stripe, organization)).toMatchObject({ status: "open", ...CHARGED });
  });

  test("is closed when its VAT ID turns out invalid", async () => {
    const stripe = standInStripe();
    const vies = standInVies("valid");
    const organization = await newCustomer({}, vies_asked);
    const { id } = await purchase(stripe, organization);
    vies.says = "invalid";
    clock.pass(25 * DAY_MS);
    // Opened a moment ago, as far as this test is concerned.
    await env.DB.prepare("UPDATE purchases SET created_at_ms = ?").bind(Date.now()).run();
    await recheckVatIds(ASKS_VIES);
    expect(sessionOf(stripe, id).status).toBe("expired");
  });

  test("of another organization stays open", async () => {
    const stripe = standInStripe();
    const [one, other] = [await newCustomer(), await newOrganization()];
    await save(other);
    const { id } = await purchase(stripe, other);
    await save(one, { is_business: false });
    expect(sessionOf(stripe, id).status).toBe("open");
  });
});
