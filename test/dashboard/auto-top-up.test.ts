import { describe, expect, test, vi } from "vitest";
import type { StripeStandIn } from "../stand-in/stripe/stand-in";
import { api } from "../support/api/api";
import { adjust, ask, newOrganization, type TestOrganization } from "../support/api/organizations";
import {
  enteredIn,
  errorsOf,
  factsOf,
  filledIn,
  formOf,
  linkOf,
  submit,
  textOf,
  wrongFieldsOf,
} from "../support/dashboard/html";
import { type Visitor, visitor } from "../support/dashboard/visitor";
import { watchDriver } from "../support/ledger/auto-top-up";
import { AUTO_TOP_UP, claimingBuyer, drive, saveCardOnPage } from "../support/purchases/auto-top-up";
import { GOOD_CARD, newBuyer } from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";

const HERE = "/billing/auto-top-up";
const SETTINGS = {
  when: "euros",
  threshold: "2,50",
  amount: "25",
  per_day: "3",
  cap: "10000",
  consent: "yes",
};

/** A buyer with credit and a saved card. */
async function customer(
  stripe: StripeStandIn,
  language: "en" | "nl" | "de" = "en",
): Promise<TestOrganization & { browser: Visitor }> {
  const organization = await newBuyer();
  await adjust(organization, 20_000_000);
  await saveCardOnPage(stripe, organization);
  return { ...organization, browser: await visitor(organization, "owner", language) };
}

async function topUpOf(organization: TestOrganization) {
  return (await ask(organization, "GET", "/auto_top_up")).body;
}

