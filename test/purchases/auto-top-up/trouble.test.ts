import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { resumeTopUp } from "../../../src/purchases/auto-top-up/drive";
import { fulfilPurchase } from "../../../src/purchases/fulfil";
import { openDatabase } from "../../../src/storage/database";
import { findPurchase } from "../../../src/storage/purchases/purchases";
import type { FaultKind } from "../../stand-in/stripe/core/faults";
import { stopClock } from "../../support/clock";
import { failD1 } from "../../support/failures/failing-d1";
import { watchDriver } from "../../support/ledger/auto-top-up";
import {
  BOTH_TRIES,
  chargedCents,
  claimingBuyer,
  drive,
  failAtCredit,
  invoicesOf,
  STEPS,
  topUpView,
} from "../../support/purchases/auto-top-up";
import { entriesOf, postedMicros, purchaseOf, sweep } from "../../support/purchases/buying";
import { sdkFor, standInStripe } from "../../support/purchases/stripe";

const EUR_50 = 50_000_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const FAILS_WHEN_CHARGED = "4000000000000341";

let clock: ReturnType<typeof stopClock>;
beforeEach(() => {
  clock = stopClock();
  watchDriver();
  for (const method of ["warn", "error"] as const) vi.spyOn(console, method).mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

type Buyer = Awaited<ReturnType<typeof claimingBuyer>>;

/** What comes back to a claim until it has ended: the ledger's alarm, now and then. */
async function driveToItsEnd(buyer: Buyer): Promise<void> {
  for (let time = 0; time < 5 && (await topUpView(buyer)).claim; time++) {
    await drive(buyer).catch(() => {});
    clock.pass(2 * MINUTE_MS);
  }
}

/** How often Stripe was asked for this. */
function requestsTo(path: RegExp): number {
  const asked = vi
    .mocked(globalThis.fetch)
    .mock.calls.map(([input]) => new URL(new Request(input).url).pathname);
  return asked.filter((found) => path.test(found)).length;
}

const KINDS: FaultKind[] = ["500", "500_after", "lost", "lost_after"];

describe("one charge and one credit, whatever becomes of the request for the", () => {
  for (const [step, path] of Object.entries(STEPS))
    test.for(KINDS)(`${step}: %s`, async (kind) => {
      const stripe = standInStripe();
      const buyer = await claimingBuyer(stripe);
      stripe.controls.failNext({ method: "POST", path, kind, times: BOTH_TRIES });
      await driveToItsEnd(buyer);
      expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
      expect(chargedCents(stripe)).toEqual([6_050]);
      expect(invoicesOf(stripe, buyer.claim)).toMatchObject([
        { status: "paid", lines: { data: [{ amount: 5_000 }] } },
      ]);
    });

  test.for(KINDS)("withdrawal of the invoice after a decline: %s", async (kind) => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe, { card: FAILS_WHEN_CHARGED });
    stripe.controls.failNext({ method: "POST", path: /\/void$/, kind, times: BOTH_TRIES });
    await driveToItsEnd(buyer);
    expect(invoicesOf(stripe, buyer.claim)).toMatchObject([{ status: "void" }]);
    expect(requestsTo(/\/pay$/)).toBe(1);
    expect(stripe.controls.find("charge").length).toBe(1);
    expect(await topUpView(buyer)).toMatchObject({ claim: null, last_failure: { code: "card_declined" } });
  });

  test("state of the invoice, after a payment without an answer", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    stripe.controls.failNext({ method: "POST", path: STEPS.payment, kind: "lost_after", times: BOTH_TRIES });
    stripe.controls.failNext({ method: "GET", path: /^\/v1\/invoices\/in_/, kind: "lost", times: 6 });
    await drive(buyer).catch(() => {});
    expect(await postedMicros(buyer)).toBe(0);
    await driveToItsEnd(buyer);
    expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
    expect(chargedCents(stripe)).toEqual([6_050]);
  });
});

describe("a claim is brought to its end", () => {
  test("by the cron and the webhook alone, when the ledger's own way is lost after the first step", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    stripe.controls.failNext({ method: "POST", path: STEPS.draft, kind: "lost", times: BOTH_TRIES });
    await drive(buyer);
    await sweep();
    await stripe.controls.webhooks.deliver({ times: 2, order: "reversed" });
    expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
    expect((await topUpView(buyer)).claim).toBeNull();
  });

  test("once, by any number of triggers at once", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    const { purchase_id } = buyer.claim;
    stripe.controls.failNext({ method: "POST", path: STEPS.draft, kind: "lost", times: BOTH_TRIES });
    await drive(buyer);
    const purchase = await findPurchase(openDatabase(env), purchase_id);
    if (!purchase) throw new Error("There is no purchase.");
    await Promise.allSettled([
      drive(buyer),
      drive(buyer),
      resumeTopUp(env, purchase),
      fulfilPurchase(env, purchase_id),
      sweep(),
      stripe.controls.webhooks.deliver({ times: 2 }),
    ]);
    await driveToItsEnd(buyer);
    expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
    expect(chargedCents(stripe)).toEqual([6_050]);
    expect(invoicesOf(stripe, buyer.claim).length).toBe(1);
    expect(stripe.controls.find("invoiceitem").length).toBe(1);
  });

  test("under another key, when Stripe answers the same failure for ever under the first", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    stripe.controls.failNext({ method: "POST", path: STEPS.draft, kind: "500_after" });
    stripe.controls.failNext({ method: "GET", path: STEPS.draft, kind: "lost", times: 2 * BOTH_TRIES });
    await drive(buyer).catch(() => {});
    for (const { id } of invoicesOf(stripe, buyer.claim)) await sdkFor(stripe).invoices.del(id);
    await driveToItsEnd(buyer);
    expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
    expect(chargedCents(stripe)).toEqual([6_050]);
  });

  test("when D1 was away at the start, and when the ledger was away at the credit", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    const repair = failD1();
    await expect(drive(buyer)).rejects.toThrow();
    repair();
    const mend = failAtCredit(buyer);
    await expect(drive(buyer)).rejects.toThrow();
    expect(chargedCents(stripe)).toEqual([6_050]);
    mend();
    expect(await purchaseOf(buyer, buyer.claim.purchase_id)).toMatchObject({ status: "paid" });
    await drive(buyer);
    expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
    expect((await topUpView(buyer)).claim).toBeNull();
  });

  test("as failed when nobody could come back to it for a day, and nothing was charged", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    clock.pass(24 * HOUR_MS);
    await drive(buyer);
    expect(stripe.controls.find("invoice")).toEqual([]);
    expect(await topUpView(buyer)).toMatchObject({ claim: null, last_failure: { code: "expired" } });
  });

  test("after the one before it, when the ledger was set back to a time before that", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    stripe.controls.failNext({ method: "POST", path: STEPS.payment, kind: "lost", times: BOTH_TRIES });
    await drive(buyer);
    const again = { ...buyer, claim: { ...buyer.claim, purchase_id: "pur_01k9z3v8qhe1w9m4c7d2x5n6tp" } };
    await expect(drive(again)).rejects.toThrow("under way");
    await sweep();
    await drive(again);
    expect(chargedCents(stripe)).toEqual([6_050, 6_050]);
  });
});
