import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, test } from "vitest";
import { reconcile } from "../../src/billing/reconcile";
import { sweepPurchases } from "../../src/billing/sweep";
import { HOUR_MS } from "../../src/units/duration";
import { api } from "../support/api";
import { buy, newBuyer } from "../support/buying";
import { failD1 } from "../support/failing-d1";
import { failing, tooLate, troubleLedger, well } from "../support/failing-ledger";
import { adminKey, type TestOrganization } from "../support/organizations";
import { standInStripe } from "../support/stripe";
import { saveCardOnPage, turnOn } from "../support/topping-up";
import type { FaultKind } from "../stripe/faults";
import type { StripeStandIn } from "../stripe/stand-in";

const STEPS = 3_800;
const BUYERS = 12;
const CARDS = ["4242424242424242", "5555555555554444", "4000002760003184", "4000000000000002"];
const FAULTS: FaultKind[] = ["500", "500_after", "lost", "lost_after"];

/** The events that an endpoint of ours has Stripe send. */
const SUBSCRIBED =
  /^(checkout\.session\.|invoice\.(paid|voided)$|payment_intent\.payment_failed$|refund\.|charge\.dispute\.|credit_note\.)/;

/** What is done in one step, in proportion to how often. */
const STEP_KINDS = fc.mapToConstant(
  { num: 12, build: () => "buy" as const },
  { num: 14, build: () => "pay" as const },
  { num: 40, build: () => "refund" as const },
  { num: 5, build: () => "fail_refund" as const },
  { num: 14, build: () => "dispute" as const },
  { num: 8, build: () => "close_dispute" as const },
  { num: 4, build: () => "deliver" as const },
  { num: 1, build: () => "drop" as const },
  { num: 1, build: () => "sweep" as const },
  { num: 1, build: () => "fault" as const },
);

interface Step {
  kind:
    | "buy"
    | "pay"
    | "refund"
    | "fail_refund"
    | "dispute"
    | "close_dispute"
    | "deliver"
    | "drop"
    | "sweep"
    | "fault";
  /** Decides everything else: which one, how much, what goes wrong. */
  dice: number[];
}

const STEP: fc.Arbitrary<Step> = fc.record({
  kind: STEP_KINDS,
  dice: fc.array(fc.nat({ max: 9_999 }), { minLength: 4, maxLength: 4 }),
});

function pick<T>(from: readonly T[], die: number | undefined): T | undefined {
  return from[(die ?? 0) % from.length];
}

/** Lets the Worker meet trouble for a while: D1 or a ledger away, a commit whose answer is lost. */
async function troubled(
  buyers: TestOrganization[],
  dice: number[],
  work: () => Promise<unknown>,
): Promise<void> {
  const [kind = 0, who = 0] = dice;
  const buyer = pick(buyers, who);
  if (kind % 10 === 0) {
    const mend = failD1();
    await work().finally(mend);
  } else if (kind % 10 === 1 && buyer) {
    const lost = tooLate(failing("Internal error (made by the test)"));
    const { mend } = troubleLedger(buyer.id, lost, failing("Internal error (made by the test)"), well);
    await work().finally(mend);
  } else await work();
}

