import { describe, expect, test } from "vitest";
import type { Json } from "../support/api/api";
import { ask, newOrganization, type TestOrganization } from "../support/api/organizations";
import {
  enteredIn,
  errorsOf,
  factsOf,
  filledIn,
  formOf,
  submit,
  wrongFieldsOf,
} from "../support/dashboard/html";
import { type Visitor, visitor } from "../support/dashboard/visitor";
import {
  ANOTHER_VALID,
  BERLIN,
  INVALID,
  newCustomer,
  profileOf,
  VALID,
} from "../support/purchases/billing-profile";
import { standInStripe } from "../support/purchases/stripe";

const HERE = "/billing/information";

/** What is entered for a business in Berlin. */
const ENTERED = {
  is_business: "business",
  company_name: "Example Handel GmbH",
  line1: "Musterweg 1",
  line2: "Hinterhaus",
  postal_code: "10115",
  city: "Berlin",
  region: "Berlin",
  country: "DE",
  vat_id: "DE 136 695 976",
  email: "rechnung@example.com",
};

async function customer(): Promise<TestOrganization & { browser: Visitor }> {
  const organization = await newOrganization();
  return { ...organization, browser: await visitor(organization) };
}

async function purchaseTotal(browser: Visitor): Promise<string | undefined> {
  return factsOf(await browser.page("/billing/credits?amount=100")).Total;
}

describe("billing information", () => {
  test("is saved as it was entered, and is there in the API and when the page is opened again", async () => {
    standInStripe();
    const organization = await customer();
    const { browser } = organization;
    const saved = await submit(browser, HERE, "Save", ENTERED);
    expect([saved.status, saved.headers.get("Location")]).toEqual([303, `${HERE}?done=saved`]);
    const page = await browser.page(`${HERE}?done=saved`);
    expect(page).toContain("It applies from the next purchase.");
    for (const [name, value] of Object.entries(ENTERED))
      expect([name, enteredIn(page, name)]).toEqual([name, name === "vat_id" ? VALID : value]);
    expect(await profileOf(organization)).toMatchObject({
      ...{ company_name: "Example Handel GmbH", email: "rechnung@example.com", is_business: true },
      address: { line1: "Musterweg 1", line2: "Hinterhaus", postal_code: "10115", country: "DE" },
      vat_id: { value: VALID, state: "valid" },
    });
  });

  test("sent again, also twice at once, is the same", async () => {
    const stripe = standInStripe();
    const organization = await customer();
    const { browser } = organization;
    const fields = filledIn(formOf(await browser.page(HERE), "Save"), ENTERED);
    const answers = await Promise.all([1, 2, 3].map(() => browser.post(HERE, fields)));
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
    expect(await profileOf(organization)).toMatchObject({ vat_id: { state: "valid" }, obstacle: null });
    const at_stripe = stripe.controls.find(
      "customer",
      ({ metadata }) => metadata.organization_id === organization.id,
    );
    expect(at_stripe).toHaveLength(1);
  });

  test("leaves what is optional empty, also when there was something", async () => {
    standInStripe();
    const organization = await newCustomer({
      address: { ...BERLIN.address, line2: "Hof", region: "Berlin" },
    });
    const empty = { line2: "", region: "", vat_id: "", email: "" };
    expect((await submit(await visitor(organization), HERE, "Save", empty)).status).toBe(303);
    expect(await profileOf(organization)).toMatchObject({
      email: null,
      address: { line2: null, region: null },
      vat_id: { value: null, state: "none" },
    });
  });

  const wrong: [field: string, value: string][] = [
    ["company_name", ""],
    ["company_name", "   "],
    ["company_name", "x".repeat(151)],
    ["line1", ""],
    ["line2", "x".repeat(201)],
    ["postal_code", ""],
    ["postal_code", "1".repeat(21)],
    ["city", ""],
    ["city", "x".repeat(101)],
    ["region", "x".repeat(101)],
    ["country", ""],
    ["country", "XX"],
    ["country", "nl"],
    ["is_business", ""],
    ["is_business", "both"],
    ["vat_id", "1".repeat(81)],
    ["email", "nobody"],
    ["email", `${"a".repeat(250)}@example.com`],
  ];

  test("names each field that is wrong at the field, keeps what was typed, and saves nothing", async () => {
    standInStripe();
    const organization = await newCustomer();
    const before = await profileOf(organization);
    const browser = await visitor(organization);
    for (const [field, value] of wrong) {
      const answer = await browser.post(HERE, { ...ENTERED, [field]: value });
      const page = await answer.text();
      expect([field, answer.status, wrongFieldsOf(page)]).toEqual([field, 422, [field]]);
      expect(page).toContain(`id="${field}"`);
      // The choice of who buys is said above the form.
      if (field !== "is_business") expect(Object.keys(errorsOf(page))).toEqual([field]);
      for (const [name, entered] of Object.entries({ ...ENTERED, [field]: value.trim() }))
        if (!["is_business", "country"].includes(name)) expect(enteredIn(page, name)).toBe(entered);
    }
    expect(await profileOf(organization)).toEqual(before);
  });

  test("names all that is wrong at once, in the language of the page", async () => {
    standInStripe();
    const browser = await visitor(await newOrganization(), "billing", "de");
    const page = await (await browser.post(HERE, { is_business: "person", country: "DE" })).text();
    expect(wrongFieldsOf(page)).toEqual(["company_name", "line1", "city", "postal_code"]);
    expect(Object.values(errorsOf(page)).join(" ")).not.toMatch(/Enter|undefined/);
  });
});