describe("auto top-up", () => {
  test.each([
    [
      "en",
      "Days and months begin at midnight UTC.",
      "All times: Europe/Amsterdam. Limits count the days and months of UTC.",
    ],
    [
      "nl",
      "Dagen en maanden beginnen om middernacht UTC.",
      "Alle tijden: Europe/Amsterdam. Limieten tellen de dagen en maanden van UTC.",
    ],
    [
      "de",
      "Tage und Monate beginnen um Mitternacht UTC.",
      "Alle Zeiten: Europe/Amsterdam. Für Limits zählen die Tage und Monate der UTC.",
    ],
  ] as const)(
    "says in %s whose days and months its limits are, and never that they are another's",
    async (language, hint, foot) => {
      const { browser } = await customer(standInStripe(), language);
      const text = textOf(await browser.page(HERE));
      expect(text).toContain(hint);
      expect(text).toContain(foot);
      const every_other_page =
        /All times, days and months|Alle tijden, dagen en maanden|Alle Zeiten, Tage und Monate/;
      expect(text).not.toMatch(every_other_page);
      expect(textOf(await browser.page("/billing/usage"))).toMatch(every_other_page);
    },
  );

  test("is turned on as it was entered, and shown so in the language of the page", async () => {
    const stripe = standInStripe();
    const { browser, ...organization } = await customer(stripe, "nl");
    const answer = await browser.post(HERE, { ...SETTINGS, cap: "€ 10.000,-" });
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, `${HERE}?done=on`]);
    expect(await topUpOf(organization)).toMatchObject({
      ...{ enabled: true, threshold_micros: 2_500_000, runway_minutes: null, net_cents: 2_500 },
      ...{ max_per_day: 3, monthly_cap_cents: 1_000_000, consent: { given_at: expect.any(String) } },
    });
    const page = await browser.page(HERE);
    const shown = ["when", "threshold", "amount", "per_day", "cap"].map((name) => enteredIn(page, name));
    expect(shown).toEqual(["euros", "2,5", "25", "3", "10000"]);
    // Sent as it stands it says the same again, but for the consent, which is asked for each time.
    const again = filledIn(formOf(page, "Opslaan"), { consent: "yes" });
    expect((await browser.post(HERE, again)).status).toBe(303);
    expect(await topUpOf(organization)).toMatchObject({
      threshold_micros: 2_500_000,
      monthly_cap_cents: 1_000_000,
    });
  });

  test.each(["en", "de"] as const)("shows amounts in %s as they are read again", async (language) => {
    const stripe = standInStripe();
    const { browser, ...organization } = await customer(stripe, language);
    await browser.post(HERE, { ...SETTINGS, threshold: "12.34", amount: "1250.50", cap: "12500.75" });
    const page = await browser.page(HERE);
    const button = { en: "Save", de: "Speichern" }[language];
    expect((await browser.post(HERE, filledIn(formOf(page, button), { consent: "yes" }))).status).toBe(303);
    expect(await topUpOf(organization)).toMatchObject({
      ...{ threshold_micros: 12_340_000, net_cents: 125_050, monthly_cap_cents: 1_250_075 },
    });
  });

  test("can watch the minutes that are left at the present pace", async () => {
    const stripe = standInStripe();
    const { browser, ...organization } = await customer(stripe);
    await browser.post(HERE, { ...SETTINGS, when: "runway", threshold: "30" });
    expect(await topUpOf(organization)).toMatchObject({ threshold_micros: null, runway_minutes: 30 });
    const page = await browser.page(HERE);
    expect([enteredIn(page, "when"), enteredIn(page, "threshold")]).toEqual(["runway", "30"]);
  });

  const wrong: [field: string, value: string][] = [
    ["threshold", "0"],
    ["threshold", "-5"],
    ["threshold", "1.2345"],
    ["threshold", "999.999.999.999.999"],
    ["threshold", ""],
    ["amount", "9,99"],
    ["amount", "5.000,01"],
    ["amount", "much"],
    ["per_day", "0"],
    ["per_day", "11"],
    ["per_day", "1.5"],
    ["cap", "24,99"],
    ["cap", "99.999.999,00"],
    ["consent", ""],
    ["consent", "no"],
  ];

  test("names what is wrong at its field, keeps what was typed, and sets nothing", async () => {
    const stripe = standInStripe();
    const { browser, ...organization } = await customer(stripe);
    const before = await topUpOf(organization);
    for (const [field, value] of wrong) {
      const answer = await browser.post(HERE, { ...SETTINGS, [field]: value });
      const page = await answer.text();
      expect([field, value, answer.status, wrongFieldsOf(page)]).toEqual([field, value, 422, [field]]);
      if (field === "consent") continue;
      expect(Object.keys(errorsOf(page))).toEqual([field]);
      for (const name of ["threshold", "amount", "per_day", "cap"] as const)
        expect(enteredIn(page, name)).toBe(name === field ? value : SETTINGS[name]);
    }
    const runway = await browser.post(HERE, { ...SETTINGS, when: "runway", threshold: "10081" });
    expect(wrongFieldsOf(await runway.text())).toEqual(["threshold"]);
    expect(await topUpOf(organization)).toEqual(before);
  });

  test("that would buy at once asks once more, and buys only then", async () => {
    const stripe = standInStripe();
    const driven = watchDriver();
    const { browser, ...organization } = await customer(stripe);
    const answer = await browser.post(HERE, { ...SETTINGS, threshold: "24.50", cap: "5,000" });
    const page = await answer.text();
    expect(answer.status).toBe(200);
    expect(page).toContain("Your balance of €20.00 is already below the limit of €24.50.");
    expect(factsOf(page)).toMatchObject({
      ...{ Limit: "€24.50", "Credit per purchase, in euros before VAT": "€25.00" },
      ...{ "Maximum purchases per day": "3", "Maximum per month, in euros before VAT": "€5,000.00" },
    });
    expect(await topUpOf(organization)).toMatchObject({ enabled: false });
    expect(driven).toEqual([]);
    const [, button = ""] = /<button class="button" type="submit">([^<]*25[^<]*)</.exec(page) ?? [];
    const confirmed = await browser.post(HERE, filledIn(formOf(page, textOf(button)), {}));
    expect(confirmed.headers.get("Location")).toBe(`${HERE}?done=on`);
    await vi.waitFor(() => expect(driven).toMatchObject([{ net_cents: 2_500 }]));
    expect(await topUpOf(organization)).toMatchObject({ enabled: true, status: "under_way" });
  });

  test("asks back in each field what can be read in two ways, and sets nothing", async () => {
    const stripe = standInStripe();
    const { browser, ...organization } = await customer(stripe, "nl");
    for (const field of ["threshold", "amount", "cap"]) {
      const answer = await browser.post(HERE, { ...SETTINGS, [field]: "5,000" });
      expect([field, answer.status, errorsOf(await answer.text())]).toEqual([
        ...[field, 422],
        { [field]: expect.stringMatching(/^Bedoelt u €\s5,00 of €\s5\.000,00\?/) },
      ]);
    }
    const minutes = await browser.post(HERE, { ...SETTINGS, when: "runway", threshold: "1,000" });
    expect(errorsOf(await minutes.text())).toEqual({
      threshold: expect.stringMatching(/^Bedoelt u 1 of 1\.000\?/),
    });
    expect(await topUpOf(organization)).toMatchObject({ enabled: false });
  });

  test("buys more than its limit, or it would buy several times in a row; what was set before goes on", async () => {
    const stripe = standInStripe();
    const { browser, ...organization } = await customer(stripe);
    for (const threshold of ["25", "25.01", "100"]) {
      const answer = await browser.post(HERE, { ...SETTINGS, threshold });
      expect([threshold, answer.status, errorsOf(await answer.text())]).toEqual([
        ...[threshold, 422],
        { amount: "Enter more than the limit: otherwise credit is bought several times in a row." },
      ]);
    }
    const asked = { ...AUTO_TOP_UP, threshold_micros: 50_000_000 };
    const refused = await ask(organization, "PUT", "/auto_top_up", { body: asked });
    expect([refused.status, refused.body.error.param]).toEqual([422, "net_cents"]);
    const just = await ask(organization, "PUT", "/auto_top_up", {
      body: { ...asked, threshold_micros: 49_999_999 },
    });
    expect(just.status).toBe(200);
  });

  test("is turned off, also twice", async () => {
    const stripe = standInStripe();
    const { browser, ...organization } = await customer(stripe);
    await browser.post(HERE, SETTINGS);
    for (const _ of [1, 2])
      expect((await browser.post(`${HERE}/off`)).headers.get("Location")).toBe(`${HERE}?done=off`);
    expect(await topUpOf(organization)).toMatchObject({ enabled: false });
    expect(factsOf(await browser.page(HERE))["Auto top-up"]).toBe("Off");
  });

  test("says why it has stopped, and where the bank wants an answer", async () => {
    const stripe = standInStripe();
    watchDriver();
    const declined = await claimingBuyer(stripe);
    stripe.controls.declineNext("insufficient_funds");
    await drive(declined);
    const page = await (await visitor(declined, "viewer")).page(HERE);
    expect(factsOf(page)["Last failure"]).toContain("insufficient funds");
    expect(page).not.toContain('<form method="post" action="/billing/auto-top-up');
    const asked = await claimingBuyer(stripe, { card: "4000002760003184" });
    await drive(asked);
    const link = linkOf(await (await visitor(asked)).page(HERE), "Confirm the payment at your bank");
    expect(link).toMatch(/^https:\/\/stripe\.test\//);
  });
});

