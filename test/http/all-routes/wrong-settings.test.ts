import { beforeAll, describe, expect, test } from "vitest";
import { PORTAL_PAGES } from "../../../src/access/portal-sessions";
import { pathOf } from "../../../src/dashboard/layout";
import type { Bindings } from "../../../src/env";
import { api } from "../../support/api/api";
import { newOrganization, type TestOrganization } from "../../support/api/organizations";
import { visitor } from "../../support/dashboard/visitor";

/** Every setting that calls do not need, wrong. */
const WRONG: Partial<Bindings> = {
  TIME_ZONE: "Mars/Olympus",
  CHECKOUT_ORIGIN: "pay",
  PUBLIC_URL: "billing.example.com",
  SELLER_COUNTRY: "GB",
  SELLER_VAT_ID: "1",
  VAT_ID_CHECKER: "both",
  PURCHASE_MIN_CENTS: "ten",
  PURCHASE_MAX_CENTS: "ten",
  STRIPE_SECRET_KEY: "pk",
  STRIPE_WEBHOOK_SECRET: "short",
  STRIPE_API_URL: "stripe",
  DEFAULT_COUNTRY: "holland",
  EMERGENCY_NUMBERS: "police",
  SHORT_CODES: "sales",
  CLOSED_RISK_GROUPS: "all",
  MAX_PRICE_MICROS_PER_MINUTE: "dear",
  DIALER_URL: "dialer",
  DIALER_SECRET: "short",
  DIALER_TIMEOUT_MS: "soon",
  DIALER_SIP_HOSTS: "sip:x@y",
  WEBHOOK_LOCALHOST: "yes",
  WEBHOOK_RESOLVER_URL: "dns",
};
const WITHOUT_SALES: ReadonlySet<string> = new Set([
  ...["overview", "usage", "ledger", "alerts", "webhooks", "keys", "audit"],
]);

let organization: TestOrganization;
let calls = 0;

beforeAll(async () => {
  organization = await newOrganization(10_000_000);
});

/** A node's request, while some settings are wrong. */
async function node(what: string, body: object, bindings: Partial<Bindings>) {
  const { edge_key: key, id: organization_id } = organization;
  return api("POST", `/api/v1/edge/calls/${what}`, { key, body: { organization_id, ...body }, bindings });
}

const EACH: [name: string, wrong: Partial<Bindings>][] = [
  ...Object.entries(WRONG).map(([name, value]): [string, Partial<Bindings>] => [name, { [name]: value }]),
  ["every one that calls do not need", WRONG],
];

describe.each(EACH)("%s wrong", (name, bindings) => {
  test("stops no call, and the Worker is healthy and says what is wrong", async () => {
    const call_id = `wrong-${calls++}`;
    const call = { call_id, direction: "outbound", from: "+31201234567", to: "+31207654321" };
    expect((await node("authorize", call, bindings)).body.decision).toBe("allow");
    const renewed = await node(`${call_id}/renew`, { request_number: 1, elapsed_seconds: 1 }, bindings);
    expect(renewed.status).toBe(200);
    const settled = await node(`${call_id}/settle`, { duration_ms: 1_000, end_reason: "hangup" }, bindings);
    expect(settled.status).toBe(200);
    expect((await api("GET", "/api/v1/account", { key: organization.key, bindings })).status).toBe(200);
    const { body } = await api("GET", "/health", { bindings });
    expect(body.status).toBe("ok");
    const expected = name in WRONG ? [name] : Object.keys(WRONG);
    // Without the dialer's address, or the key to Stripe, nobody looks at the rest of theirs.
    const not_read = /^DIALER_TIMEOUT|^DIALER_SIP/;
    expect(body.wrong_settings).toEqual(
      expect.arrayContaining(expected.filter((each) => !not_read.test(each))),
    );
  });

  test("leaves the pages that do not sell, and those that do say that something is wrong", async () => {
    const browser = await visitor(organization);
    for (const page of PORTAL_PAGES) {
      const answer = await browser.with(bindings).get(pathOf(page));
      const text = await answer.text();
      if (WITHOUT_SALES.has(page)) expect([page, answer.status]).toEqual([page, 200]);
      else expect([200, 500]).toContain(answer.status);
      expect(text).toContain("<h1");
      if (page === "overview") expect(text).toContain("Europe/Amsterdam");
    }
  });
});

test("a setting that calls need stops everything, and pages say that something is wrong here", async () => {
  const browser = await visitor(organization);
  const answer = await browser.with({ KEY_SECRETS: "1:short" }).get("/billing");
  expect([answer.status, await answer.text()]).toEqual([500, expect.stringContaining("<h1")]);
  expect(answer.headers.get("Content-Security-Policy")).toContain("default-src 'none'");
});
