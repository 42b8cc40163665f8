import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { reconcile } from "../../src/admin/reconcile";
import { recheckVatIds } from "../../src/customers/vat-id-recheck";
import { EventRelay } from "../../src/ledger/object/event-relay";
import { offlineChecker } from "../../src/tax/vat-id-offline";
import { type Answer, api, type Json } from "../support/api/api";
import { adminKey, type TestOrganization } from "../support/api/organizations";
import { AMSTERDAM, bought, entriesOf, newBuyer, postedMicros, sweep } from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";

const EUR = 1_000_000;
const REFUNDS = /\/v1\/refunds$/;

/** A German business. EUR 50.00 net, 9.50 VAT, 59.50 gross, as long as its VAT ID is not confirmed. */
const GERMAN = {
  ...AMSTERDAM,
  address: { line1: "Torstr. 1", postal_code: "10115", city: "Berlin", country: "DE" },
  vat_id: "DE136695976",
};

beforeEach(() => {
  // What is to be told stays where it was noted.
  vi.spyOn(EventRelay.prototype, "flush").mockResolvedValue(true);
  vi.spyOn(console, "error").mockImplementation(() => {});
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => vi.restoreAllMocks());

/** The register does not answer until `comeBack` is called. */
function registerAway() {
  const check = offlineChecker.check;
  const away = vi.spyOn(offlineChecker, "check").mockImplementation(async (value) => ({
    ...(await check.call(offlineChecker, value)),
    state: "unavailable",
  }));
  return () => away.mockRestore();
}

async function recheck({ id }: TestOrganization): Promise<void> {
  await env.DB.prepare("UPDATE billing_profiles SET vat_id_check_at_ms = 0 WHERE organization_id = ?")
    .bind(id)
    .run();
  await recheckVatIds(env);
}

/** A purchase whose VAT was charged because the register was away; it has confirmed the VAT ID since. */
async function boughtWhileAway() {
  const stripe = standInStripe();
  const comeBack = registerAway();
  const buyer = await newBuyer(GERMAN);
  const paid = await bought(stripe, buyer);
  comeBack();
  await recheck(buyer);
  return { stripe, buyer, ...paid };
}

async function refundTax({ id }: TestOrganization, purchase_id: string): Promise<Answer> {
  const path = `/api/v1/admin/organizations/${id}/purchases/${purchase_id}/tax_refund`;
  return api("POST", path, { key: await adminKey(), body: { reason: "Confirmed since" } });
}

async function refund({ id }: TestOrganization, purchase_id: string, body: Json = {}): Promise<Answer> {
  return api("POST", `/api/v1/admin/organizations/${id}/purchases/${purchase_id}/refunds`, {
    key: await adminKey(),
    headers: { "Idempotency-Key": `refund-${body.net_cents ?? "all"}` },
    body: { reason: "Not wanted", ...body },
  });
}

async function documentsOf({ key }: TestOrganization): Promise<Json[]> {
  return (await api("GET", "/api/v1/invoices", { key })).body.invoices;
}

async function differencesOf({ id }: TestOrganization): Promise<unknown[]> {
  const report = await reconcile(env, Date.now() + 3_600_000);
  return (report?.differences ?? []).filter(({ organization_id }) => organization_id === id);
}

/** What the operator is told of VAT that could go back. */
function told({ id }: TestOrganization): Promise<Json[]> {
  return runInDurableObject(env.LEDGER.getByName(id), (_, { storage }) =>
    storage.sql
      .exec<{ data: string }>("SELECT DISTINCT data FROM event WHERE type = 'ops.tax_refundable'")
      .toArray()
      .map(({ data }) => JSON.parse(data)),
  );
}

describe("VAT that was charged because the register was away", () => {
  test("is told to the operator with its purchase, once the VAT ID is confirmed", async () => {
    const { buyer, purchase_id } = await boughtWhileAway();
    await recheck(buyer);
    expect(await told(buyer)).toMatchObject([{ purchase_id, tax_cents: 950 }]);
  });

  test("goes back without the credit, with a credit note and an invoice with reverse charge", async () => {
    const { stripe, buyer, purchase_id, payment_intent_id } = await boughtWhileAway();
    expect(await refundTax(buyer, purchase_id)).toMatchObject({ status: 200, body: { tax_cents: 950 } });
    await stripe.controls.webhooks.deliverAll();
    expect(stripe.controls.find("refund")).toMatchObject([
      { amount: 950, payment_intent: payment_intent_id },
    ]);
    expect(await entriesOf(buyer)).toEqual([["purchase", 50 * EUR]]);
    const documents = await documentsOf(buyer);
    expect(documents).toHaveLength(3);
    expect(documents).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: "credit_note", net_cents: 5_000, tax_cents: 950 }),
        expect.objectContaining({
          kind: "invoice",
          status: "paid",
          net_cents: 5_000,
          tax_cents: 0,
          reverse_charge: true,
        }),
      ]),
    );
    expect(await differencesOf(buyer)).toEqual([]);
  });

  test("goes back once, however often and however many at once ask, and whatever becomes of the answers", async () => {
    const { stripe, buyer, purchase_id } = await boughtWhileAway();
    for (const kind of ["500_after", "lost_after"] as const)
      for (const path of [/invoices$/, /invoiceitems$/, /finalize$/, REFUNDS, /credit_notes$/, /\/pay$/]) {
        stripe.controls.failNext({ method: "POST", path, kind, times: 2 });
        expect((await refundTax(buyer, purchase_id)).status).toBeLessThan(504);
        stripe.controls.clearFaults();
      }
    const [one, other] = await Promise.all([refundTax(buyer, purchase_id), refundTax(buyer, purchase_id)]);
    await stripe.controls.webhooks.deliverAll();
    expect(one).toMatchObject({ status: 200 });
    expect(other.body).toEqual(one.body);
    expect(await refundTax(buyer, purchase_id)).toMatchObject({ status: 200, body: one.body });
    expect(stripe.controls.find("refund")).toHaveLength(1);
    expect(stripe.controls.find("credit_note")).toHaveLength(1);
    expect(await postedMicros(buyer)).toBe(50 * EUR);
    expect(await differencesOf(buyer)).toEqual([]);
  });

  test("takes no credit when its event comes before its answer, and the cron finishes it", async () => {
    const { stripe, buyer, purchase_id } = await boughtWhileAway();
    stripe.controls.failNext({ method: "POST", path: REFUNDS, kind: "lost_after", times: 2 });
    expect((await refundTax(buyer, purchase_id)).status).toBe(503);
    stripe.controls.clearFaults();
    await stripe.controls.webhooks.deliver({ order: "reversed", times: 2 });
    expect(await entriesOf(buyer)).toEqual([["purchase", 50 * EUR]]);
    await sweep();
    await stripe.controls.webhooks.deliverAll();
    expect(await documentsOf(buyer)).toHaveLength(3);
    expect(stripe.controls.find("refund")).toHaveLength(1);
    expect(await differencesOf(buyer)).toEqual([]);
  });

  test("that went back is not given back again: a part and then the rest come to the net, and take all credit", async () => {
    const { stripe, buyer, purchase_id } = await boughtWhileAway();
    await refundTax(buyer, purchase_id);
    const part = await refund(buyer, purchase_id, { net_cents: 2_000 });
    expect(part).toMatchObject({ status: 201, body: { net_cents: 2_000, gross_cents: 2_000 } });
    await stripe.controls.webhooks.deliverAll();
    expect(await postedMicros(buyer)).toBe(30 * EUR);
    const rest = await refund(buyer, purchase_id);
    expect(rest).toMatchObject({ status: 201, body: { net_cents: 3_000, gross_cents: 3_000 } });
    await stripe.controls.webhooks.deliverAll();
    expect(await postedMicros(buyer)).toBe(0);
    const notes = (await documentsOf(buyer)).filter(({ kind }) => kind === "credit_note");
    expect(notes.map(({ net_cents, tax_cents }) => [net_cents, tax_cents])).toEqual(
      expect.arrayContaining([
        [5_000, 950],
        [2_000, 0],
        [3_000, 0],
      ]),
    );
    expect(await differencesOf(buyer)).toEqual([]);
  });

  test.each([
    ["of a part", 2_000, 30],
    ["of all that was paid", undefined, 0],
  ])("that went back leaves a dispute %s to take the net", async (_, amount_cents, left) => {
    const { stripe, buyer, purchase_id, payment_intent_id } = await boughtWhileAway();
    await refundTax(buyer, purchase_id);
    const dispute = stripe.controls.openDispute(payment_intent_id, amount_cents ? { amount_cents } : {});
    await stripe.controls.webhooks.deliverAll();
    expect(await postedMicros(buyer)).toBe(left * EUR);
    stripe.controls.closeDispute(dispute.id, "won");
    await stripe.controls.webhooks.deliverAll();
    expect(await postedMicros(buyer)).toBe(50 * EUR);
    expect(await differencesOf(buyer)).toEqual([]);
  });

  test("whose refund fails is told to the operator, and goes back when it is asked for again", async () => {
    const { stripe, buyer, purchase_id } = await boughtWhileAway();
    const { body } = await refundTax(buyer, purchase_id);
    stripe.controls.failRefund(body.refund);
    await stripe.controls.webhooks.deliverAll();
    expect(await told(buyer)).toMatchObject([{}, { reason: expect.stringContaining("failed") }]);
    const again = await refundTax(buyer, purchase_id);
    expect(again).toMatchObject({
      status: 200,
      body: { credit_note: body.credit_note, invoice: body.invoice },
    });
    expect(again.body.refund).not.toBe(body.refund);
    await stripe.controls.webhooks.deliverAll();
    expect(await postedMicros(buyer)).toBe(50 * EUR);
    expect(await differencesOf(buyer)).toEqual([]);
  });

  test("that Stripe will not give back leaves no document, and may be asked for again", async () => {
    const { stripe, buyer, purchase_id } = await boughtWhileAway();
    const [intent] = stripe.controls.find("payment_intent");
    Object.assign(intent ?? {}, { status: "canceled" });
    expect(await refundTax(buyer, purchase_id)).toMatchObject({ status: 409 });
    Object.assign(intent ?? {}, { status: "succeeded" });
    await stripe.controls.webhooks.deliverAll();
    expect((await documentsOf(buyer)).filter(({ status }) => status !== "void")).toHaveLength(1);
    expect(await refundTax(buyer, purchase_id)).toMatchObject({ status: 200 });
  });
});

