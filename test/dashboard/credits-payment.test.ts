import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { CREDITS, paymentForm, purchasesOf } from "../support/dashboard/credits-page";
import { factsOf, filledIn, formOf } from "../support/dashboard/html";
import { visitor } from "../support/dashboard/visitor";
import { GOOD_CARD, newBuyer, postedMicros, sessionOf } from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";

describe("the form of payment", () => {
  test("sent again, also at the same time, is one purchase on one page", async () => {
    standInStripe();
    const organization = await newBuyer();
    const browser = await visitor(organization);
    const fields = await paymentForm(browser, "12,50");
    const answers = await Promise.all(Array.from({ length: 5 }, () => browser.post(CREDITS, fields)));
    answers.push(await browser.post(CREDITS, fields));
    const led = answers.map(({ status, headers }) => [status, headers.get("Location")]);
    const purchases = await purchasesOf(organization);
    expect(purchases).toMatchObject([{ net_cents: 1_250, status: "open" }]);
    expect(new Set(led.map(String))).toEqual(new Set([`303,${purchases[0].pay_url}`]));
  });

  test("is another one each time that it is shown", async () => {
    standInStripe();
    const organization = await newBuyer();
    const browser = await visitor(organization);
    for (const _ of [1, 2]) await browser.post(CREDITS, await paymentForm(browser, "25"));
    expect(await purchasesOf(organization)).toHaveLength(2);
  });

  test("sent again after it was paid leads to what came of it, and charges nothing more", async () => {
    const stripe = standInStripe();
    const organization = await newBuyer();
    const browser = await visitor(organization);
    const fields = await paymentForm(browser, "50");
    await browser.post(CREDITS, fields);
    const [{ id }] = await purchasesOf(organization);
    stripe.controls.payCheckout(sessionOf(stripe, id).id, { card: GOOD_CARD });
    await stripe.controls.webhooks.deliverAll();
    const again = await browser.post(CREDITS, fields);
    expect([again.status, again.headers.get("Location")]).toEqual([
      303,
      `${CREDITS}/result?purchase_id=${id}`,
    ]);
    expect(await postedMicros(organization)).toBe(50_000_000);
  });

  test("with another amount is refused, and the page has a form that works", async () => {
    standInStripe();
    const organization = await newBuyer();
    const browser = await visitor(organization);
    const fields = Object.fromEntries(await paymentForm(browser, "50"));
    await browser.post(CREDITS, fields);
    const answer = await browser.post(CREDITS, { ...fields, amount: "100" });
    const page = await answer.text();
    expect(answer.status).toBe(409);
    expect(page).toContain("This form was used for another purchase");
    const form = formOf(page, "Pay €121.00");
    expect((await browser.post(CREDITS, filledIn(form, {}))).status).toBe(303);
    expect(await purchasesOf(organization)).toHaveLength(2);
  });

  test("keeps the card only when that was ticked, and names the card that is kept", async () => {
    const stripe = standInStripe();
    const organization = await newBuyer();
    const browser = await visitor(organization);
    const pay = async (changes: Record<string, string>) => {
      await browser.post(CREDITS, { ...Object.fromEntries(await paymentForm(browser, "50")), ...changes });
      const [{ id }] = await purchasesOf(organization);
      stripe.controls.payCheckout(sessionOf(stripe, id).id, { card: GOOD_CARD });
      await stripe.controls.webhooks.deliverAll();
      return browser.page(CREDITS);
    };
    expect(await pay({})).toContain('name="save_card"');
    const page = await pay({ save_card: "yes" });
    expect(page).toContain("Saved card: Visa ending in 4242.");
    expect(page).not.toContain('name="save_card"');
  });

  test("of a closed organization is refused", async () => {
    standInStripe();
    const organization = await newBuyer();
    const browser = await visitor(organization);
    const fields = await paymentForm(browser, "50");
    await env.DB.prepare("UPDATE organizations SET state = 'closed' WHERE id = ?")
      .bind(organization.id)
      .run();
    const answer = await browser.post(CREDITS, fields);
    expect(answer.status).toBe(409);
    expect(await answer.text()).toContain("No credit can be bought for it.");
    expect(await purchasesOf(organization)).toEqual([]);
  });

  test.each(["500", "lost_after"] as const)(
    "while Stripe fails (%s) says that nothing was charged, and leads to one purchase when sent again",
    async (kind) => {
      const stripe = standInStripe();
      const organization = await newBuyer();
      const browser = await visitor(organization);
      const fields = await paymentForm(browser, "50");
      stripe.controls.failNext({ method: "POST", path: /^\/v1\/checkout\/sessions$/, kind, times: 2 });
      const answer = await browser.post(CREDITS, fields);
      expect(answer.status).toBe(503);
      expect(await answer.text()).toContain("Nothing was charged.");
      const again = await browser.post(CREDITS, fields);
      const purchases = await purchasesOf(organization);
      expect(purchases).toMatchObject([{ status: "open" }]);
      expect([again.status, again.headers.get("Location")]).toEqual([303, purchases[0].pay_url]);
    },
  );

  test("is not there for a viewer, who sees the amounts and what was bought", async () => {
    standInStripe();
    const organization = await newBuyer();
    await (await visitor(organization, "billing")).post(
      CREDITS,
      await paymentForm(await visitor(organization), "50"),
    );
    const page = await (await visitor(organization, "viewer")).page(CREDITS);
    expect(page).not.toContain('name="request_key"');
    expect(factsOf(page)).toMatchObject({ Total: "€60.50" });
    expect(page).toContain("Not paid yet");
  });
});