async function play(stripe: StripeStandIn, buyers: TestOrganization[], { kind, dice }: Step): Promise<void> {
  const { controls } = stripe;
  const [a = 0, b = 0, c = 0, d = 0] = dice;
  const refundable = () => {
    const charges = controls.find("charge", ({ paid, disputed, refunded }) => paid && !disputed && !refunded);
    return charges.map(({ payment_intent, ...charge }) => ({ id: String(payment_intent), charge }));
  };
  switch (kind) {
    case "buy": {
      const buyer = pick(buyers, a);
      if (!buyer) return;
      const ask = () => buy(buyer, { net_cents: 1_000 + b }, { idempotency_key: `random-${a}-${b}-${c}` });
      await troubled(buyers, [d, a], ask);
      if (d % 3 === 0) await ask();
      return;
    }
    case "pay": {
      const session = pick(
        controls.find("checkout.session", ({ status }) => status === "open"),
        a,
      );
      if (session)
        controls.payCheckout(session.id, { card: pick(CARDS, b) ?? "", authenticate: c % 4 !== 0 });
      return;
    }
    case "refund": {
      const intent = pick(refundable(), a);
      if (!intent) return;
      const left_cents = intent.charge.amount - intent.charge.amount_refunded;
      const amount_cents = b % 12 === 0 ? left_cents : 1 + (c % Math.min(left_cents, 300));
      controls.refund(intent.id, { amount_cents, status: d % 4 === 0 ? "pending" : "succeeded" });
      return;
    }
    case "fail_refund": {
      const refund = pick(
        controls.find("refund", ({ status }) => status !== "failed"),
        a,
      );
      if (refund) controls.failRefund(refund.id);
      return;
    }
    case "dispute": {
      const intent = pick(refundable(), a);
      if (!intent) return;
      const left_cents = intent.charge.amount - intent.charge.amount_refunded;
      controls.openDispute(intent.id, { amount_cents: b % 2 === 0 ? left_cents : 1 + (c % left_cents) });
      return;
    }
    case "close_dispute": {
      const dispute = pick(
        controls.find("dispute", ({ status }) => status === "needs_response"),
        a,
      );
      if (dispute) controls.closeDispute(dispute.id, b % 2 === 0 ? "won" : "lost");
      return;
    }
    case "deliver":
      controls.webhooks.drop(({ type }) => !SUBSCRIBED.test(type));
      return troubled(buyers, [b, c], () =>
        controls.webhooks.deliver({
          order: a % 2 === 0 ? "created" : "reversed",
          times: 1 + (b % 3 === 0 ? 1 : 0),
          only: ({ id }) => (id.charCodeAt(id.length - 1) + c) % 3 !== 0,
        }),
      );
    case "drop":
      return controls.webhooks.drop(({ id }) => id.charCodeAt(id.length - 1) % 5 === a % 5);
    case "sweep":
      await env.DB.prepare("UPDATE purchases SET checked_at_ms = checked_at_ms - 600000").run();
      // A run of the cron that D1 breaks off is no more than that.
      return troubled(buyers, [a, b], () => sweepPurchases(env).catch(() => undefined));
    case "fault":
      return controls.failNext({ kind: pick(FAULTS, a) ?? "500", times: 1 + (b % 3) });
  }
}

/** What was paid on pages and by auto top-up. */
function payments({ controls }: Pick<StripeStandIn, "controls">) {
  const pages = controls
    .find("checkout.session", ({ payment_status }) => payment_status === "paid")
    .map(({ amount_subtotal, amount_total, payment_intent }) => ({
      net: amount_subtotal ?? 0,
      gross: amount_total ?? 1,
      payment_intent,
    }));
  const top_ups = controls
    .find("invoice", ({ status, metadata }) => status === "paid" && metadata?.kind === "auto_top_up")
    .map(({ id, total, total_excluding_tax }) => ({
      net: total_excluding_tax ?? total,
      gross: total,
      payment_intent: controls.find("invoice_payment", ({ invoice }) => invoice === id)[0]?.payment
        .payment_intent,
    }));
  return [...pages, ...top_ups];
}

/**
 * What Stripe says was paid and has gone back, net: the sum that the ledgers should have, and how many parts of payments
 * went back without a credit note that says their net, each of which may be rounded by a cent.
 */
