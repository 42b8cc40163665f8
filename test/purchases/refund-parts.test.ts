import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { grossOfPart, netOfNote } from "../../src/purchases/refunds/refund-parts";
import type { PurchaseRow } from "../../src/storage/purchases/purchases";
import { DAY_MS } from "../../src/units/duration";
import { divideHalfUp } from "../../src/units/money";
import { api } from "../support/api/api";
import { adminKey } from "../support/api/organizations";
import { AMSTERDAM, bought, newBuyer, postedMicros } from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";

const EUR = 1_000_000;

async function boughtInAmsterdam(net_cents: number) {
  const stripe = standInStripe();
  const buyer = await newBuyer(AMSTERDAM);
  const { purchase_id, payment_intent_id } = await bought(stripe, buyer, { net_cents });
  const key = await adminKey();
  let asked = 0;
  const refund = (net_cents?: number, idempotency_key = `part-${++asked}`) =>
    api("POST", `/api/v1/admin/organizations/${buyer.id}/purchases/${purchase_id}/refunds`, {
      key,
      headers: { "Idempotency-Key": idempotency_key },
      body: { ...(net_cents === undefined ? {} : { net_cents }), reason: "In parts" },
    });
  const noted = () => {
    const notes = stripe.controls.find("credit_note", ({ status }) => status === "issued");
    const net = notes.reduce((sum, note) => sum + (note.total_excluding_tax ?? 0), 0);
    return { net, gross: notes.reduce((sum, { total }) => sum + total, 0) };
  };
  return { stripe, buyer, payment_intent_id, refund, noted };
}

test.each([
  ["two halves of an odd gross", 1_100, [550, 550]],
  ["three thirds", 1_000, [333, 333, 334]],
  ["parts of a cent or two, then the rest", 1_003, [1, 1, 2, 1, 998]],
  ["the rest asked for by its sum and in one cent", 1_111, [1_110, 1]],
])("operators give back %s of a purchase: each is taken, and all is given back", async (_, net, parts) => {
  const { buyer, refund, noted, stripe } = await boughtInAmsterdam(net);
  for (const part of parts) {
    const answer = await refund(part);
    expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 201, body: { net_cents: part } });
  }
  await stripe.controls.webhooks.deliverAll();
  expect(await postedMicros(buyer)).toBe(0);
  expect(noted()).toEqual({ net, gross: divideHalfUp(net * 121, 100) });
  expect(await refund(1)).toMatchObject({ status: 422, body: { error: { param: "net_cents" } } });
});

test("two halves that are asked for at the same time are both given back", async () => {
  const { buyer, refund, noted } = await boughtInAmsterdam(1_100);
  const answers = await Promise.all([refund(550), refund(550)]);
  expect(answers.map(({ status }) => status)).toEqual([201, 201]);
  expect(await postedMicros(buyer)).toBe(0);
  expect(noted()).toEqual({ net: 1_100, gross: 1_331 });
});

test("what was refunded at Stripe counts, whether we have heard of it or not", async () => {
  const { buyer, refund, noted, stripe, payment_intent_id } = await boughtInAmsterdam(1_100);
  stripe.controls.refund(payment_intent_id, { amount_cents: 665 });
  expect((await refund(551)).status).toBe(422);
  expect(await refund(550)).toMatchObject({ status: 201, body: { net_cents: 550, gross_cents: 666 } });
  await stripe.controls.webhooks.deliverAll();
  expect(await postedMicros(buyer)).toBe(0);
  expect(noted()).toEqual({ net: 1_100, gross: 1_331 });
});

test("a part that Stripe refuses is not held against the next one", async () => {
  const { buyer, refund, stripe, payment_intent_id } = await boughtInAmsterdam(1_100);
  const dispute = stripe.controls.openDispute(payment_intent_id, { amount_cents: 100 });
  expect((await refund(1_000, "refused")).status).toBe(422);
  stripe.controls.closeDispute(dispute.id, "won");
  expect((await refund(1_100)).status).toBe(201);
  expect(await postedMicros(buyer)).toBe(0);
});

test("a refund that is asked for again after a day is the same refund", async () => {
  const { buyer, refund, stripe } = await boughtInAmsterdam(1_100);
  stripe.controls.failNext({ method: "POST", path: /refunds$/, kind: "lost_after", times: 2 });
  expect((await refund(550, "late")).status).toBe(503);
  stripe.controls.clearFaults();
  const later_ms = Date.now() + 2 * DAY_MS;
  stripe.controls.advance(2 * DAY_MS);
  vi.spyOn(Date, "now").mockImplementation(() => later_ms);
  expect((await refund(550, "late")).status).toBe(201);
  expect(stripe.controls.find("refund")).toHaveLength(1);
  expect(await postedMicros(buyer)).toBe(5.5 * EUR);
});

const PURCHASE = fc
  .record({ net_cents: fc.integer({ min: 2, max: 50_000 }), rate: fc.integer({ min: 0, max: 27 }) })
  .map(({ net_cents, rate }) => ({ net_cents, gross_cents: divideHalfUp(net_cents * (100 + rate), 100) }));

test("however a purchase is cut, its parts are its gross, and none is off its share by more than a cent", () => {
  fc.assert(
    fc.property(PURCHASE, fc.array(fc.integer({ min: 1, max: 20_000 }), { maxLength: 12 }), (sums, parts) => {
      const purchase = sums as PurchaseRow;
      const back = { net_cents: 0, gross_cents: 0 };
      for (const part of parts) {
        const left_cents = purchase.net_cents - back.net_cents;
        const gross_cents = grossOfPart(purchase, back, part);
        expect(gross_cents === null).toBe(part > left_cents);
        if (gross_cents === null) continue;
        const is_last = part === left_cents;
        back.net_cents += is_last ? left_cents : netOfNote(sums, gross_cents);
        back.gross_cents += gross_cents;
        if (is_last) expect(back.gross_cents).toBe(sums.gross_cents);
        if (back.net_cents >= sums.net_cents) return;
        const share_cents = (back.net_cents * sums.gross_cents) / sums.net_cents;
        expect(Math.abs(back.gross_cents - share_cents)).toBeLessThan(3);
      }
      const rest = grossOfPart(purchase, back, null);
      expect(back.gross_cents + (rest ?? 0)).toBe(sums.gross_cents);
    }),
  );
});
