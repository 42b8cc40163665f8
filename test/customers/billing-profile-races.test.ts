import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { MINUTE_MS } from "../../src/units/duration";
import type { StripeStandIn } from "../stand-in/stripe/stand-in";
import type { Json } from "../support/api/api";
import { newOrganization, type TestOrganization } from "../support/api/organizations";
import { stopClock } from "../support/clock";
import {
  ANOTHER_VALID,
  ASKS_VIES,
  buyInTheEnd,
  customerOf,
  expectTogether,
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

/** Whoever waits for another run looks again at once. */
beforeEach(() => void vi.spyOn(scheduler, "wait").mockImplementation(async () => {}));
afterEach(() => vi.restoreAllMocks());

describe("two saves at once", () => {
  test("leave at Stripe what stands in the end", async () => {
    const stripe = standInStripe();
    const organization = await newCustomer();
    const saves = [VALID, null, ANOTHER_VALID, INVALID, "DE12"].map((vat_id) =>
      save(organization, { vat_id }),
    );
    for (const { status } of await Promise.all(saves)) expect(status).toBe(200);
    await expectTogether(stripe, organization);
  });

  test("of the first profile make one customer", async () => {
    const stripe = standInStripe();
    const organization = await newOrganization();
    await Promise.all([save(organization), save(organization, { vat_id: null }), buy(organization)]);
    await buyInTheEnd(stripe, organization);
  });

  test("never let a slow one undo a later one", async () => {
    const stripe = standInStripe();
    const organization = await newCustomer({ vat_id: null });
    const slow = holdBack(/tax_ids$/, "POST");
    const first = save(organization, { vat_id: VALID }, HERE);
    await slow.reached;
    const second = save(organization, { vat_id: null }, HERE);
    await isSaved(organization, "none");
    slow.letGo();
    await Promise.all([first, second]);
    await expectTogether(stripe, organization);
    expect(taxIdsOf(stripe, organization)).toEqual([]);
  });

  test("never attach what was withdrawn before it came to that", async () => {
    const stripe = standInStripe();
    const organization = await newCustomer({ vat_id: null });
    const slow = holdBack(/customers\/\w+$/, "POST");
    const first = save(organization, { vat_id: VALID, company_name: "Another Name GmbH" }, HERE);
    await slow.reached;
    const second = save(organization, { vat_id: null }, HERE);
    await isSaved(organization, "none");
    slow.letGo();
    await Promise.all([first, second]);
    await expectTogether(stripe, organization);
    expect(stripe.controls.find("event", ({ type }) => type === "customer.tax_id.created")).toEqual([]);
  });
});

test("what a slow register says of one number never counts for another", async () => {
  const stripe = standInStripe();
  const vies = standInVies("valid");
  const organization = await newCustomer({ vat_id: null });
  const slow = holdBack(/check-vat-number$/, "POST");
  const first = save(organization, { vat_id: VALID }, { bindings: ASKS_VIES });
  await slow.reached;
  vies.says = "invalid";
  await save(organization, { vat_id: ANOTHER_VALID }, { bindings: ASKS_VIES });
  vies.says = "valid";
  slow.letGo();
  await first;
  expect((await profileOf(organization)).vat_id).toMatchObject({ value: ANOTHER_VALID, state: "invalid" });
  expect(taxIdsOf(stripe, organization)).toEqual([]);
});

describe("a purchase while the profile is saved", () => {
  test("is charged as it was decided, or not sold", async () => {
    const stripe = standInStripe();
    const organization = await newOrganization();
    stripe.controls.failNext({ path: /customers/, kind: "500", times: 20 });
    await save(organization, { vat_id: VALID });
    stripe.controls.clearFaults();
    const slow = holdBack(/tax_ids$/, "POST");
    const bought = buy(organization, {}, HERE);
    await slow.reached;
    const second = save(organization, { vat_id: null }, HERE);
    await isSaved(organization, "none");
    slow.letGo();
    const { status, body } = await bought;
    await second;
    if (status === 201) expect(sessionOf(stripe, body.id).amount_total).toBe(body.gross_cents);
    expect((await buyInTheEnd(stripe, organization)).tax_cents).toBe(950);
  });

  test("leaves no page on which can be paid as it was before", async () => {
    const stripe = standInStripe();
    const organization = await newCustomer({ vat_id: VALID });
    const slow = holdBack(/checkout\/sessions$/, "POST");
    const here = { ...HERE, idempotency_key: "one" };
    const bought = buy(organization, {}, here);
    await slow.reached;
    await save(organization, { vat_id: null });
    slow.letGo();
    expect(await bought).toMatchObject({ status: 422, body: { error: { code: "unprocessable" } } });
    expect(stripe.controls.find("checkout.session").map(({ status }) => status)).toEqual(["expired"]);
    expect((await buy(organization, {}, here)).status).toBe(422);
    expect((await buy(organization)).body).toMatchObject({ status: "open", tax_cents: 950 });
  });
});

/** In the test's own context: what one request waits for, another cannot set free. */
const HERE = { bindings: {} };

/** Waits until a save has come as far as our own records. */
async function isSaved(organization: TestOrganization, vat_id_state: string): Promise<void> {
  for (;;) if ((await profileOf(organization)).vat_id.state === vat_id_state) return;
}

/** Holds back the next request to Stripe that matches, until it is let go. */
function holdBack(path: RegExp, method: string) {
  const before = vi.mocked(globalThis.fetch).getMockImplementation() ?? globalThis.fetch;
  const reached = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  let is_held = false;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    if (!is_held && init?.method === method && path.test(String(input))) {
      is_held = true;
      reached.resolve();
      await gate.promise;
    }
    return before(input, init);
  });
  return { reached: reached.promise, letGo: () => gate.resolve() };
}

