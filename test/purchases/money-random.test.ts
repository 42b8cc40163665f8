import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, test } from "vitest";
import { reconcile } from "../../src/admin/reconcile";
import { sweepPurchases } from "../../src/purchases/sweep";
import { HOUR_MS } from "../../src/units/duration";
import type { FaultKind } from "../stand-in/stripe/core/faults";
import type { StripeStandIn } from "../stand-in/stripe/stand-in";
import { api } from "../support/api/api";
import { adminKey, type TestOrganization } from "../support/api/organizations";
import { failD1 } from "../support/failures/failing-d1";
import { failing, tooLate, troubleLedger, well } from "../support/failures/failing-ledger";
import { saveCardOnPage, turnOn } from "../support/purchases/auto-top-up";
import { buy, newBuyer } from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";

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
  { num: 36, build: () => "refund" as const },
  { num: 10, build: () => "fail_refund" as const },
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
  const charges = (which: (charge: { disputed: boolean; refunded: boolean }) => boolean) =>
    controls
      .find("charge", (charge) => charge.paid && which(charge))
      .map(({ payment_intent, ...charge }) => ({ id: String(payment_intent), charge }));
  // Most of what happens to money that went back happens to money of which something went back before.
  const overlapping = (from: ReturnType<typeof charges>, die: number) => {
    const touched = from.filter(({ charge }) => charge.disputed || charge.amount_refunded > 0);
    return pick(die % 2 === 0 && touched.length > 0 ? touched : from, die >> 1);
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
      const intent = overlapping(
        charges(({ disputed, refunded }) => !disputed && !refunded),
        a,
      );
      if (!intent) return;
      const left_cents = intent.charge.amount - intent.charge.amount_refunded;
      const amount_cents = b % 4 === 0 ? left_cents : 1 + (c % Math.min(left_cents, 300));
      controls.refund(intent.id, { amount_cents, status: d % 2 === 0 ? "pending" : "succeeded" });
      return;
    }
    case "fail_refund": {
      const refund = pick(
        controls.find("refund", ({ status }) => status !== "failed" && status !== "canceled"),
        a,
      );
      if (refund && b % 4 === 0) controls.cancelRefund(refund.id);
      else if (refund) controls.failRefund(refund.id);
      return;
    }
    case "dispute": {
      // Whatever else went back or is disputed: a bank asks nobody.
      const intent = overlapping(
        charges(() => true),
        a,
      );
      if (!intent) return;
      const { amount } = intent.charge;
      controls.openDispute(intent.id, { amount_cents: b % 2 === 0 ? amount : 1 + (c % amount) });
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
    .map(({ amount_subtotal, amount_total, payment_intent, metadata }) => ({
      purchase_id: metadata?.purchase_id ?? "",
      net: amount_subtotal ?? 0,
      gross: amount_total ?? 1,
      payment_intent,
    }));
  const top_ups = controls
    .find("invoice", ({ status, metadata }) => status === "paid" && metadata?.kind === "auto_top_up")
    .map(({ id, total, total_excluding_tax, metadata }) => ({
      purchase_id: metadata?.purchase_id ?? "",
      net: total_excluding_tax ?? total,
      gross: total,
      payment_intent: controls.find("invoice_payment", ({ invoice }) => invoice === id)[0]?.payment
        .payment_intent,
    }));
  return [...pages, ...top_ups];
}

/**
 * What Stripe says was paid and has gone back, for each payment: the credit that should be left of it, and how many parts
 * of it went back without a credit note that says their net, each of which may be rounded by a cent.
 */
function expected(stripe: StripeStandIn): { net_cents: number; rounded: number; ids: string[] }[] {
  const { controls } = stripe;
  const noted = new Map(
    controls
      .find("credit_note")
      .flatMap(({ refunds, total_excluding_tax }) =>
        refunds.map(({ refund }) => [refund, total_excluding_tax]),
      ),
  );
  const all = [...controls.find("refund"), ...controls.find("dispute")];
  return payments(stripe).map(({ net, gross, payment_intent, purchase_id }) => {
    const of_payment = all.filter((one) => one.payment_intent === payment_intent);
    const back = of_payment.filter(({ status }) => !["failed", "canceled", "won"].includes(status ?? ""));
    const back_cents = back.reduce((sum, { amount }) => sum + amount, 0);
    const taken_cents = back.reduce(
      (sum, { id, amount }) => sum + (noted.get(id) ?? (net * amount) / gross),
      0,
    );
    return {
      net_cents: back_cents >= gross ? 0 : net - Math.min(net, taken_cents),
      rounded: back_cents >= gross ? 0 : back.filter(({ id }) => !noted.has(id)).length,
      ids: [purchase_id, ...of_payment.map(({ id }) => id)],
    };
  });
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

  const posted_micros = new Map<string, number>();
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
        const of = entry.key.split(":")[1];
        posted_micros.set(of, (posted_micros.get(of) ?? 0) + entry.amount_micros);
        expect(keys.has(entry.key), entry.key).toBe(false);
        keys.add(entry.key);
      }
      if (next_cursor === null) break;
      cursor = `&cursor=${next_cursor}`;
    }
  }
  for (const { ids, net_cents, rounded } of expected(stripe)) {
    const left_micros = ids.reduce((sum, id) => sum + (posted_micros.get(id) ?? 0), 0);
    expect(Math.abs(left_micros / 10_000 - net_cents), `seed ${seed}: ${ids}`).toBeLessThanOrEqual(rounded);
    expect(left_micros, `seed ${seed}: ${ids}`).toBeGreaterThanOrEqual(0);
  }
}, 600_000);