describe("VAT stays charged", () => {
  const REFUSED = { status: 409, body: { error: { code: "tax_not_refundable" } } };

  test("of a sale at home, and of one whose VAT ID was confirmed or missing from the start", async () => {
    const stripe = standInStripe();
    for (const profile of [AMSTERDAM, GERMAN, { ...GERMAN, vat_id: "" }]) {
      const buyer = await newBuyer(profile);
      const { purchase_id } = await bought(stripe, buyer);
      expect(await refundTax(buyer, purchase_id)).toMatchObject(REFUSED);
    }
    expect(stripe.controls.find("refund")).toEqual([]);
  });

  test("as long as the register has not confirmed the VAT ID, and when there is another one now", async () => {
    const stripe = standInStripe();
    const comeBack = registerAway();
    const buyer = await newBuyer(GERMAN);
    const { purchase_id } = await bought(stripe, buyer);
    expect(await refundTax(buyer, purchase_id)).toMatchObject(REFUSED);
    comeBack();
    const body = { ...GERMAN, vat_id: "DE000000000" };
    await api("PUT", "/api/v1/billing_profile", { key: buyer.key, body });
    expect(await refundTax(buyer, purchase_id)).toMatchObject(REFUSED);
    expect(stripe.controls.find("refund")).toEqual([]);
  });

  test("once some of the purchase went back, with words that say so", async () => {
    const { stripe, buyer, purchase_id, payment_intent_id } = await boughtWhileAway();
    stripe.controls.refund(payment_intent_id, { amount_cents: 100 });
    const answer = await refundTax(buyer, purchase_id);
    expect(answer).toMatchObject(REFUSED);
    expect(answer.body.error.message).toContain("went back already");
  });

  test("of a purchase of another organization, which is not found", async () => {
    const { buyer, purchase_id, stripe } = await boughtWhileAway();
    const other = await newBuyer();
    expect(await refundTax(other, purchase_id)).toMatchObject({ status: 404 });
    expect(stripe.controls.find("refund")).toEqual([]);
    expect(await told(buyer)).toHaveLength(1);
  });
});

test("a refund that somebody marks at Stripe as one of tax takes its credit nonetheless", async () => {
  const { stripe, buyer, payment_intent_id } = await boughtWhileAway();
  const made = stripe.controls.refund(payment_intent_id, { amount_cents: 950 });
  Object.assign(made.metadata ?? {}, { tax_only: "1" });
  await stripe.controls.webhooks.deliverAll();
  expect(await postedMicros(buyer)).toBeLessThan(50 * EUR);
});
