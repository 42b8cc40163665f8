import { strict as assert } from "node:assert";
import { readFile } from "node:fs/promises";
import type { Promises } from "../../support/node/promises.ts";
import { until } from "../../support/until.ts";
import { Receiver } from "../events/receiver.ts";
import { factOf, textOf } from "./buying.ts";
import { Customer, type World } from "./customer.ts";

export const promisesOfCalls: Promises<World> = {
  "an alert reaches the endpoint while the call runs, and both stand on their pages": async (world) => {
    const customer = await Customer.create(world, 1);
    const receiver = await Receiver.start();
    const { page, open, leave } = await customer.signIn();
    await open("/webhooks");
    await page.getByLabel("Address").fill(receiver.url);
    await page.getByRole("button", { name: "Create endpoint" }).click();
    const secret = await textOf(page.locator("#new-secret"));
    assert.match(secret, /^whsec_/);
    await open("/alerts");
    await page.getByLabel("Measured in").selectOption("euros");
    await page.getByLabel("Less than").fill("1");
    await page.getByRole("button", { name: "Add alert" }).click();
    await page.getByText("Alert added").waitFor();
    await customer.beginCall("live-1");
    await open("");
    await customer.renewCall("live-1", 1, 5);
    await page.getByRole("row", { name: /\+31612345678/ }).waitFor();
    await open("/alerts");
    await page.getByRole("row", { name: /€1\.00.*Triggered/ }).waitFor();
    await open("/webhooks");
    await page.getByRole("link", { name: receiver.url }).click();
    assert.ok(!(await page.content()).includes(secret), "The secret is shown again.");
    const delivery = page.getByRole("row", { name: /balance\.low.*Delivered.*204/ });
    await delivery.waitFor();
    const before = receiver.requests;
    await delivery.getByRole("button", { name: "Send again: balance.low" }).click();
    await page.getByText("The event is sent again").waitFor();
    await until("the event to come again", () => receiver.requests > before);
    receiver.stop();
    await leave();
  },

  "the figures of a live call follow it by themselves, and the focus stays where it was": async (world) => {
    const customer = await Customer.create(world, 5);
    await customer.beginCall("live-2");
    const { page, open, leave } = await customer.signIn();
    await open("");
    const link = page.getByRole("link", { name: "Full ledger" });
    await link.focus();
    await customer.renewCall("live-2", 1, 5);
    await page.locator("[data-live=figures]", { hasText: "€4.99" }).waitFor();
    await page.locator("[data-live=calls]", { hasText: "0:05" }).waitFor();
    assert.ok(await link.evaluate((element) => element === document.activeElement));
    await leave();
  },

  "whoever runs out sees what to do, on every page, and it goes by itself with new credit": async (world) => {
    const customer = await Customer.create(world, 0.07);
    await customer.call("last", 60_000);
    await customer.rejectedCall("refused");
    const { page, open, leave } = await customer.signIn();
    for (const path of ["/usage", "/ledger", "/alerts", ""]) {
      await open(path);
      await page.getByRole("alert").getByText("Your credit is used up").waitFor();
      await page.getByRole("alert").getByRole("link", { name: "Add credits" }).waitFor();
    }
    await customer.addCredit(20);
    await page.getByRole("alert").waitFor({ state: "detached" });
    await page.locator("[data-live=figures]", { hasText: "€20.00" }).waitFor();
    await leave();
  },

  "a call is found by its number, has its receipt, and is in the file": async (world) => {
    const customer = await Customer.create(world, 5);
    await customer.call("one/of+many@node", 83_500);
    const { page, open, leave } = await customer.signIn();
    await open("/usage");
    await page.getByLabel("Phone number").fill("0031 6 1234 5678");
    await page.getByRole("button", { name: "Show" }).click();
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Download as CSV" }).click(),
    ]);
    const lines = (await readFile(await file.path(), "utf8")).trim().split("\r\n");
    assert.equal(lines.length, 2);
    assert.match(lines[1] ?? "", /^one\/of\+many@node,.*,0\.098,98000,EUR$/);
    await page.getByRole("rowheader").getByRole("link").click();
    assert.equal(await factOf(page, "Length"), "1:24");
    await page.getByRole("row", { name: /Taken from the balance.*€0\.098/ }).waitFor();
    await page.emulateMedia({ media: "print" });
    // The menu is not printed.
    await page.getByRole("navigation").first().waitFor({ state: "hidden" });
    await leave();
  },

  "a key is shown once, works, and stops at once when it is revoked": async (world) => {
    const customer = await Customer.create(world, 5);
    const { page, open, leave } = await customer.signIn();
    await open("/keys");
    await page.getByLabel("What is it for?").fill("Reporting");
    await page.getByRole("button", { name: "Create key" }).click();
    const key = await textOf(page.locator("#new-key"));
    const ask = async () =>
      (
        await fetch(`${world.server.base_url}/api/v1/account`, {
          headers: { authorization: `Bearer ${key}` },
        })
      ).status;
    assert.equal(await ask(), 200);
    await page.getByRole("link", { name: "I have copied it" }).click();
    assert.ok(!(await page.content()).includes(key), "The key is shown again.");
    const row = page.getByRole("row", { name: /Reporting/ });
    await row.getByText("Revoke…").click();
    await row.getByRole("button", { name: "Revoke this key" }).click();
    await page.getByText("The key is revoked").waitFor();
    assert.equal(await ask(), 401);
    await open("/audit");
    await page
      .getByRole("row", { name: /J\. Jansen.*Revoked/ })
      .first()
      .waitFor();
    await leave();
  },
};
