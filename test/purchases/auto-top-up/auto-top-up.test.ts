import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { TopUpDriver } from "../../../src/index";
import { api } from "../../support/api/api";
import { adjust } from "../../support/api/organizations";
import { stopClock } from "../../support/clock";
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
import {
  entriesOf,
  GOOD_CARD,
  newBuyer,
  postedMicros,
  purchaseOf,
  sweep,
} from "../../support/purchases/buying";
import { standInStripe } from "../../support/purchases/stripe";

const EUR_50 = 50_000_000;
const HOUR_MS = 3_600_000;
const ASKS_EVERY_TIME = "4000002760003184";
const FAILS_WHEN_CHARGED = "4000000000000341";

let clock: ReturnType<typeof stopClock>;
beforeEach(() => {
  clock = stopClock();
  watchDriver();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("an auto top-up", () => {
  test("charges the saved card once, with VAT, and the net amount is there with an invoice", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    await drive(buyer);
    expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
    expect(chargedCents(stripe)).toEqual([6_050]);
    expect(await purchaseOf(buyer, buyer.claim.purchase_id)).toMatchObject({
      kind: "auto_top_up",
      status: "credited",
      net_cents: 5_000,
      tax_cents: 1_050,
      gross_cents: 6_050,
    });
    expect(invoicesOf(stripe, buyer.claim)).toMatchObject([
      {
        status: "paid",
        number: expect.any(String),
        collection_method: "charge_automatically",
        auto_advance: false,
      },
    ]);
    expect(await topUpView(buyer)).toMatchObject({
      claim: null,
      obstacle: null,
      used_this_month_cents: 5_000,
    });
  });

  test("goes by itself from the call that uses up the credit to the credit that lets the next one in", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    await saveCardOnPage(stripe, buyer);
    await adjust(buyer, 6_000_000);
    await turnOn(buyer);
    vi.mocked(TopUpDriver.prototype.drive).mockRestore();
    const call = {
      organization_id: buyer.id,
      call_id: "c",
      direction: "outbound",
      from: "+31201234567",
      to: "+4930901820",
    };
    const node = (path: string, body: object) =>
      api("POST", `/api/v1/edge/calls${path}`, {
        key: buyer.edge_key,
        body: { organization_id: buyer.id, ...body },
      });
    await node("/authorize", call);
    clock.pass(20 * 60_000);
    await node("/c/renew", { request_number: 1, elapsed_seconds: 1_200 });
    await vi.waitFor(async () => expect(await postedMicros(buyer)).toBe(56_000_000), { timeout: 5_000 });
    expect(chargedCents(stripe)).toEqual([6_050]);
  });

  test("of a business in another member state with a valid VAT ID says reverse charge, and no VAT is charged", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe, {
      profile: {
        company_name: "Beispiel GmbH",
        address: { line1: "Unter den Linden 1", postal_code: "10117", city: "Berlin", country: "DE" },
        is_business: true,
        vat_id: "DE000000000",
      },
    });
    await drive(buyer);
    expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
    expect(chargedCents(stripe)).toEqual([5_000]);
    expect(invoicesOf(stripe, buyer.claim)).toMatchObject([
      { footer: expect.stringContaining("Reverse charge") },
    ]);
  });

  test("is bought again when it is needed again, and not before", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    await drive(buyer);
    await drive(buyer);
    expect((await topUpView(buyer)).claim).toBeNull();
    await useCredit(buyer, EUR_50);
    const claim = await standingClaim(buyer);
    expect(claim.purchase_id).not.toBe(buyer.claim.purchase_id);
    await drive({ ...buyer, claim });
    expect(chargedCents(stripe)).toEqual([6_050, 6_050]);
  });

  test("of an organization whose billing profile cannot be sold to fails, charges nothing and says why", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    await env.DB.prepare("DELETE FROM billing_profiles WHERE organization_id = ?").bind(buyer.id).run();
    await Promise.all([drive(buyer), drive(buyer)]);
    expect(await topUpView(buyer)).toMatchObject({
      claim: null,
      obstacle: "retry_later",
      used_this_month_cents: 0,
      last_failure: { code: "billing_profile_incomplete" },
    });
    expect(await purchaseOf(buyer, buyer.claim.purchase_id)).toMatchObject({ status: "failed" });
    expect(invoicesOf(stripe, buyer.claim)).toEqual([]);
  });

  test("of an organization that was closed meanwhile is not bought", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    await env.DB.prepare("UPDATE organizations SET state = 'closed' WHERE id = ?").bind(buyer.id).run();
    await drive(buyer);
    expect((await topUpView(buyer)).last_failure).toMatchObject({ code: "organization_closed" });
    expect(chargedCents(stripe)).toEqual([]);
  });

  test("whose invoice cannot be finalized leaves no draft, no number and no claim behind", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    const [customer] = stripe.controls.find("customer");
    vi.spyOn(console, "warn").mockImplementation(() => {});
    stripe.controls.failNext({ method: "POST", path: /\/invoices$/, kind: "lost_after", times: 2 });
    await drive(buyer);
    if (customer) customer.address = null;
    clock.pass(2 * 60_000);
    await drive(buyer);
    expect(invoicesOf(stripe, buyer.claim)).toEqual([]);
    expect(await topUpView(buyer)).toMatchObject({
      claim: null,
      last_failure: { code: "billing_address_invalid" },
    });
  });
});

