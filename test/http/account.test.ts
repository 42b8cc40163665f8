import { describe, expect, it } from "vitest";
import { api } from "../support/api/api";
import { adjust, adminKey, ask, authorize, call, newOrganization, node } from "../support/api/organizations";
import { stopClock } from "../support/clock";

const clock = stopClock();
const letTimePass = clock.pass;
const EUR = 1_000_000;

describe("an organization's account", () => {
  it("shows 500 minutes for EUR 35 at EUR 0.07", async () => {
    const organization = await newOrganization(35 * EUR, { email: "billing@example.com" });
    const { body } = await ask(organization, "GET", "/account");
    expect(body).toEqual({
      id: organization.id,
      company_name: "Example Voice B.V.",
      name: "Example Voice B.V.",
      email: "billing@example.com",
      state: "active",
      plan: "prepaid",
      minutes_balance: 500,
      credits_balance: 500,
      runway: null,
      monthly_usage_minutes: 0,
      active_calls: 0,
      active_numbers: 0,
      balance: {
        currency: "EUR",
        posted_micros: 35 * EUR,
        held_micros: 0,
        spendable_micros: 35 * EUR,
        remaining_micros: 35 * EUR,
      },
      created_at: new Date().toISOString(),
    });
  });

  it("leaves out the address that nobody has stated", async () => {
    const { body } = await ask(await newOrganization(), "GET", "/account");
    expect(body).not.toHaveProperty("email");
  });

  it("is the same under /organizations", async () => {
    const organization = await newOrganization(EUR);
    const account = await ask(organization, "GET", "/account");
    const alias = await ask(organization, "GET", "/organizations");
    expect(alias.body).toEqual(account.body);
  });

  it("counts live calls and numbers, and shows what they hold and have used", async () => {
    const organization = await newOrganization(EUR);
    const key = await adminKey();
    const path = "/api/v1/admin/numbers/+31201234567";
    await api("PUT", path, { key, body: { organization_id: organization.id } });
    await authorize(organization, "live");
    await node(organization, "live/answered");
    letTimePass(30_000);
    await node(organization, "live/renew", { request_number: 1, elapsed_seconds: 30 });
    const { body } = await ask(organization, "GET", "/account");
    expect(body).toMatchObject({ active_calls: 1, active_numbers: 1 });
    expect(body.balance.posted_micros).toBe(EUR);
    expect(body.balance.held_micros).toBeGreaterThan(35_000);
    expect(body.balance.spendable_micros).toBe(EUR - body.balance.held_micros);
    expect(body.balance.remaining_micros).toBe(EUR - 35_000);
    expect(body.minutes_balance).toBe(13.78);
  });

  it("rounds minutes down and never shows fewer than none", async () => {
    const organization = await newOrganization(69_999);
    const before = await ask(organization, "GET", "/account");
    expect(before.body.minutes_balance).toBe(0.99);
    await adjust(organization, -EUR);
    const after = await ask(organization, "GET", "/account");
    expect(after.body.minutes_balance).toBe(0);
    expect(after.body.balance.remaining_micros).toBe(69_999 - EUR);
  });

  it("counts minutes by the organization's own voice rate", async () => {
    const organization = await newOrganization(35 * EUR);
    await api("PUT", `/api/v1/admin/organizations/${organization.id}/rates/voice`, {
      key: await adminKey(),
      body: { price_micros_per_minute: 100_000, increments: "60/60" },
    });
    const { body } = await ask(organization, "GET", "/account");
    expect(body.minutes_balance).toBe(350);
  });

  it("counts the minutes of this calendar month only", async () => {
    clock.set("2030-11-30T22:00:00.000Z");
    const organization = await newOrganization(35 * EUR);
    await call(organization, "november", 60 * 60_000, { letTimePass });
    const november = await ask(organization, "GET", "/account");
    expect(november.body.monthly_usage_minutes).toBe(60);
    clock.set("2030-12-01T00:00:00.000Z");
    const december = await ask(organization, "GET", "/account");
    expect(december.body.monthly_usage_minutes).toBe(0);
  });
});

describe("an organization's ledger", () => {
  it("lists every change of the balance, the newest first, page by page", async () => {
    const organization = await newOrganization(EUR);
    await call(organization, "one", 60_000, { letTimePass });
    await adjust(organization, -1);
    const first = await ask(organization, "GET", "/ledger?limit=2");
    expect(first.body.has_more).toBe(true);
    const second = await ask(organization, "GET", `/ledger?limit=2&cursor=${first.body.next_cursor}`);
    const entries = [...first.body.entries, ...second.body.entries];
    expect(entries.map(({ kind, amount_micros }) => [kind, amount_micros])).toEqual([
      ["adjustment", -1],
      ["call", -70_000],
      ["adjustment", EUR],
    ]);
    expect(entries.map(({ balance_after_micros }) => balance_after_micros)).toEqual([
      EUR - 70_001,
      EUR - 70_000,
      EUR,
    ]);
    expect(second.body).toMatchObject({ has_more: false, next_cursor: null });
  });
});
