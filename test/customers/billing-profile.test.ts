import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { recheckVatIds } from "../../src/customers/vat-id-recheck";
import { DAY_MS } from "../../src/units/duration";
import { newOrganization } from "../support/api/organizations";
import { stopClock } from "../support/clock";
import {
  ANOTHER_VALID,
  ASKS_VIES,
  CHARGED,
  customerOf,
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
import { sessionOf } from "../support/purchases/buying";
import { sdkFor, standInStripe } from "../support/purchases/stripe";

const clock = stopClock();
const vies_asked = { bindings: ASKS_VIES };

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
    expect(await openPurchase(stripe, organization)).toMatchObject(CHARGED);
  });

  test("is found out by the next purchase when the event is lost", async () => {
    const stripe = standInStripe();
    const organization = await newCustomer();
    unverified(stripe);
    stripe.controls.webhooks.drop();
    expect(await openPurchase(stripe, organization)).toMatchObject(CHARGED);
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
    expect(await openPurchase(stripe, organization)).toMatchObject(CHARGED);
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
    expect(await openPurchase(stripe, organization)).toMatchObject(CHARGED);
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
    expect(await openPurchase(after, organization)).toMatchObject(EXEMPT);
    expect(customerOf(after, organization).id).not.toBe(lost);
  });
});

describe("a page on which can be paid", () => {
  test("is closed when it would be taxed otherwise now", async () => {
    const stripe = standInStripe();
    const organization = await newCustomer();
    const { id } = await openPurchase(stripe, organization);
    await save(organization, { company_name: "Another Name GmbH" });
    expect(sessionOf(stripe, id).status).toBe("open");
    await save(organization, { company_name: "Another Name GmbH", is_business: false });
    expect(sessionOf(stripe, id).status).toBe("expired");
    await stripe.controls.webhooks.deliverAll();
    expect(await openPurchase(stripe, organization)).toMatchObject({ status: "open", ...CHARGED });
  });

  test("is closed when its VAT ID turns out invalid", async () => {
    const stripe = standInStripe();
    const vies = standInVies("valid");
    const organization = await newCustomer({}, vies_asked);
    const { id } = await openPurchase(stripe, organization);
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
    const { id } = await openPurchase(stripe, other);
    await save(one, { is_business: false });
    expect(sessionOf(stripe, id).status).toBe("open");
  });
});
