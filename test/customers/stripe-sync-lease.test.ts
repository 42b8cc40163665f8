import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import type { TestOrganization } from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { textOf } from "../support/dashboard/html";
import { visitor } from "../support/dashboard/visitor";
import { buy, newBuyer } from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** What a run leaves behind that died with the right to change the customer. */
async function diedWithTheRight({ id }: TestOrganization, changes = ""): Promise<void> {
  await env.DB.prepare(`UPDATE billing_profiles SET sync_until_ms = ?${changes} WHERE organization_id = ?`)
    .bind(Date.now() + 10_000, id)
    .run();
}

test("a crash in the middle of a purchase blocks the next one for ten seconds at most, and it is told for what it waits", async () => {
  standInStripe();
  const buyer = await newBuyer();
  const clock = stopClock();
  await diedWithTheRight(buyer, ", version = version + 1");
  const waiting = await buy(buyer);
  expect(waiting.status).toBe(503);
  expect(waiting.body.error).toMatchObject({ code: "payments_unavailable" });
  expect(waiting.body.error.message).toContain("being handed over");
  clock.pass(10_001);
  expect((await buy(buyer)).status).toBe(201);
});

test.each([
  ["en", "Your billing information is still being passed on", "Please try again in ten seconds"],
  ["nl", "Uw factuurgegevens worden nog doorgegeven", "Probeer het over tien seconden opnieuw"],
  [
    "de",
    "Ihre Rechnungsdaten werden noch übermittelt",
    "Bitte versuchen Sie es in zehn Sekunden noch einmal",
  ],
] as const)("the dashboard says in %s for what a purchase or a card waits", async (language, title, then) => {
  standInStripe();
  const buyer = await newBuyer();
  stopClock();
  const browser = await visitor(buyer, "owner", language);
  await diedWithTheRight(buyer, ", version = version + 1");
  const answers = await Promise.all([
    browser.post("/billing/credits", { amount: "50", request_key: "key_of_one_form" }),
    browser.post("/billing/auto-top-up/card", {}),
  ]);
  for (const answer of answers) {
    expect(answer.status).toBe(503);
    const text = textOf(await answer.text());
    expect(text).toContain(title);
    expect(text).toContain(then);
  }
});

test("a purchase for which nothing has to be handed over takes no right, and waits for nobody", async () => {
  standInStripe();
  const buyer = await newBuyer();
  const statements = vi.spyOn(env.DB, "prepare");
  const bought = await Promise.all([buy(buyer), buy(buyer), buy(buyer)]);
  expect(bought.map(({ status }) => status)).toEqual([201, 201, 201]);
  expect(statements.mock.calls.filter(([query]) => /update "billing_profiles"/.test(query))).toEqual([]);
});