describe("a VAT ID", () => {
  const states: [vat_id: string, is_business: string, state: string, meaning: string, total: string][] = [
    ["", "business", "None", "Without a VAT ID", "€119.00"],
    [VALID, "business", "Valid", "It is used for every purchase.", "€100.00"],
    [INVALID, "business", "Not valid", "The register does not know it", "€119.00"],
    ["12345", "business", "Not readable", "VAT IDs of your country are written differently", "€119.00"],
    [VALID, "person", "Being checked", "A VAT ID is used for businesses only.", "€119.00"],
  ];

  test.each(states)(
    "%j of a %s is %s, which the credits page follows",
    async (vat_id, is_business, state, meaning, total) => {
      standInStripe();
      const { browser } = await customer();
      await submit(browser, HERE, "Save", { ...ENTERED, vat_id, is_business });
      const page = await browser.page(HERE);
      expect(factsOf(page)["VAT ID"]).toContain(state);
      expect(page).toContain(meaning);
      expect(await purchaseTotal(browser)).toBe(total);
    },
  );

  test("that is replaced, or removed, changes what the next purchase costs", async () => {
    standInStripe();
    const { browser } = await customer();
    const enter = (changes: Json) => submit(browser, HERE, "Save", changes);
    await enter(ENTERED);
    expect(await purchaseTotal(browser)).toBe("€100.00");
    await enter({ vat_id: "" });
    expect(await purchaseTotal(browser)).toBe("€119.00");
    await enter({ vat_id: ANOTHER_VALID });
    expect(await purchaseTotal(browser)).toBe("€100.00");
    await enter({ country: "NL", postal_code: "1012 LG", city: "Amsterdam" });
    expect(await purchaseTotal(browser)).toBe("€121.00");
    expect(await browser.page("/billing/credits")).toContain("The VAT of your country.");
  });
});

test("what Stripe does not take is saved and said, and what it did not hear is passed on later", async () => {
  const stripe = standInStripe();
  const { browser, ...organization } = await customer();
  stripe.controls.failNext({ kind: "500", times: 50 });
  const saved = await submit(browser, HERE, "Save", ENTERED);
  expect(saved.headers.get("Location")).toBe(`${HERE}?done=away`);
  expect(await browser.page(`${HERE}?done=away`)).toContain("It will be informed before the next purchase.");
  expect(await profileOf(organization)).toMatchObject({ company_name: "Example Handel GmbH" });
  stripe.controls.clearFaults();
  const bought = await ask(organization, "POST", "/purchases", {
    headers: { "Idempotency-Key": "later" },
    body: { net_cents: 5_000 },
  });
  expect(bought.status).toBe(201);
});

test("a viewer sees it, and may not change it", async () => {
  standInStripe();
  const organization = await newCustomer({ address: { ...BERLIN.address, line2: "Hof" } });
  const viewer = await visitor(organization, "viewer");
  const page = await viewer.page(HERE);
  expect(factsOf(page)).toMatchObject({
    ...{ "Name on invoices": "Example Handel GmbH", "Street and number": "Musterweg 1", Country: "Germany" },
    "Address line 2": "Hof",
    "VAT ID": `${VALID} Valid It is used for every purchase.`,
  });
  expect(page).not.toContain('name="company_name"');
  const empty = await (await visitor(await newOrganization(), "viewer")).page(HERE);
  expect(factsOf(empty)).toMatchObject({ "Name on invoices": "–", Country: "–" });
});

test.each([
  ["en", "This is a national number (RSIN), not a VAT ID. They look like NL123456789B01."],
  ["nl", "Dit is een nationaal nummer (RSIN), geen btw-nummer. Ze zien eruit als NL123456789B01."],
  ["de", "Das ist eine nationale Nummer (RSIN), keine USt-IdNr. Sie sehen aus wie NL123456789B01."],
] as const)(
  "a national number in the place of a VAT ID is named in %s, with how a VAT ID looks",
  async (language, said) => {
    standInStripe();
    const organization = await newOrganization();
    const browser = await visitor(organization, "owner", language);
    const fields = {
      ...ENTERED,
      postal_code: "1015 CJ",
      city: "Amsterdam",
      country: "NL",
      vat_id: "RSIN 004495445",
    };
    expect((await browser.post(HERE, fields)).status).toBe(303);
    expect(await browser.page(HERE)).toContain(said);
    const { vat_id } = await profileOf(organization);
    expect(vat_id.message).toContain("This looks like a national number (RSIN), not a VAT ID.");
  },
);