describe("a card that is declined", () => {
  test("leads to a void invoice and a failed purchase that says why, and is not tried again at once", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe, { card: FAILS_WHEN_CHARGED });
    await drive(buyer);
    await drive(buyer);
    expect(invoicesOf(stripe, buyer.claim)).toMatchObject([{ status: "void" }]);
    expect(await purchaseOf(buyer, buyer.claim.purchase_id)).toMatchObject({
      status: "failed",
      failure: { code: "card_declined", message: "Your card was declined." },
    });
    expect(await topUpView(buyer)).toMatchObject({
      claim: null,
      obstacle: "retry_later",
      last_failure: { code: "card_declined", message: "Your card was declined." },
    });
    expect(stripe.controls.find("charge").length).toBe(1);
  });

  test("three times in a row is not charged any more until another one is saved", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe, { card: FAILS_WHEN_CHARGED });
    for (let time = 0; time < 3; time++) {
      await drive({ ...buyer, claim: await standingClaim(buyer) });
      clock.pass(HOUR_MS);
      await env.LEDGER.getByName(buyer.id).health();
    }
    expect(await topUpView(buyer)).toMatchObject({ claim: null, obstacle: "card_declined" });
    await saveCardOnPage(stripe, buyer, FAILS_WHEN_CHARGED);
    expect(await topUpView(buyer)).toMatchObject({ claim: null, obstacle: "card_declined" });
    clock.pass(24 * HOUR_MS);
    await saveCardOnPage(stripe, buyer, GOOD_CARD);
    await drive({ ...buyer, claim: await standingClaim(buyer) });
    expect(await postedMicros(buyer)).toBe(EUR_50);
  });

  test("for good is not charged a second time", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    stripe.controls.declineNext("lost_card");
    await drive(buyer);
    expect(await topUpView(buyer)).toMatchObject({ claim: null, obstacle: "card_declined" });
  });
});

describe("a card whose holder must confirm", () => {
  test("pauses auto top-up and shows where; once confirmed the credit is there", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe, { card: ASKS_EVERY_TIME });
    await drive(buyer);
    const [invoice] = invoicesOf(stripe, buyer.claim);
    const shown = await purchaseOf(buyer, buyer.claim.purchase_id);
    expect(shown).toMatchObject({ status: "requires_action", pay_url: invoice?.hosted_invoice_url });
    await drive(buyer);
    await sweep();
    expect(invoicesOf(stripe, buyer.claim)).toMatchObject([{ status: "open", attempt_count: 1 }]);
    expect(await standingClaim(buyer)).toEqual(buyer.claim);
    stripe.controls.authenticateInvoice(invoice?.id ?? "", true);
    await stripe.controls.webhooks.deliverAll();
    expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
    expect(await topUpView(buyer)).toMatchObject({ claim: null, obstacle: null });
  });

  test("may be declined on Stripe's page and pay with another one there, without any webhook", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe, { card: ASKS_EVERY_TIME });
    await drive(buyer);
    const [invoice] = invoicesOf(stripe, buyer.claim);
    stripe.controls.payInvoicePage(invoice?.id ?? "", "4000000000009995");
    await sweep();
    expect(await purchaseOf(buyer, buyer.claim.purchase_id)).toMatchObject({ status: "requires_action" });
    stripe.controls.payInvoicePage(invoice?.id ?? "", GOOD_CARD);
    await sweep();
    expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
  });

  test("and does not within 23 hours: the invoice is void, and nothing more is bought on it", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe, { card: ASKS_EVERY_TIME });
    await drive(buyer);
    clock.pass(23 * HOUR_MS + 1);
    await sweep();
    expect(invoicesOf(stripe, buyer.claim)).toMatchObject([{ status: "void" }]);
    expect(await topUpView(buyer)).toMatchObject({
      claim: null,
      obstacle: "authentication_required",
      last_failure: { code: "authentication_required" },
    });
  });

  test("is not waited for when another card is saved: the old invoice is void, and the new card is charged", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe, { card: ASKS_EVERY_TIME });
    await drive(buyer);
    clock.pass(60_000);
    await saveCardOnPage(stripe, buyer, GOOD_CARD);
    await sweep();
    expect(invoicesOf(stripe, buyer.claim)).toMatchObject([{ status: "void" }]);
    const claim = await standingClaim(buyer);
    expect(claim.purchase_id).not.toBe(buyer.claim.purchase_id);
    await drive({ ...buyer, claim });
    expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
  });
});