describe("the card", () => {
  test("is saved on Stripe's page, named here, and removed with auto top-up", async () => {
    const stripe = standInStripe();
    const organization = await newBuyer();
    const browser = await visitor(organization);
    expect(await browser.page(HERE)).toContain("No card is saved yet.");
    expect(await browser.page(HERE)).not.toContain('name="threshold"');
    const led = await submit(browser, HERE, "Save a card");
    const [session] = stripe.controls.find(
      "checkout.session",
      ({ url }) => url === led.headers.get("Location"),
    );
    stripe.controls.payCheckout(session?.id ?? "", { card: GOOD_CARD, authenticate: true });
    await stripe.controls.webhooks.deliverAll();
    await adjust(organization, 20_000_000);
    expect(await browser.page(HERE)).toContain("Visa ending in 4242, valid until");
    await browser.post(HERE, SETTINGS);
    const removed = await submit(browser, HERE, "Remove the card");
    expect(removed.headers.get("Location")).toBe(`${HERE}?done=removed`);
    expect(await topUpOf(organization)).toMatchObject({ enabled: false });
    expect((await browser.post(`${HERE}/card/remove`)).status).toBe(303);
    expect(await browser.page(HERE)).toContain("No card is saved yet.");
  });

  test("leads to billing information first, and says when Stripe is away", async () => {
    const stripe = standInStripe();
    const unknown = await visitor(await newOrganization());
    expect((await unknown.post(`${HERE}/card`)).headers.get("Location")).toBe("/billing/information");
    const organization = await newBuyer();
    const browser = await visitor(organization);
    stripe.controls.failNext({ kind: "500", times: 50 });
    const away = await browser.post(`${HERE}/card`);
    expect(away.status).toBe(503);
    expect(await away.text()).toContain("The payment provider does not answer.");
    expect((await browser.get(`${HERE}/card`)).headers.get("Location")).toBe(HERE);
  });

  test("must be there before auto top-up is turned on", async () => {
    standInStripe();
    const organization = await newBuyer();
    await adjust(organization, 20_000_000);
    const answer = await (await visitor(organization)).post(HERE, SETTINGS);
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain("No card is saved yet.");
    expect((await api("GET", "/api/v1/auto_top_up", { key: organization.key })).body.enabled).toBe(false);
  });
});
