import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { dialer } from "../stand-in/dialer";
import { receiver } from "../stand-in/receiver";
import { api, type Json } from "../support/api/api";
import {
  adjust,
  adminKey,
  ask,
  authorize,
  newOrganization,
  node,
  type TestOrganization,
} from "../support/api/organizations";
import { claimingBuyer, drive } from "../support/purchases/auto-top-up";
import { bought, newBuyer } from "../support/purchases/buying";
import { standInStripeForFile } from "../support/purchases/stripe";

const CUSTOMER = "https://hooks.customer-a.com/ringfence";
const OPERATOR = "https://alarms.operator.com/ringfence";
const REFUSES_OFF_SESSION = "4000002760003184";

const stripe = standInStripeForFile();

const standing: ReturnType<typeof receiver>[] = [];
const stand = (url: string) => {
  const one = receiver(url);
  standing.push(one);
  return one;
};
afterEach(() => {
  vi.useRealTimers();
  for (const one of standing.splice(0).reverse()) one.hangUp();
});

async function listen(organization: TestOrganization, events: string[]): Promise<void> {
  await ask(organization, "POST", "/webhook_endpoints", { body: { url: CUSTOMER, events } });
}

async function listenAsOperator(): Promise<void> {
  const key = await adminKey();
  const made = await api("POST", "/api/v1/admin/webhook_endpoints", { key, body: { url: OPERATOR } });
  expect(made.status).toBe(201);
}

it("a purchase tells of its credit and of its invoice, each once", async () => {
  const buyer = await newBuyer();
  await listen(buyer, ["credits.added", "invoice.created"]);
  const there = stand(CUSTOMER);
  const { purchase_id } = await bought(stripe, buyer);
  const [credit] = await there.waitFor("credits.added");
  expect(credit?.event.data).toMatchObject({ kind: "purchase", purchase_id, amount_micros: 50_000_000 });
  const [invoice] = await there.waitFor("invoice.created");
  expect(invoice?.event.data).toMatchObject({
    purchase_id,
    net_cents: 5_000,
    tax_cents: 1_050,
    gross_cents: 6_050,
  });
  await stripe.controls.webhooks.deliverAll();
  await ask(buyer, "GET", `/purchases/${purchase_id}`);
  expect(there.received).toHaveLength(2);
});

it("a top-up that its bank wants confirmed tells where, before anybody looks", async () => {
  const buyer = await claimingBuyer(stripe, { card: REFUSES_OFF_SESSION });
  await listen(buyer, ["auto_top_up.action_required"]);
  const there = stand(CUSTOMER);
  await drive(buyer);
  const [{ event }] = (await there.waitFor("auto_top_up.action_required")) as [Json];
  expect(event.data).toMatchObject({ purchase_id: buyer.claim.purchase_id, net_cents: 5_000 });
  expect(event.data.pay_url).toMatch(/^https:/);
});

it("operators hear of a call that ran past its quota, and of one whose node fell silent", async () => {
  const organization = await newOrganization(24_000);
  await listenAsOperator();
  const there = stand(OPERATOR);
  await authorize(organization, "over");
  await node(organization, "over/settle", { duration_ms: 40_000, end_reason: "hangup" });
  const [overrun] = await there.waitFor("ops.call_overrun");
  expect(overrun?.event).toMatchObject({
    type: "ops.call_overrun",
    data: { organization_id: organization.id, call_id: "over" },
  });
  expect(overrun?.event.data.overrun_micros).toBeGreaterThan(0);
  await adjust(organization, 1_000_000);
  await authorize(organization, "silent");
  await node(organization, "silent/answered");
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
  // The first alarm after an absence puts expiry off once.
  const ledger = env.LEDGER.getByName(organization.id);
  await runDurableObjectAlarm(ledger);
  vi.setSystemTime(Date.now() + 3_600_000);
  await runDurableObjectAlarm(ledger);
  vi.useRealTimers();
  const [lost] = await there.waitFor("ops.call_lost");
  expect(lost?.event.data).toMatchObject({ organization_id: organization.id, call_id: "silent" });
});

it("a customer hears of a call that was dialing when its credit did not do for what the node said that it costs", async () => {
  const organization = await newOrganization(100_000);
  await listen(organization, ["call.rejected"]);
  const there = stand(CUSTOMER);
  const dialing = dialer();
  const body = { destination: "+31207654321", from: "anonymous" };
  const placed = await ask(organization, "POST", "/calls/outbound", { body });
  dialing.hangUp();
  const { call_id } = placed.body;
  const dear = { from: "anonymous", expected_provider_micros_per_minute: 90_000_000 };
  expect((await authorize(organization, call_id, dear)).status).toBe(402);
  const [rejected] = await there.waitFor("call.rejected");
  expect(rejected?.event.data).toMatchObject({ call_id, reason: "insufficient_credits" });
});
