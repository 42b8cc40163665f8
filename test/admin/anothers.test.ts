import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { reconcile } from "../../src/admin/reconcile";
import { openDatabase } from "../../src/storage/database";
import { findOrNameDeployment } from "../../src/storage/deployment";
import { isOurs } from "../../src/stripe/purchase-metadata";
import { HOUR_MS } from "../../src/units/duration";
import { newId } from "../../src/units/id";
import type { StripeStandIn } from "../stand-in/stripe/stand-in";
import { api, type Json } from "../support/api/api";
import { auditCopied } from "../support/api/audit-copied";
import { adminKey } from "../support/api/organizations";
import { claimingBuyer, drive, saveCardOnPage } from "../support/purchases/auto-top-up";
import {
  bought,
  buyAndPay,
  GOOD_CARD,
  newBuyer,
  postedMicros,
  purchaseOf,
} from "../support/purchases/buying";
import { sdkFor, standInStripe } from "../support/purchases/stripe";

const EUR = 1_000_000;

beforeEach(async () => {
  for (const table of ["purchases", "reversals", "ledger_entries", "stripe_events"])
    await env.DB.exec(`DELETE FROM ${table}`);
});

const name = () => findOrNameDeployment(openDatabase(env), newId("dep"), 0);

async function statusesOfEvents(): Promise<string[]> {
  const { results } = await env.DB.prepare("SELECT DISTINCT status FROM stripe_events ORDER BY status").all<{
    status: string;
  }>();
  return results.map(({ status }) => status);
}

/** What differs; of ledgers only `buyer`'s, since those of earlier tests may copy their entries late. */
async function differences(buyer?: { id: string }): Promise<Json[]> {
  const found = ((await reconcile(env, Date.now() + HOUR_MS))?.differences ?? []) as Json[];
  return found.filter(
    ({ kind, organization_id }) => kind !== "entry_unknown" || organization_id === buyer?.id,
  );
}

/** Another shop on the same account sells something, gives a part back, and is disputed. */
async function anotherShopSells(stripe: StripeStandIn, metadata: Record<string, string>): Promise<void> {
  const sdk = sdkFor(stripe);
  const shipping = { line1: "Damrak 1", postal_code: "1012 LG", city: "Amsterdam", country: "NL" };
  const customer = await sdk.customers.create({ name: "A customer of theirs", address: shipping, metadata });
  const pages = { success_url: "https://shop.example/ok", cancel_url: "https://shop.example" };
  const price_data = { currency: "eur", unit_amount: 1_000, product_data: { name: "A shirt" } };
  const session = await sdk.checkout.sessions.create({
    mode: "payment",
    customer: customer.id,
    metadata,
    payment_intent_data: { metadata },
    invoice_creation: { enabled: true, invoice_data: { metadata } },
    line_items: [{ quantity: 1, price_data: { ...price_data, tax_behavior: "exclusive" } }],
    automatic_tax: { enabled: true },
    ...pages,
  });
  stripe.controls.payCheckout(session.id, { card: "4000000000000002" });
  stripe.controls.payCheckout(session.id, { card: GOOD_CARD });
  const [paid] = stripe.controls.find("checkout.session", ({ id }) => id === session.id);
  const payment_intent = String(paid?.payment_intent);
  await sdk.refunds.create({ payment_intent, amount: 100, metadata });
  stripe.controls.closeDispute(stripe.controls.openDispute(payment_intent).id, "lost");
  const setup = await sdk.checkout.sessions.create({
    mode: "setup",
    currency: "eur",
    customer: customer.id,
    metadata,
    ...pages,
  });
  stripe.controls.payCheckout(setup.id, { card: GOOD_CARD });
}

