import { describe, expect, test } from "vitest";
import { newOrganization } from "../support/api/organizations";
import { CREDITS, paymentForm, purchasesOf } from "../support/dashboard/credits-page";
import { enteredIn, errorsOf, factsOf, filledIn, formOf, linkOf, linksOf } from "../support/dashboard/html";
import { type Visitor, visitor } from "../support/dashboard/visitor";
import { BERLIN, newCustomer } from "../support/purchases/billing-profile";
import { AMSTERDAM, newBuyer, sessionOf } from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";

const PRIVATE = { ...BERLIN, company_name: "E. Muster", is_business: false, vat_id: null };

describe("an amount", () => {
  test("is one of those offered, or one's own within bounds", async () => {
    standInStripe();
    const browser = await visitor(await newBuyer());
    const page = await browser.page(CREDITS);
    const offered = linksOf(page).filter(([href]) => href.startsWith("?amount="));
    expect(offered.map(([href]) => href)).toEqual(
      [10, 25, 50, 100, 250, 500].map((euros) => `?amount=${euros}`),
    );
    expect(offered[2]?.[1]).toBe("€50.00 714 minutes");
    expect(page).toContain("From €10.00 to €5,000.00.");
    expect(factsOf(page)).toMatchObject({ "Credit (714 minutes)": "€50.00", Total: "€60.50" });
  });

  const read: [language: "en" | "nl" | "de", text: string, credit: string][] = [
    ["en", "12.50", "€12.50"],
    ["en", "12,50", "€12.50"],
    ["en", "1,250.00", "€1,250.00"],
    ["en", "€ 75", "€75.00"],
    ["nl", "12,50", "€ 12,50"],
    ["nl", "12.5", "€ 12,50"],
    ["nl", "1.250,00", "€ 1.250,00"],
    ["de", "12,50", "12,50 €"],
    ["de", "12.50", "12,50 €"],
    ["de", "5.000", "5.000,00 €"],
    ["de", "1 250 €", "1.250,00 €"],
    ["nl", "5.000", "€ 5.000,00"],
    ["nl", "50,-", "€ 50,00"],
    ["en", "5,000", "€5,000.00"],
  ];

  test("is read as people write it in any of the languages", async () => {
    standInStripe();
    const organization = await newBuyer();
    const browsers = new Map<string, Visitor>();
    for (const [language, text, credit] of read) {
      const browser = browsers.get(language) ?? (await visitor(organization, "owner", language));
      browsers.set(language, browser);
      const facts = factsOf(await browser.page(`${CREDITS}?amount=${encodeURIComponent(text)}`));
      const [, shown] = Object.entries(facts).find(([name]) => /^(Credit|Tegoed|Guthaben)/.test(name)) ?? [];
      expect([language, text, shown]).toEqual([language, text, credit]);
    }
  });

  test.each([
    ["nl", "5,000", "Bedoelt u € 5,00 of € 5.000,00?"],
    ["nl", "12,505", "Bedoelt u € 12,505 of € 12.505,00?"],
    ["de", "1,250", "Meinen Sie 1,25 € oder 1.250,00 €?"],
    ["en", "5.000", "Do you mean €5.00 or €5,000.00?"],
  ] as const)(
    "that can be read in two ways is asked back, never guessed: in %s %s",
    async (language, text, said) => {
      standInStripe();
      const organization = await newBuyer();
      const browser = await visitor(organization, "owner", language);
      const answer = await browser.get(`${CREDITS}?amount=${text}`);
      const page = await answer.text();
      expect([answer.status, enteredIn(page, "amount")]).toEqual([422, text]);
      expect(errorsOf(page).amount).toContain(said);
      expect((await browser.post(CREDITS, { amount: text, request_key: "0123456789" })).status).toBe(422);
      expect(await purchasesOf(organization)).toEqual([]);
    },
  );

  test("is the one that was shown, also when the language was changed before paying", async () => {
    standInStripe();
    const organization = await newBuyer();
    const english = await visitor(organization, "owner", "en");
    const dutch = await visitor(organization, "owner", "nl");
    const page = await english.page(`${CREDITS}?amount=1,250.50`);
    const fields = filledIn(formOf(page, "Pay €1,513.11"), {});
    expect((await dutch.post(CREDITS, fields)).status).toBe(303);
    expect(await purchasesOf(organization)).toMatchObject([{ net_cents: 125_050 }]);
  });

  test("that is none, or out of bounds, is said at its field, and nothing can be paid", async () => {
    standInStripe();
    const organization = await newBuyer();
    const browser = await visitor(organization);
    for (const text of [
      "9.99",
      "5000.01",
      "abc",
      "-50",
      "50.0055",
      "1e3",
      "0.500",
      "12 50",
      "∞",
      "NaN",
      "",
    ]) {
      const answer = await browser.get(`${CREDITS}?amount=${encodeURIComponent(text)}`);
      const page = await answer.text();
      expect([text, answer.status]).toEqual([text, 422]);
      expect(errorsOf(page)).toEqual({
        amount: "Enter an amount from €10.00 to €5,000.00, such as 75 or 12.50.",
      });
      expect(enteredIn(page, "amount")).toBe(text);
      expect(page).not.toContain('name="request_key"');
      const fields = { amount: text, request_key: "0123456789" };
      expect((await browser.post(CREDITS, fields)).status).toBe(422);
    }
    expect(await purchasesOf(organization)).toEqual([]);
  });
});

