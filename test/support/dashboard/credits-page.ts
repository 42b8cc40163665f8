import type { Json } from "../api/api";
import { ask, type TestOrganization } from "../api/organizations";
import { filledIn, formOf } from "./html";
import type { Visitor } from "./visitor";

export const CREDITS = "/billing/credits";

/** The form that leads to the page of payment for an amount, with its fields. The browser's language is English. */
export async function paymentForm(
  browser: Visitor,
  amount: string,
): Promise<[name: string, value: string][]> {
  const page = await browser.page(`${CREDITS}?amount=${encodeURIComponent(amount)}`);
  const [, button = ""] = /type="submit">(Pay [^<]*)</.exec(page) ?? [];
  return filledIn(formOf(page, button), {});
}

/** The newest first. */
export async function purchasesOf(organization: TestOrganization): Promise<Json[]> {
  return (await ask(organization, "GET", "/purchases")).body.purchases;
}
