import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { checkAudit } from "../../src/admin/audit-check";
import { sealAudit } from "../../src/admin/audit-seals";
import { warnOfEndingKeys } from "../../src/admin/key-ends";
import { checkLedgers } from "../../src/admin/nightly-checks";
import { reconcile } from "../../src/admin/reconcile";
import { recheckVatIds } from "../../src/customers/vat-id-recheck";
import { fulfilPurchase } from "../../src/purchases/fulfil";
import { checkByChecksum, offlineChecker } from "../../src/tax/vat-id-offline";
import { seen_types } from "../stand-in/receiver";
import { api, theContract } from "../support/api/api";
import { adjust, adminKey, ask, authorize, call, newOrganization, node } from "../support/api/organizations";
import { spoilChanges } from "../support/ledger/spoil";
import { claimingBuyer, drive } from "../support/purchases/auto-top-up";
import {
  AMSTERDAM,
  bought,
  buy,
  buyAndPay,
  GOOD_CARD,
  newBuyer,
  sessionOf,
} from "../support/purchases/buying";
import { standInStripeForFile } from "../support/purchases/stripe";
import { newEndpoint, receiversForFile, URL_OF_A } from "../support/webhook-endpoints";

// Each event is provoked by what causes it, and its body is held to the OpenAPI document by the receiver.
const OPERATOR = "https://alarms.operator.com/ringfence";
const FAILS_WHEN_CHARGED = "4000000000000341";
const REFUSES_OFF_SESSION = "4000002760003184";
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const stripe = standInStripeForFile();
const stand = receiversForFile();
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

beforeAll(async () => {
  const key = await adminKey();
  const made = await api("POST", "/api/v1/admin/webhook_endpoints", { key, body: { url: OPERATOR } });
  expect(made.status).toBe(201);
});

it("a call that is refused, one that ends, one that runs over and one that falls silent", async () => {
  const organization = await newOrganization(24_000);
  await newEndpoint(organization);
  const [there, operator] = [stand(URL_OF_A), stand(OPERATOR)];
  await call(organization, "settled", 1_000);
  await there.waitFor("call.settled");
  await there.waitFor("call.final_unit");
  await authorize(organization, "over");
  await node(organization, "over/settle", { duration_ms: 40_000, end_reason: "hangup" });
  await there.waitFor("call.settled", 2);
  await operator.waitFor("ops.call_overrun");
  await authorize(organization, "refused");
  await there.waitFor("call.rejected");
  await adjust(organization, 1_000_000);
  await there.waitFor("credits.added");
  await authorize(organization, "skewed");
  await node(organization, "skewed/answered", { answered_at: new Date(Date.now() - HOUR_MS).toISOString() });
  await operator.waitFor("ops.clock_skew");
  await node(organization, "skewed/settle", { duration_ms: 0, end_reason: "hangup" });
  await authorize(organization, "silent");
  await node(organization, "silent/answered");
  const ledger = env.LEDGER.getByName(organization.id);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + HOUR_MS });
  await runDurableObjectAlarm(ledger);
  vi.setSystemTime(Date.now() + HOUR_MS);
  await runDurableObjectAlarm(ledger);
  await there.waitFor("call.lost");
  await operator.waitFor("ops.call_lost");
});

it("credit that is low, used up and below zero", async () => {
  const organization = await newOrganization(10_000_000);
  await newEndpoint(organization);
  const there = stand(URL_OF_A);
  await adjust(organization, -9_000_000);
  await there.waitFor("balance.low");
  await adjust(organization, -2_000_000);
  await there.waitFor("balance.exhausted");
  await there.waitFor("balance.negative");
});

it("a call that is parked", async () => {
  const organization = await newOrganization(100_000_000);
  const operator = stand(OPERATOR);
  const ended_at = new Date(Date.now() - 60_000).toISOString();
  const report = (n: number) => ({
    op: "settle",
    call_id: `late-${n}`,
    organization_id: organization.id,
    duration_ms: 1_000,
    end_reason: "hangup",
    direction: "outbound",
    from: "+31201234567",
    to: "+31207654321",
    ended_at,
  });
  const reports = Array.from({ length: 1_001 }, (_, n) => report(n));
  while (reports.length > 0)
    await api("POST", "/api/v1/edge/operations", {
      key: organization.edge_key,
      body: { operations: reports.splice(0, 500) },
    });
  await operator.waitFor("ops.call_parked");
});

it("a purchase with its invoice, a top-up that fails, one that has to be confirmed, and one turned off", async () => {
  const buyer = await newBuyer();
  await newEndpoint(buyer);
  const there = stand(URL_OF_A);
  await bought(stripe, buyer);
  await there.waitFor("invoice.created");
  const declined = await claimingBuyer(stripe, { card: FAILS_WHEN_CHARGED });
  await newEndpoint(declined, { url: URL_OF_A, events: ["auto_top_up.failed"] });
  await drive(declined);
  await drive(declined);
  await there.waitFor("auto_top_up.failed");
  const refused = await claimingBuyer(stripe, { card: REFUSES_OFF_SESSION });
  await newEndpoint(refused, { url: URL_OF_A, events: ["auto_top_up.action_required"] });
  await drive(refused);
  await there.waitFor("auto_top_up.action_required");
  await newEndpoint(refused, { url: URL_OF_A, events: ["auto_top_up.paused"] });
  await ask(refused, "PUT", "/auto_top_up", { body: { enabled: false } });
  await there.waitFor("auto_top_up.paused");
});

