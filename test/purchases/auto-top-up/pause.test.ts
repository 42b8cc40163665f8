import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { reverseDispute } from "../../../src/purchases/refunds/reversals";
import { api } from "../../support/api/api";
import { adjust, adminKey, ask, type TestOrganization } from "../../support/api/organizations";
import { stopClock } from "../../support/clock";
import { factsOf } from "../../support/dashboard/html";
import { visitor } from "../../support/dashboard/visitor";
import { watchDriver } from "../../support/ledger/auto-top-up";
import {
  chargedCents,
  claimingBuyer,
  drive,
  invoicesOf,
  saveCardOnPage,
  standingClaim,
  topUpView,
  turnOn,
  useCredit,
} from "../../support/purchases/auto-top-up";
import { bought, newBuyer, postedMicros } from "../../support/purchases/buying";
import { standInStripe } from "../../support/purchases/stripe";

const EUR = 1_000_000;

beforeEach(() => {
  stopClock();
  watchDriver();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

async function refundAll({ id }: TestOrganization, purchase_id: string): Promise<void> {
  const made = await api("POST", `/api/v1/admin/organizations/${id}/purchases/${purchase_id}/refunds`, {
    key: await adminKey(),
    headers: { "Idempotency-Key": `refund-${purchase_id}` },
    body: { reason: "Not wanted" },
  });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
}

/** What a ledger knows of money now: what `setBack` sets it back to. */
function ledgerAsItIs({ id }: TestOrganization) {
  return runInDurableObject(env.LEDGER.getByName(id), (_, { storage: { sql } }) => ({
    seq: sql.exec("SELECT max(seq) AS seq FROM entry").one().seq ?? null,
    keys: JSON.stringify(
      sql
        .exec("SELECT key FROM money_key")
        .toArray()
        .map(({ key }) => key),
    ),
    facts: sql.exec("SELECT facts FROM auto_top_up").one().facts ?? null,
  }));
}

/** As a restore from a point in time does. */
async function setBack(
  { id }: TestOrganization,
  { seq, keys, facts }: Awaited<ReturnType<typeof ledgerAsItIs>>,
): Promise<void> {
  const stub = env.LEDGER.getByName(id);
  await runInDurableObject(stub, (_, { storage: { sql } }) => {
    sql.exec("DELETE FROM entry WHERE seq > ?", seq);
    sql.exec("DELETE FROM money_key WHERE key NOT IN (SELECT value FROM json_each(?))", keys);
    sql.exec("DELETE FROM reversed");
    sql.exec("UPDATE auto_top_up SET facts = ?", facts);
    sql.exec("UPDATE projection SET entry_seq = min(entry_seq, ?)", seq);
    sql.exec("UPDATE told SET entry_seq = min(entry_seq, ?)", seq);
  });
  await evictDurableObject(stub);
}

/** A customer with a purchase of their own, and auto top-up on. */
async function buyerWithPurchase() {
  const stripe = standInStripe();
  const buyer = await newBuyer();
  const purchase = await bought(stripe, buyer);
  await saveCardOnPage(stripe, buyer);
  await turnOn(buyer);
  return { stripe, buyer, ...purchase };
}

test("money that an operator gives back is not charged again, and the customer is shown why", async () => {
  const stripe = standInStripe();
  const buyer = await claimingBuyer(stripe);
  await drive(buyer);
  await refundAll(buyer, buyer.claim.purchase_id);
  await stripe.controls.webhooks.deliverAll();
  expect(chargedCents(stripe)).toEqual([6_050]);
  expect((await ask(buyer, "GET", "/auto_top_up")).body).toMatchObject({
    enabled: true,
    status: "paused",
    paused_because: "refund",
    purchase_id: null,
  });
  const shown = await Promise.all(
    (["en", "nl", "de"] as const).map(async (language) => {
      const page = await (await visitor(buyer, "owner", language)).page("/billing/auto-top-up");
      return Object.values(factsOf(page)).join(" ");
    }),
  );
  expect(shown).toEqual([
    expect.stringContaining("Paused because of a refund"),
    expect.stringContaining("Gepauzeerd vanwege een terugbetaling"),
    expect.stringContaining("Pausiert wegen einer Rückerstattung"),
  ]);
  await turnOn(buyer);
  expect((await topUpView(buyer)).claim).not.toBeNull();
});

test("an adjustment of an operator's that takes all credit charges nothing", async () => {
  const { stripe, buyer } = await buyerWithPurchase();
  await adjust(buyer, -50 * EUR);
  expect(await topUpView(buyer)).toMatchObject({ claim: null, obstacle: "adjustment" });
  expect(chargedCents(stripe)).toEqual([6_050]);
});

describe("a dispute of a purchase that a person made", () => {
  test("pauses auto top-up, also when it is won", async () => {
    const { stripe, buyer, payment_intent_id } = await buyerWithPurchase();
    const dispute = stripe.controls.openDispute(payment_intent_id);
    await stripe.controls.webhooks.deliverAll();
    expect(await topUpView(buyer)).toMatchObject({ claim: null, obstacle: "dispute" });
    stripe.controls.closeDispute(dispute.id, "won");
    await stripe.controls.webhooks.deliverAll();
    expect(await topUpView(buyer)).toMatchObject({ claim: null, obstacle: "dispute" });
  });

  test("pauses it as an inquiry that takes nothing, and no look at it undoes what a person has set since", async () => {
    const { stripe, buyer, payment_intent_id } = await buyerWithPurchase();
    const inquiry = stripe.controls.openDispute(payment_intent_id, { inquiry: true });
    await stripe.controls.webhooks.deliverAll();
    expect(await topUpView(buyer)).toMatchObject({ claim: null, obstacle: "dispute" });
    await turnOn(buyer);
    await reverseDispute(env, inquiry.id);
    expect(await topUpView(buyer)).toMatchObject({ claim: null, obstacle: null });
  });
});

describe("what is claimed and not charged yet when", () => {
  type Bought = Awaited<ReturnType<typeof buyerWithPurchase>>;
  const stops: Record<string, (bought: Bought) => Promise<unknown>> = {
    "its purchase before is refunded": ({ buyer, purchase_id }) => refundAll(buyer, purchase_id),
    "its purchase before is disputed": ({ stripe, payment_intent_id }) => {
      stripe.controls.openDispute(payment_intent_id);
      return stripe.controls.webhooks.deliverAll();
    },
    "it is turned off": ({ buyer }) => ask(buyer, "PUT", "/auto_top_up", { body: { enabled: false } }),
    "the card is removed": ({ buyer }) => ask(buyer, "DELETE", "/payment_method"),
  };

  test.each(Object.entries(stops))(
    "%s is not charged, and leaves nothing that can be paid",
    async (_, stop) => {
      const bought = await buyerWithPurchase();
      const { stripe, buyer } = bought;
      await useCredit(buyer, 49 * EUR);
      const claim = await standingClaim(buyer);
      const path = /\/pay$/;
      stripe.controls.failNext({ method: "POST", path, kind: "lost", times: 10 });
      await drive({ ...buyer, claim });
      await stop(bought);
      stripe.controls.clearFaults();
      await drive({ ...buyer, claim });
      expect(chargedCents(stripe)).toEqual([6_050]);
      expect(invoicesOf(stripe, claim)).toMatchObject([{ status: "void" }]);
      expect(await topUpView(buyer)).toMatchObject({
        ...{ claim: null, used_this_month_cents: 0 },
        last_failure: { code: "auto_top_up_stopped" },
      });
    },
  );

  test("it is paused and turned on again is charged", async () => {
    const bought = await buyerWithPurchase();
    const { stripe, buyer, purchase_id } = bought;
    await useCredit(buyer, 49 * EUR);
    const claim = await standingClaim(buyer);
    await refundAll(buyer, purchase_id);
    await turnOn(buyer);
    await drive({ ...buyer, claim });
    expect(chargedCents(stripe)).toEqual([6_050, 6_050]);
  });
});

test("a ledger that was set back to a claim that has ended is told of it again, with what went back since", async () => {
  const { stripe, buyer } = await buyerWithPurchase();
  await useCredit(buyer, 49 * EUR);
  const claim = await standingClaim(buyer);
  const before = await ledgerAsItIs(buyer);
  await drive({ ...buyer, claim });
  await refundAll(buyer, claim.purchase_id);
  const remaining_micros = await postedMicros(buyer);
  await setBack(buyer, before);
  await drive({ ...buyer, claim });
  expect((await topUpView(buyer)).claim).toBeNull();
  expect(await postedMicros(buyer)).toBe(remaining_micros);
  expect(chargedCents(stripe)).toEqual([6_050, 6_050]);
});
