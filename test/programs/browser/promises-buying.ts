import { strict as assert } from "node:assert";
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import type { Promises } from "../../support/node/promises.ts";
import { CARDS, DUTCH_BUSINESS, factOf, payWith, stateBuyer, textOf } from "./buying.ts";
import { Customer, type World } from "./customer.ts";

const NEWCOMER_LIMIT_MS = 120_000;

/** From the page of payment on, until the page says how it ended. */
const resultOf = (page: Page, title: string) => page.getByText(title, { exact: true }).waitFor();

export const promisesOfBuying: Promises<World> = {
  "a newcomer without credit is led to credit, invoice and PDF by what the pages say": async (world) => {
    const customer = await Customer.create(world);
    const began_ms = Date.now();
    const { page, leave } = await customer.signIn();
    await page.getByText("Your credit is used up").waitFor();
    await page.getByRole("main").getByRole("link", { name: "Add credits" }).click();
    await page.getByRole("link", { name: "Enter billing information" }).click();
    await stateBuyer(page, DUTCH_BUSINESS);
    await page.getByRole("link", { name: /€25\.00/ }).click();
    assert.equal(await factOf(page, "VAT 21%"), "€5.25");
    assert.equal(await factOf(page, "Total"), "€30.25");
    await page.getByRole("button", { name: "Pay €30.25" }).click();
    await payWith(page, CARDS.good);
    await resultOf(page, "Your credit has been added");
    assert.equal(await factOf(page, "Balance now"), "€25.00");
    const took_ms = Date.now() - began_ms;
    assert.ok(took_ms < NEWCOMER_LIMIT_MS, `It took ${took_ms} ms.`);
    await page.getByRole("link", { name: "To the invoices" }).click();
    const row = page.getByRole("row").nth(1);
    for (const text of ["€25.00", "€5.25", "€30.25", "Paid"]) assert.ok((await textOf(row)).includes(text));
    const [file] = await Promise.all([page.waitForEvent("download"), row.getByRole("link").click()]);
    const number = await textOf(row.getByRole("rowheader"));
    assert.equal(file.suggestedFilename(), `${number}.pdf`);
    assert.ok((await readFile(await file.path())).toString("latin1").startsWith("%PDF-"));
    await leave();
  },

  "a card that is declined says so, and another one pays the same purchase once": async (world) => {
    const customer = await Customer.create(world);
    const { page, open, leave } = await customer.signIn();
    await open("/information?next=credits&amount=10");
    await stateBuyer(page, DUTCH_BUSINESS);
    await page.getByRole("button", { name: "Pay €12.10" }).click();
    await payWith(page, CARDS.declined);
    await page.getByText("Your card was declined.").waitFor();
    await payWith(page, CARDS.good);
    await resultOf(page, "Your credit has been added");
    assert.equal(await factOf(page, "Balance now"), "€10.00");
    await leave();
  },

  "a card of which the bank asks brings nothing when refused, and credit when confirmed": async (world) => {
    const customer = await Customer.create(world);
    const { page, open, leave } = await customer.signIn();
    await open("/information?next=credits&amount=10");
    await stateBuyer(page, DUTCH_BUSINESS);
    await page.getByRole("button", { name: "Pay €12.10" }).click();
    await payWith(page, CARDS.asks_bank);
    await page.getByRole("button", { name: "No, refuse" }).click();
    await page.getByText("We are unable to authenticate your payment method.").waitFor();
    await payWith(page, CARDS.asks_bank);
    await page.getByRole("button", { name: "Yes, approve" }).click();
    await resultOf(page, "Your credit has been added");
    assert.equal(await factOf(page, "Balance now"), "€10.00");
    await leave();
  },

  "who leaves the page of payment is told that nothing was paid, and can go on": async (world) => {
    const customer = await Customer.create(world);
    const { page, open, leave } = await customer.signIn();
    await open("/information?next=credits&amount=10");
    await stateBuyer(page, DUTCH_BUSINESS);
    await page.getByRole("button", { name: "Pay €12.10" }).click();
    await page.getByRole("link", { name: "Back without paying" }).click();
    await resultOf(page, "Not paid yet");
    await page.getByRole("link", { name: "To the payment page" }).click();
    await payWith(page, CARDS.good);
    await resultOf(page, "Your credit has been added");
    await leave();
  },

  "another country and a VAT ID change the tax of the next purchase, and say why": async (world) => {
    const customer = await Customer.create(world);
    const { page, open, leave } = await customer.signIn();
    const berlin = { ...DUTCH_BUSINESS, country: "DE", postal_code: "10117", city: "Berlin" };
    await open("/information?next=credits&amount=50");
    await stateBuyer(page, berlin);
    assert.equal(await factOf(page, "VAT 19%"), "€9.50");
    await open("/information?next=credits&amount=50");
    await stateBuyer(page, { ...berlin, vat_id: "DE123456789" });
    await page.getByText("Your VAT ID is not valid for your address").waitFor();
    assert.equal(await factOf(page, "Total"), "€59.50");
    await open("/information?next=credits&amount=50");
    await stateBuyer(page, { ...berlin, vat_id: "DE 136 695 976" });
    await page.getByText("Reverse charge").first().waitFor();
    assert.equal(await factOf(page, "Total"), "€50.00");
    await open("/information");
    assert.match(await factOf(page, "VAT ID"), /^DE136695976 Valid/);
    await leave();
  },
};
