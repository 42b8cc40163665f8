import { strict as assert } from "node:assert";
import type { Locator, Page } from "playwright-core";
import type { Promises } from "../../support/node/promises.ts";
import { until } from "../../support/until.ts";
import { CARDS, DUTCH_BUSINESS, factOf, payWith, stateBuyer } from "./buying.ts";
import { Customer, type World } from "./customer.ts";
import { openVisitor } from "./visitor.ts";

const MOST_TABS = 90;

/** Presses Tab until a thing has the focus, and fails when that cannot be seen or never comes. */
async function tabTo(page: Page, thing: Locator): Promise<void> {
  for (let presses = 0; presses < MOST_TABS; presses++) {
    if (await thing.evaluate((element) => element === document.activeElement)) {
      const outline = await thing.evaluate((element) => getComputedStyle(element).outlineStyle);
      assert.notEqual(outline, "none", `The focus on ${thing} cannot be seen.`);
      return;
    }
    await page.keyboard.press("Tab");
  }
  throw new Error(`${MOST_TABS} presses of Tab do not lead to ${thing}.`);
}

/** A browser gives the focus to `autofocus` with its next frame, which may come after the element is seen. */
function untilFocused(thing: Locator): Promise<unknown> {
  return until(`the focus on ${thing}`, () =>
    thing.evaluate((element) => element === document.activeElement),
  );
}

export const promisesOfAccess: Promises<World> = {
  "credit is bought with the keyboard alone, and one sees where one is": async (world) => {
    const customer = await Customer.create(world);
    const { page, open, leave } = await customer.signIn();
    await open("/information?next=credits&amount=25");
    await tabTo(page, page.getByLabel("Street and number"));
    await page.keyboard.type("Damrak 1");
    await tabTo(page, page.getByLabel("Postal code"));
    await page.keyboard.type("1012 JS");
    await tabTo(page, page.getByLabel("City"));
    await page.keyboard.type("Amsterdam");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await tabTo(page, page.getByRole("link", { name: "Skip to content" }));
    await page.keyboard.press("Enter");
    await tabTo(page, page.getByRole("link", { name: /€10\.00/ }));
    await page.keyboard.press("Enter");
    await tabTo(page, page.getByRole("button", { name: "Pay €12.10" }));
    await page.keyboard.press("Enter");
    await page.getByLabel("Card number").focus();
    await page.keyboard.type(CARDS.good);
    await page.keyboard.press("Enter");
    await page.getByText("Your credit has been added").waitFor();
    await leave();
  },

  "a form that is wrong takes the focus to what is wrong, and keeps what was typed": async (world) => {
    const customer = await Customer.create(world);
    const { page, open, leave } = await customer.signIn();
    await open("/information");
    await stateBuyer(page, { ...DUTCH_BUSINESS, city: "" });
    const summary = page.getByRole("alert").filter({ hasText: "Please correct the following" });
    await untilFocused(summary);
    await summary.getByRole("link", { name: /city/ }).click();
    await untilFocused(page.getByLabel("City"));
    assert.equal(await page.getByLabel("Postal code").inputValue(), DUTCH_BUSINESS.postal_code);
    await leave();
  },

  "without scripts everything works: buying, waiting for the money, alerts, keys, another language": async (
    world,
  ) => {
    const customer = await Customer.create(world);
    const { page, open, leave } = await customer.signIn({ without_scripts: true });
    await open("/information?next=credits&amount=10");
    await stateBuyer(page, DUTCH_BUSINESS);
    await page.getByRole("button", { name: "Pay €12.10" }).click();
    const pay_url = page.url();
    await page.getByRole("link", { name: "Back without paying" }).click();
    await page.getByText("Not paid yet", { exact: true }).waitFor();
    await fetch(pay_url, {
      method: "POST",
      body: new URLSearchParams({ card: CARDS.good }),
      redirect: "manual",
    });
    await page.getByText("Your credit has been added").waitFor();
    assert.equal(await factOf(page, "Balance now"), "€10.00");
    await open("/alerts");
    await page.getByLabel("Less than").fill("30");
    await page.getByRole("button", { name: "Add alert" }).click();
    await page.getByRole("row", { name: /30 minutes of calls.*Active/ }).waitFor();
    await open("/keys");
    // Not the key that let this person in: whoever revokes that one is signed out with it.
    await page.getByLabel("What is it for?").fill("Spare");
    await page.getByRole("button", { name: "Create key" }).click();
    await page.getByRole("link", { name: "I have copied it" }).click();
    const row = page.getByRole("row", { name: /Spare/ });
    await row.getByText("Revoke…").click();
    await row.getByRole("button", { name: "Revoke this key" }).click();
    await page.getByText("The key is revoked").waitFor();
    await page.getByRole("button", { name: "Deutsch" }).click();
    await page.getByRole("heading", { level: 1, name: "API-Schlüssel" }).waitFor();
    await page.getByRole("button", { name: "Abmelden" }).click();
    await page.getByText("Sie haben sich abgemeldet").waitFor();
    await leave();
  },

  "a link lets in once; whoever uses it again is told where to get a new one": async (world) => {
    const customer = await Customer.create(world);
    const link = await customer.link();
    const first = await openVisitor(world);
    await first.page.goto(link);
    await first.page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    const second = await openVisitor(world);
    await second.page.goto(link);
    await second.page.getByText("This link was used before").waitFor();
    const back = second.page.getByRole("link", { name: "Back to your platform" });
    assert.equal(await back.getAttribute("href"), "https://platform.example/settings");
    await first.leave();
    await second.leave();
  },

  "who may only look sees everything and is offered nothing that would be refused": async (world) => {
    const customer = await Customer.create(world, 0.01);
    const { page, open, leave } = await customer.signIn({ role: "viewer" });
    for (const path of ["", "/credits", "/information", "/auto-top-up", "/alerts", "/webhooks", "/keys"]) {
      await open(path);
      await page.getByText("You can view everything here.").waitFor();
      const forms = await page.locator("main form[method=post]").count();
      assert.equal(forms, 0, `${path} offers a form.`);
    }
    await leave();
  },

  "a second press of the button while the first is on its way buys once": async (world) => {
    const customer = await Customer.create(world);
    const { page, open, leave } = await customer.signIn();
    await open("/information?next=credits&amount=10");
    await stateBuyer(page, DUTCH_BUSINESS);
    await page.getByRole("button", { name: "Pay €12.10" }).dblclick();
    await payWith(page, CARDS.good);
    await page.getByText("Your credit has been added").waitFor();
    await open("/credits");
    assert.equal(await page.getByRole("row", { name: /€10\.00/ }).count(), 1);
    await leave();
  },
};