test.each([
  ["an order number", { purchase_id: "order-42" }],
  ["an organization of theirs", { organization_id: "acme", purchase_id: "7" }],
  ["nothing", {}],
  [
    "another deployment's name and ids of our form",
    { deployment: newId("dep"), purchase_id: newId("pur"), organization_id: newId("org") },
  ],
])(
  "events of another shop whose objects carry %s are taken, counted and lead to nothing",
  async (_, mark) => {
    const stripe = standInStripe();
    const counted = vi.spyOn(env.METRICS, "writeDataPoint");
    await anotherShopSells(stripe, mark);
    await stripe.controls.webhooks.deliverAll();
    expect(stripe.controls.webhooks.held()).toEqual([]);
    expect(await statusesOfEvents()).toEqual(["ignored"]);
    expect(counted).toHaveBeenCalledWith(
      expect.objectContaining({ blobs: ["anothers", expect.any(String)] }),
    );
    expect(await differences()).toEqual([]);
  },
);

test("two isolates that name the deployment at once agree, and the name stays", async () => {
  const before = await name();
  await env.DB.exec("DELETE FROM deployment");
  const [one, other] = await Promise.all([name(), name()]);
  expect(one).toMatch(/^dep_/);
  expect(other).toBe(one);
  expect(await name()).toBe(one);
  await env.DB.prepare("UPDATE deployment SET name = ?").bind(before).run();
});

test("every object that we make at Stripe carries the deployment's name", async () => {
  const stripe = standInStripe();
  const buyer = await newBuyer();
  await saveCardOnPage(stripe, buyer);
  const { purchase_id } = await bought(stripe, buyer);
  const refunds = `/api/v1/admin/organizations/${buyer.id}/purchases/${purchase_id}/refunds`;
  const headers = { "Idempotency-Key": "one" };
  await api("POST", refunds, { key: await adminKey(), headers, body: { net_cents: 100, reason: "A part" } });
  const topped_up = await claimingBuyer(stripe);
  await drive(topped_up);
  await stripe.controls.webhooks.deliverAll();
  const { deployment } = stripe.controls.find("customer")[0]?.metadata ?? {};
  expect(deployment).toMatch(/^dep_/);
  const kinds = ["customer", "checkout.session", "setup_intent", "invoice", "refund", "credit_note"] as const;
  for (const kind of kinds) {
    const made = stripe.controls.find(kind);
    expect(made.length, kind).toBeGreaterThan(0);
    for (const { metadata } of made) expect(metadata?.deployment, kind).toBe(deployment);
  }
});