it("money that came otherwise than asked, a balance at Stripe, other VAT than was decided, and books that differ", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const buyer = await newBuyer();
  const operator = stand(OPERATOR);
  const other = await buyAndPay(stripe, buyer);
  Object.assign(sessionOf(stripe, other.purchase_id), { currency: "usd" });
  await fulfilPurchase(env, other.purchase_id);
  await operator.waitFor("ops.purchase_mismatch");
  const indebted = await claimingBuyer(stripe);
  for (const customer of stripe.controls.find("customer")) customer.balance = 1_000;
  await drive(indebted);
  await operator.waitFor("ops.customer_balance");
  const { body: purchase } = await buy(buyer);
  await env.DB.prepare("UPDATE purchases SET tax_decision = json_set(tax_decision, '$.tax_cents', 0)").run();
  stripe.controls.payCheckout(sessionOf(stripe, purchase.id).id, { card: GOOD_CARD });
  await stripe.controls.webhooks.deliverAll();
  await operator.waitFor("ops.tax_mismatch");
  await reconcile(env, Date.now() + HOUR_MS);
  await operator.waitFor("ops.reconciliation_difference");
  const lost = await buyAndPay(stripe, buyer);
  await env.DB.prepare("DELETE FROM purchases WHERE id = ?").bind(lost.purchase_id).run();
  await stripe.controls.webhooks.deliverAll();
  await operator.waitFor("ops.stripe_object_unknown");
});

it("VAT that could go back", async () => {
  const operator = stand(OPERATOR);
  const address = { line1: "Torstr. 1", postal_code: "10115", city: "Berlin", country: "DE" };
  const buyer = await newBuyer({ ...AMSTERDAM, address, vat_id: "DE222222222" });
  await bought(stripe, buyer);
  vi.spyOn(offlineChecker, "check").mockImplementation(async () => ({
    ...checkByChecksum("DE136695976"),
    state: "valid",
  }));
  await env.DB.prepare("UPDATE billing_profiles SET vat_id_check_at_ms = 0").run();
  await recheckVatIds(env);
  await operator.waitFor("ops.tax_refundable");
});

it("a decision that would break its ledger", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const organization = await newOrganization(1_000_000);
  spoilChanges("spoiled", ({ hold }) => hold && { hold: { ...hold, held_micros: 10_000_000 } });
  await authorize(organization, "spoiled");
  const [told] = await stand(OPERATOR).waitFor("ops.invariant_violated");
  expect(told?.event.data).toMatchObject({ call_id: "spoiled", invariant: "grant_covered" });
});

it("a ledger that does not add up", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const { id } = await newOrganization(1_000_000);
  await env.LEDGER.getByName(id).post({
    key: "adjustment:x",
    kind: "adjustment",
    amount_micros: 1,
    reason: "x",
  });
  await runInDurableObject(env.LEDGER.getByName(id), (_, { storage }) => {
    storage.sql.exec("UPDATE entry SET amount_micros = 2 WHERE seq = 2");
  });
  expect(
    (await api("GET", `/api/v1/admin/organizations/${id}/verify`, { key: await adminKey() })).body.ok,
  ).toBe(false);
  const [told] = await stand(OPERATOR).waitFor("ops.ledger_difference");
  expect(told?.event.data).toMatchObject({ organization_id: id });
});

it("the heads that ledgers have left in a night", async () => {
  const { id } = await newOrganization(1_000_000);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 24 * HOUR_MS });
  await checkLedgers(env);
  const told = await stand(OPERATOR).waitFor("ops.ledger_heads");
  const heads = told.flatMap(({ event }) => (event.data as { heads: { organization_id: string }[] }).heads);
  expect(heads.find(({ organization_id }) => organization_id === id)).toMatchObject({ epoch: 1, seq: 1 });
});

it("a row of the audit that is not as it was sealed", async () => {
  await newOrganization();
  await sealAudit(env);
  await env.DB.prepare("UPDATE audit SET at_ms = 1").run();
  await checkAudit(env, Date.now() + 2 * DAY_MS);
  const [told] = await stand(OPERATOR).waitFor("ops.audit_difference");
  expect(told?.event.data).toEqual({
    first_difference: expect.stringMatching(/^row aud_\w+: it was changed/),
  });
});

it("an endpoint that is gone, and a test", async () => {
  const organization = await newOrganization();
  const { id } = await newEndpoint(organization);
  const operator = stand(OPERATOR);
  const there = stand(URL_OF_A, () => new Response(null, { status: 410 }));
  await ask(organization, "POST", `/webhook_endpoints/${id}/test`);
  await there.waitFor("webhook.test");
  const [disabled] = await operator.waitFor("ops.endpoint_disabled");
  expect(disabled?.event.data).toEqual({
    organization_id: organization.id,
    endpoint_id: id,
    reason: "gone",
  });
});

it("an operator's key that ends tomorrow", async () => {
  const key = await adminKey();
  const expires_at = new Date(Date.now() + 2 * DAY_MS).toISOString();
  const { body: ending } = await api("POST", "/api/v1/admin/keys", {
    key,
    body: { kind: "admin", expires_at },
  });
  await warnOfEndingKeys(env, Date.now() + DAY_MS);
  const [told] = await stand(OPERATOR).waitFor("ops.admin_key_ending");
  expect(told?.event.data).toEqual({ key_id: ending.id, label: ending.label, expires_at, days: 1 });
});

it("and there is no other event in the document", async () => {
  expect([...seen_types].sort()).toEqual((await theContract()).eventTypes.sort());
});