const FAULTS = ["500", "500_after", "lost", "lost_after"] as const;
const step = fc.oneof(
  fc.record({ do: fc.constant("save"), vat_id: fc.constantFrom(VALID, ANOTHER_VALID, INVALID, "DE1", null) }),
  fc.record({ do: fc.constant("consumer"), vat_id: fc.constantFrom(VALID, null) }),
  fc.record({
    do: fc.constant("fail"),
    kind: fc.constantFrom(...FAULTS),
    times: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ do: fc.constant("unverified") }),
  fc.record({ do: fc.constant("attach") }),
  fc.record({ do: fc.constant("events") }),
  fc.record({ do: fc.constant("wait") }),
  fc.record({ do: fc.constant("buy") }),
);

test("whatever happens in whatever order, Stripe sells without VAT only on a VAT ID that we hold valid", async () => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const stripe = standInStripe();
      const organization = await newCustomer();
      for (const one of [...steps, { do: "wait" }, { do: "buy" }] as Json[])
        await take(stripe, organization, one);
      await buyInTheEnd(stripe, organization);
    }),
    { numRuns: 10 },
  );
}, 120_000);

async function take(stripe: StripeStandIn, organization: TestOrganization, one: Json): Promise<void> {
  const { controls } = stripe;
  switch (one.do) {
    case "save":
      await save(organization, { vat_id: one.vat_id });
      return;
    case "consumer":
      await save(organization, { vat_id: one.vat_id, is_business: false });
      return;
    case "fail":
      controls.failNext({ kind: one.kind, times: one.times, path: /customers/ });
      return;
    case "unverified":
      for (const { id } of controls.find("tax_id")) controls.setTaxIdStatus(id, "unverified");
      return;
    case "attach":
      controls.clearFaults();
      await sdkFor(stripe).customers.createTaxId(customerOf(stripe, organization).id, {
        type: "eu_vat",
        value: ANOTHER_VALID,
      });
      return;
    case "events":
      await controls.webhooks.deliver();
      return;
    case "wait":
      clock.pass(MINUTE_MS);
      return;
    default:
      await expectHonestSale(stripe, organization);
  }
}

/** A sale may be refused; when it is opened, it is as the profile says. */
async function expectHonestSale(stripe: StripeStandIn, organization: TestOrganization): Promise<void> {
  const { status, body } = await buy(organization);
  if (status !== 201) return;
  const { amount_total } = sessionOf(stripe, body.id);
  expect(amount_total).toBe(body.gross_cents);
  const { vat_id, is_business } = await profileOf(organization);
  const is_held = is_business && vat_id.state === "valid";
  expect(amount_total).toBe(is_held ? 5_000 : 5_950);
}
