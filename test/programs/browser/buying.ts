import type { Locator, Page } from "playwright-core";

/** Who buys, as it is typed into the form. */
export interface Buyer {
  kind: "A business" | "A person";
  name: string;
  country: string;
  postal_code: string;
  city: string;
  vat_id?: string;
}

export const DUTCH_BUSINESS: Buyer = {
  kind: "A business",
  name: "Meridian Telefonie B.V.",
  country: "NL",
  postal_code: "1012 JS",
  city: "Amsterdam",
};

/** Test cards, by the label beside them on the page of payment. */
export const CARDS = {
  good: "4242424242424242",
  declined: "4000000000000002",
  asks_bank: "4000002760003184",
};

/** Fills in the billing information that is on the page, and saves it. */
export async function stateBuyer(page: Page, buyer: Buyer): Promise<void> {
  await page.getByLabel(buyer.kind).check();
  await page.getByLabel("Name on invoices").fill(buyer.name);
  await page.getByLabel("Street and number").fill("Damrak 1");
  await page.getByLabel("Postal code").fill(buyer.postal_code);
  await page.getByLabel("City").fill(buyer.city);
  await page.getByLabel("Country").selectOption(buyer.country);
  await page.getByLabel("VAT ID").fill(buyer.vat_id ?? "");
  await page.getByRole("button", { name: "Save" }).click();
}

/** Pays on the page of payment with a card. */
export async function payWith(page: Page, card: string): Promise<void> {
  await page.getByLabel("Card number").fill(card);
  await page.getByRole("button", { name: /^Pay / }).click();
}

/** What stands in a list of names and values beside a name. */
export async function factOf(page: Page, name: string): Promise<string> {
  const value = page.locator("dt", { hasText: name }).first().locator("xpath=following-sibling::dd[1]");
  return textOf(value);
}

/** The text of one thing on the page, white space folded. */
export async function textOf(thing: Locator): Promise<string> {
  return ((await thing.textContent()) ?? "").replace(/\s+/g, " ").trim();
}