function expected({ controls }: StripeStandIn): { net_cents: number; rounded: number } {
  const noted = new Map(
    controls
      .find("credit_note")
      .flatMap(({ refunds, total_excluding_tax }) =>
        refunds.map(({ refund }) => [refund, total_excluding_tax]),
      ),
  );
  let net_cents = 0;
  let rounded = 0;
  for (const { net, gross, payment_intent } of payments({ controls })) {
    const is_of = (one: { payment_intent: unknown }) => one.payment_intent === payment_intent;
    const refunds = controls.find("refund", (refund) => is_of(refund) && refund.status !== "failed");
    const disputes = controls.find("dispute", (dispute) => is_of(dispute) && dispute.status !== "won");
    const back_cents = [...refunds, ...disputes].reduce((sum, { amount }) => sum + amount, 0);
    const proportion = (amount: number) => (net * amount) / gross;
    const by_notes = refunds.reduce((sum, { id, amount }) => sum + (noted.get(id) ?? proportion(amount)), 0);
    const by_disputes = disputes.reduce((sum, { amount }) => sum + proportion(amount), 0);
    rounded += disputes.length + refunds.filter(({ id }) => !noted.has(id)).length;
    net_cents += back_cents === gross ? 0 : net - by_notes - by_disputes;
  }
  return { net_cents, rounded };
}

test("after thousands of purchases, refunds, disputes and faults the credit is the money that was received", async () => {
  const stripe = standInStripe();
  const buyers: TestOrganization[] = [];
  for (let made = 0; made < BUYERS; made++) {
    const buyer = await newBuyer();
    buyers.push(buyer);
    if (made % 2 === 0) continue;
    await saveCardOnPage(stripe, buyer);
    await turnOn(buyer, { max_per_day: 10, monthly_cap_cents: 1_000_000 });
  }
  const seed = Date.now() % 1_000_000;
  const steps = fc.sample(STEP, { numRuns: STEPS, seed });
  console.log(JSON.stringify({ event: "random_money", seed, steps: steps.length }));
  for (const step of steps) await play(stripe, buyers, step);

  stripe.controls.clearFaults();
  for (let round = 0; round < 4; round++) {
    stripe.controls.webhooks.drop(({ type }) => !SUBSCRIBED.test(type));
    await stripe.controls.webhooks.deliver();
    await env.DB.prepare("UPDATE purchases SET checked_at_ms = 0").run();
    for (let portion = 0; portion < STEPS / 50; portion++) {
      const { left } = (await env.DB.prepare(
        "SELECT count(*) AS left FROM purchases WHERE checked_at_ms = 0 AND status IN ('created', 'open', 'paid')",
      ).first<{ left: number }>()) ?? { left: 0 };
      if (left === 0) break;
      await sweepPurchases(env);
    }
  }
  // The first comparison does what events that were dropped would have done; the second finds nothing left.
  await reconcile(env, Date.now() + HOUR_MS);
  const report = await reconcile(env, Date.now() + HOUR_MS);
  expect(report?.differences, `seed ${seed}`).toEqual([]);
  const { controls } = stripe;
  const done = {
    purchases: report?.counts.purchases ?? 0,
    refunds: controls.find("refund").length,
    disputes: controls.find("dispute").length,
  };
  console.log(JSON.stringify({ event: "random_money_done", ...done }));
  expect(report?.counts.paid).toBe(payments(stripe).length);
  expect(done.purchases + done.refunds + done.disputes, `seed ${seed}`).toBeGreaterThanOrEqual(2_000);

  let posted_micros = 0;
  const keys = new Set<string>();
  for (const { id } of buyers) {
    const key = await adminKey();
    expect((await api("GET", `/api/v1/admin/organizations/${id}/verify`, { key })).body).toMatchObject({
      ok: true,
    });
    for (let cursor = ""; ; ) {
      const path = `/api/v1/admin/organizations/${id}/ledger?limit=500${cursor}`;
      const { entries, next_cursor } = (await api("GET", path, { key })).body;
      for (const entry of entries) {
        posted_micros += entry.amount_micros;
        expect(keys.has(entry.key), entry.key).toBe(false);
        keys.add(entry.key);
      }
      if (next_cursor === null) break;
      cursor = `&cursor=${next_cursor}`;
    }
  }
  const { net_cents, rounded } = expected(stripe);
  expect(Math.abs(posted_micros / 10_000 - net_cents), `seed ${seed}`).toBeLessThanOrEqual(rounded);
}, 600_000);
