import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { saveBillingProfile } from "../../src/customers/billing-profile";
import { syncBillingProfile, syncWaitingProfiles } from "../../src/customers/stripe-sync";
import type { Bindings } from "../../src/env";
import type { Actor } from "../../src/organizations/actor";
import { MINUTE_MS } from "../../src/units/duration";
import { newOrganization } from "../support/api/organizations";
import { stopClock } from "../support/clock";
import {
  ANOTHER_VALID,
  BERLIN,
  buyInTheEnd,
  customerOf,
  expectTogether,
  INVALID,
  newCustomer,
  profileOf,
  save,
  VALID,
} from "../support/purchases/billing-profile";
import { buy } from "../support/purchases/buying";
import { sdkFor, standInStripe } from "../support/purchases/stripe";

const somebody: Actor = {
  ...{ id: "user:user-1", kind: "person", name: "J. Jansen", session_id: null },
  origin: { address: null, country: null, user_agent: null, request_id: null },
};

const clock = stopClock();

/** Whoever waits for another run looks again at once. */
beforeEach(() => void vi.spyOn(scheduler, "wait").mockImplementation(async () => {}));
afterEach(() => vi.restoreAllMocks());

const MAKING = { method: "POST", path: /customers$/ };
const CHANGING = { method: "POST", path: /customers\/\w+$/ };
const ATTACHING = { method: "POST", path: /tax_ids$/ };
const TAKING_AWAY = { method: "DELETE", path: /tax_ids/ };
const READING = { method: "GET", path: /customers/ };

test.each([
  ["500", "making the customer", MAKING],
  ["lost", "making the customer", MAKING],
  ["lost_after", "making the customer", MAKING],
  ["500", "changing the customer", CHANGING],
  ["lost_after", "changing the customer", CHANGING],
  ["500", "attaching the VAT ID", ATTACHING],
  ["lost", "attaching the VAT ID", ATTACHING],
  ["lost_after", "attaching the VAT ID", ATTACHING],
  ["500", "taking the VAT ID away", TAKING_AWAY],
  ["lost", "taking the VAT ID away", TAKING_AWAY],
  ["lost_after", "taking the VAT ID away", TAKING_AWAY],
  ["lost", "reading the customer", READING],
] as const)("%s at %s: the next purchase brings both together", async (kind, _, request) => {
  const stripe = standInStripe();
  const organization = await newOrganization();
  // Each request is repeated once.
  const fail = () => stripe.controls.failNext({ ...request, kind, times: 2 });
  fail();
  await save(organization, { vat_id: VALID });
  await buyInTheEnd(stripe, organization);
  fail();
  await save(organization, { vat_id: ANOTHER_VALID, company_name: "Another Name GmbH" });
  expect((await buyInTheEnd(stripe, organization)).tax_cents).toBe(0);
  fail();
  await save(organization, { vat_id: INVALID });
  expect((await buyInTheEnd(stripe, organization)).tax_cents).toBe(950);
});

test("a failure that Stripe keeps under a key holds up nobody", async () => {
  const stripe = standInStripe();
  const organization = await newOrganization();
  stripe.controls.failNext({ method: "POST", path: /customers$/, kind: "500_after", times: 1 });
  await save(organization);
  expect((await buy(organization)).body.tax_cents).toBe(0);
});

test("while a change may still be on its way to Stripe, nothing is sold", async () => {
  const stripe = standInStripe();
  const organization = await newCustomer({ vat_id: null });
  stripe.controls.failNext({ method: "POST", path: /tax_ids$/, kind: "lost", times: 2 });
  await save(organization, { vat_id: VALID });
  await save(organization, { vat_id: null });
  expect((await buy(organization)).status).toBe(503);
  // What was believed lost arrives after all.
  const { id } = customerOf(stripe, organization);
  await sdkFor(stripe).customers.createTaxId(id, { type: "eu_vat", value: VALID });
  expect((await buyInTheEnd(stripe, organization)).tax_cents).toBe(950);
});

/** D1 that breaks off after so many statements. */
function breakingD1(statements: number): Bindings {
  let left = statements;
  const send = <T>(work: () => T): T => {
    if (left-- > 0) return work();
    throw new Error("D1_ERROR: gone (made by the test)");
  };
  const DB = new Proxy(env.DB, {
    get(target, name) {
      if (name !== "prepare") return Reflect.get(target, name).bind(target);
      return (query: string) => send(() => target.prepare(query));
    },
  });
  return { ...env, DB };
}

test("a save that is cut off at any step is made good by the next purchase", async () => {
  const { address, ...rest } = BERLIN;
  const stated = { ...rest, ...address, line2: null, region: null };
  let finished = 0;
  for (let statements = 0; finished < 2; statements++) {
    const stripe = standInStripe();
    const organization = await newCustomer({ vat_id: ANOTHER_VALID });
    const profile = { ...stated, vat_id: VALID };
    const cut_off = saveBillingProfile(breakingD1(statements), somebody, organization.id, profile);
    finished += await cut_off.then(
      () => 1,
      () => 0,
    );
    expect((await buyInTheEnd(stripe, organization)).tax_cents).toBe(0);
  }
});

test("what was saved while Stripe was away is handed over by the cron, and what Stripe refuses is not tried for ever", async () => {
  const stripe = standInStripe();
  const organization = await newOrganization();
  stripe.controls.failNext({ kind: "500", times: 20 });
  await save(organization);
  stripe.controls.clearFaults();
  const refused = await newCustomer({
    address: { ...BERLIN.address, country: "AQ" },
    vat_id: null,
  });
  clock.pass(3 * MINUTE_MS);
  await syncWaitingProfiles(env);
  await expectTogether(stripe, organization);
  const events = stripe.controls.find("event").length;
  stripe.controls.failNext({ path: /customers/, kind: "500", times: 1 });
  await syncWaitingProfiles(env);
  expect(stripe.controls.find("event")).toHaveLength(events);
  expect((await profileOf(refused)).obstacle.code).toBe("billing_address_invalid");
});

test("without a profile there is nothing to hand over", async () => {
  standInStripe();
  const { id } = await newOrganization();
  expect(await syncBillingProfile(env, id)).toMatchObject({
    outcome: "refused",
    code: "billing_profile_incomplete",
  });
});
