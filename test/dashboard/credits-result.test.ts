import { describe, expect, test } from "vitest";
import type { TestOrganization } from "../support/api/organizations";
import { CREDITS, paymentForm, purchasesOf } from "../support/dashboard/credits-page";
import { factsOf, linkOf, rowsOf } from "../support/dashboard/html";
import { visitor } from "../support/dashboard/visitor";
import { watchDriver } from "../support/ledger/auto-top-up";
import { claimingBuyer, drive } from "../support/purchases/auto-top-up";
import { save } from "../support/purchases/billing-profile";
import { buy, buyAndPay, comeBack, GOOD_CARD, newBuyer, sessionOf } from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";

const resultPath = (purchase_id: string) => `${CREDITS}/result?purchase_id=${purchase_id}`;

async function opened(organization: TestOrganization): Promise<string> {
  return (await buy(organization)).body.id;
}

describe("the page that payment leads back to", () => {
  test("is where the buyer comes out, with the credit already there", async () => {
    const stripe = standInStripe();
    const organization = await newBuyer();
    const browser = await visitor(organization);
    await browser.post(CREDITS, await paymentForm(browser, "50"));
    const [{ id }] = await purchasesOf(organization);
    stripe.controls.payCheckout(sessionOf(stripe, id).id, { card: GOOD_CARD });
    // No event of Stripe has come.
    const back = await comeBack(sessionOf(stripe, id));
    expect(back.status).toBe(303);
    const { pathname, search } = new URL(back.headers.get("Location") ?? "");
    const page = await browser.page(pathname + search);
    expect(page).toContain("Your credit has been added");
    expect(factsOf(page)).toEqual(expect.objectContaining({ "Balance now": "€50.00" }));
    expect(linkOf(page, "To the invoices")).toBe("/billing/invoices");
    expect(page).not.toContain('http-equiv="refresh"');
  });

  test("waits for the money, asks again by itself, and leads to the payment that is still open", async () => {
    const stripe = standInStripe();
    const organization = await newBuyer();
    const browser = await visitor(organization);
    const id = await opened(organization);
    const page = await browser.page(resultPath(id));
    expect(page).toContain("Not paid yet");
    expect(page).toContain('<noscript><meta http-equiv="refresh" content="3"');
    expect(page).toContain('data-live-pages="true"');
    expect(linkOf(page, "To the payment page")).toBe(sessionOf(stripe, id).url);
    const viewer = await visitor(organization, "viewer");
    expect(linkOf(await viewer.page(resultPath(id)), "To the payment page")).toBeUndefined();
    stripe.controls.payCheckout(sessionOf(stripe, id).id, { card: GOOD_CARD });
    await stripe.controls.webhooks.deliverAll();
    expect(await browser.page(resultPath(id))).toContain("Your credit has been added");
  });

  test("says that a page has closed, and offers the same amount again", async () => {
    const stripe = standInStripe();
    const organization = await newBuyer();
    const browser = await visitor(organization);
    const id = (await buy(organization, { net_cents: 1_250 })).body.id;
    stripe.controls.expireCheckout(sessionOf(stripe, id).id);
    await stripe.controls.webhooks.deliverAll();
    const page = await browser.page(resultPath(id));
    expect(page).toContain("Nothing was charged.");
    expect(page).not.toContain('http-equiv="refresh"');
    const again = linkOf(page, "Buy again") ?? "";
    expect(factsOf(await browser.page(again))).toMatchObject({ Total: "€15.13" });
  });

  test("says that a purchase has ended because who buys has changed", async () => {
    const stripe = standInStripe();
    const organization = await newBuyer();
    const browser = await visitor(organization);
    const id = await opened(organization);
    await save(organization);
    await stripe.controls.webhooks.deliverAll();
    const page = await browser.page(resultPath(id));
    expect(page).toContain("Nothing was charged.");
    expect(linkOf(page, "To the payment page")).toBeUndefined();
    expect(linkOf(page, "Buy again")).toBe(`${CREDITS}?amount=50`);
  });

  test("says that the bank has refused, and offers to buy again", async () => {
    const stripe = standInStripe();
    watchDriver();
    const buyer = await claimingBuyer(stripe);
    stripe.controls.declineNext("insufficient_funds");
    await drive(buyer);
    const page = await (await visitor(buyer)).page(resultPath(buyer.claim.purchase_id));
    expect(page).toContain("The payment failed");
    expect(page).not.toContain('http-equiv="refresh"');
    expect(linkOf(page, "Buy again")).toBe(`${CREDITS}?amount=50`);
  });

  test("of another organization's purchase, or of none, is not found", async () => {
    const stripe = standInStripe();
    const [one, other] = [await newBuyer(), await newBuyer()];
    const { purchase_id } = await buyAndPay(stripe, one);
    const browser = await visitor(other);
    for (const id of [purchase_id, "pur_01k9z3v8qhe1w9m4c7d2x5n6tp", "", "%00", `${purchase_id}x`])
      expect([id, (await browser.get(resultPath(id))).status]).toEqual([id, 404]);
    expect((await browser.get(`${CREDITS}/result`)).status).toBe(404);
    expect(rowsOf(await browser.page(CREDITS))).toEqual([]);
  });

  test("shows what was known when Stripe cannot be asked", async () => {
    const stripe = standInStripe();
    const organization = await newBuyer();
    const id = await opened(organization);
    stripe.controls.failNext({ kind: "500", times: 100 });
    expect(await (await visitor(organization)).page(resultPath(id))).toContain("Not paid yet");
  });
});

test("purchases are listed with how they stand, each leading to its page", async () => {
  const stripe = standInStripe();
  const organization = await newBuyer();
  const browser = await visitor(organization);
  const { purchase_id } = await buyAndPay(stripe, organization, { net_cents: 2_500 });
  await stripe.controls.webhooks.deliverAll();
  const open = await opened(organization);
  const page = await browser.page(CREDITS);
  expect(rowsOf(page).map(([, ...cells]) => cells)).toEqual([
    ["€50.00", "Not paid yet"],
    ["€25.00", "Credit added"],
  ]);
  for (const id of [open, purchase_id]) expect(page).toContain(`href="${resultPath(id)}"`);
});