describe("what is paid", () => {
  const buyers: [who: string, profile: object, vat: string, tax: string, total: string, why: string][] = [
    [
      "a business in the seller's country",
      AMSTERDAM,
      "VAT 21%",
      "€10.50",
      "€60.50",
      "The VAT of your country.",
    ],
    ["a German business with a valid VAT ID", BERLIN, "VAT 0%", "€0.00", "€50.00", "Reverse charge"],
    [
      "a German business without one",
      { ...BERLIN, vat_id: null },
      "VAT 19%",
      "€9.50",
      "€59.50",
      "A business in",
    ],
    ["a private person in Germany", PRIVATE, "VAT 19%", "€9.50", "€59.50", "The VAT of your country."],
    [
      "a business in Switzerland",
      { ...BERLIN, vat_id: null, address: { ...BERLIN.address, country: "CH", postal_code: "8001" } },
      ...(["VAT 0%", "€0.00", "€50.00", "No EU VAT"] as const),
    ],
  ];

  test.each(buyers)(
    "by %s is shown before, and is what is asked for",
    async (_, profile, vat, tax, total, why) => {
      const stripe = standInStripe();
      const organization = await newCustomer(profile);
      const browser = await visitor(organization);
      const page = await browser.page(`${CREDITS}?amount=50`);
      expect(factsOf(page)).toMatchObject({ [vat]: tax, Total: total });
      expect(page).toContain(why);
      expect(page).toContain(`Pay ${total}`);
      expect((await browser.post(CREDITS, await paymentForm(browser, "50"))).status).toBe(303);
      const [{ id }] = await purchasesOf(organization);
      expect(sessionOf(stripe, id).amount_total).toBe(Number(total.slice(1).replace(".", "")));
    },
  );
});

describe("a buyer of whom nothing is known", () => {
  test("is led to who buys first, and from there back to the amount", async () => {
    standInStripe();
    const browser = await visitor(await newOrganization());
    const page = await browser.page(`${CREDITS}?amount=${encodeURIComponent("€ 1.250,50")}`);
    expect(page).not.toContain('name="request_key"');
    const there = linkOf(page, "Enter billing information") ?? "";
    const form = formOf(await browser.page(there), "Save and continue to payment");
    const saved = await browser.post(
      "/billing/information",
      filledIn(form, {
        ...{ company_name: "New B.V.", line1: "Damrak 1", postal_code: "1012 LG", city: "Amsterdam" },
      }),
    );
    expect(saved.status).toBe(303);
    const back = await browser.page(saved.headers.get("Location") ?? "");
    expect(factsOf(back)).toMatchObject({ Total: "€1,513.11" });
  });

  test("who sends the form all the same is led there, too, and buys nothing", async () => {
    standInStripe();
    const organization = await newOrganization();
    const browser = await visitor(organization);
    const answer = await browser.post(CREDITS, { amount: "12,50", request_key: "0123456789" });
    expect([answer.status, answer.headers.get("Location")]).toEqual([
      303,
      "/billing/information?next=credits&amount=12.5",
    ]);
    expect(await purchasesOf(organization)).toEqual([]);
  });
});