describe("ours by its name, but unknown here", () => {
  /** The purchase of 50 EUR is paid, and then our row of it is gone. */
  async function lost() {
    const stripe = standInStripe();
    vi.spyOn(console, "error").mockImplementation(() => {});
    const buyer = await newBuyer();
    const paid = await buyAndPay(stripe, buyer);
    await env.DB.prepare("DELETE FROM purchases WHERE id = ?").bind(paid.purchase_id).run();
    const key = await adminKey();
    const adopt = (object_id: string) =>
      api("POST", "/api/v1/admin/reconciliation/adopt", { key, body: { object_id, reason: "Restored" } });
    return { stripe, buyer, adopt, ...paid };
  }

  test("its events are taken, it is a difference each night, and adopting it credits it once", async () => {
    const { stripe, buyer, adopt, purchase_id, session_id } = await lost();
    await stripe.controls.webhooks.deliverAll();
    expect(stripe.controls.webhooks.held()).toEqual([]);
    expect(await statusesOfEvents()).not.toContain("failed");
    for (let night = 0; night < 2; night++)
      expect(await differences(buyer)).toEqual([
        expect.objectContaining({ kind: "paid_unknown", id: session_id, organization_id: buyer.id }),
      ]);
    for (let times = 0; times < 2; times++)
      expect(await adopt(session_id)).toMatchObject({
        status: 200,
        body: { object_id: session_id, purchase: { id: purchase_id, status: "credited", net_cents: 5_000 } },
      });
    expect(await postedMicros(buyer)).toBe(50 * EUR);
    expect(await purchaseOf(buyer, purchase_id)).toMatchObject({ tax_cents: 1_050, gross_cents: 6_050 });
    expect(await differences(buyer)).toEqual([]);
    await auditCopied();
    const { body } = await api("GET", `/api/v1/admin/organizations/${buyer.id}/audit`, {
      key: await adminKey(),
    });
    expect(JSON.stringify(body)).toContain("reconciliation.adopt");
  });

  test.each(["refund", "dispute"] as const)("its %s leads to it, too", async (kind) => {
    const { stripe, buyer, adopt, payment_intent_id } = await lost();
    const { id } =
      kind === "refund"
        ? stripe.controls.refund(payment_intent_id, { amount_cents: 1_210 })
        : stripe.controls.openDispute(payment_intent_id, { amount_cents: 1_210 });
    await stripe.controls.webhooks.deliverAll();
    expect(stripe.controls.webhooks.held()).toEqual([]);
    expect((await differences(buyer)).map((one) => one.kind).sort()).toEqual(
      ["paid_unknown", `${kind}_unknown`].sort(),
    );
    expect((await adopt(id)).status).toBe(200);
    expect(await postedMicros(buyer)).toBe(40 * EUR);
    expect(await differences(buyer)).toEqual([]);
  });

  test("an auto top-up is adopted by its invoice or its payment", async () => {
    const stripe = standInStripe();
    vi.spyOn(console, "error").mockImplementation(() => {});
    const buyer = await claimingBuyer(stripe);
    await drive(buyer);
    const before_micros = await postedMicros(buyer);
    await env.DB.exec("DELETE FROM purchases");
    const [invoice] = stripe.controls.find("invoice", ({ status }) => status === "paid");
    await stripe.controls.webhooks.deliverAll();
    const body = { object_id: invoice?.id, reason: "Restored" };
    const answer = await api("POST", "/api/v1/admin/reconciliation/adopt", { key: await adminKey(), body });
    expect(answer).toMatchObject({
      status: 200,
      body: { purchase: { kind: "auto_top_up", status: "credited" } },
    });
    // The ledger has its entry from before: the same key is the same credit.
    expect(await postedMicros(buyer)).toBe(before_micros);
    expect(await differences(buyer)).toEqual([]);
  });

  test("a card entered for an organization that is not known is a difference", async () => {
    const stripe = standInStripe();
    vi.spyOn(console, "error").mockImplementation(() => {});
    await anotherShopSells(stripe, { deployment: await name(), organization_id: newId("org") });
    await stripe.controls.webhooks.deliverAll();
    expect(stripe.controls.webhooks.held()).toEqual([]);
    const found = await differences();
    expect(found.map((one) => one.kind)).toContain("card_page_unknown");
    const [page] = found.filter((one) => one.kind === "card_page_unknown");
    const body = { object_id: page?.id, reason: "Why not" };
    const answer = await api("POST", "/api/v1/admin/reconciliation/adopt", { key: await adminKey(), body });
    expect(answer).toMatchObject({ status: 422, body: { error: { param: "object_id" } } });
  });

  test("what is another's, or nothing, cannot be adopted", async () => {
    const { stripe, adopt } = await lost();
    await anotherShopSells(stripe, { purchase_id: "order-42" });
    const theirs = stripe.controls.find(
      "checkout.session",
      ({ metadata }) => metadata?.purchase_id === "order-42",
    );
    expect((await adopt(theirs[0]?.id ?? "")).status).toBe(422);
    expect((await adopt("cs_test_nothing")).status).toBe(404);
    expect((await adopt("whatever")).status).toBe(400);
  });
});

test("a purchase from before there were names is ours by the form of its ids", async () => {
  const stripe = standInStripe();
  const buyer = await newBuyer();
  const { purchase_id, payment_intent_id } = await buyAndPay(stripe, buyer);
  for (const kind of ["checkout.session", "payment_intent", "invoice", "customer"] as const)
    for (const { metadata } of stripe.controls.find(kind)) delete metadata?.deployment;
  await env.DB.exec("UPDATE purchases SET deployment = NULL");
  await stripe.controls.webhooks.deliverAll();
  stripe.controls.refund(payment_intent_id, { amount_cents: 1_210 });
  await stripe.controls.webhooks.deliverAll();
  expect(await postedMicros(buyer)).toBe(40 * EUR);
  expect(await differences(buyer)).toEqual([]);
  expect(isOurs({ purchase_id }, "dep_1")).toBe(true);
  expect(isOurs({ purchase_id, deployment: "dep_2" }, "dep_1")).toBe(false);
  expect(isOurs({ purchase_id: "order-42", organization_id: buyer.id }, "dep_1")).toBe(false);
});
