import { exports } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { app } from "../../../src/http/app";
import { OrganizationLedger } from "../../../src/index";
import { api } from "../../support/api/api";
import { ask, newOrganization } from "../../support/api/organizations";
import { ORIGIN, open, portalLink, visitor } from "../../support/dashboard/visitor";
import { unasked_stores } from "../../support/failures/failing-stores";
import { buyAndPay, newBuyer, returnQuery } from "../../support/purchases/buying";
import { standInStripe } from "../../support/purchases/stripe";

let last = 0;
/** An address that nobody has come from yet. */
const newAddress = () => `192.0.2.${++last}`;

const get = (path: string, address: string, headers: Record<string, string> = {}) =>
  exports.default.fetch(`${ORIGIN}${path}`, {
    redirect: "manual",
    headers: { "CF-Connecting-IP": address, ...headers },
  });

/** Asks until there is another answer than the first; answers how often, and what came then. */
async function untilOther(
  request: () => Promise<Response>,
  most: number,
): Promise<[times: number, status: number]> {
  const first = (await request()).status;
  for (let times = 1; times < most; times++) {
    const { status } = await request();
    if (status !== first) return [times, status];
  }
  return [most, first];
}

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("an address that leads back from Stripe", () => {
  const QUERIES = async (id: string, purchase_id: string): Promise<[path: string, query: object][]> => {
    const [of_card, of_purchase] = [
      await returnQuery(`payment_method/${id}`),
      await returnQuery(`purchases/${purchase_id}`),
    ];
    const card = "payment_method/return";
    const purchase = `purchases/${purchase_id}/return`;
    const session_id = "cs_test_1";
    const forged = `1${"0".repeat(32)}`;
    return [
      [card, { session_id }],
      [card, { session_id, organization_id: id }],
      [card, { session_id, organization_id: id, seal: forged }],
      [card, { session_id, organization_id: id, seal: of_purchase.seal }],
      [card, { session_id, seal: of_card.seal }],
      [purchase, {}],
      [purchase, { session_id }],
      [purchase, { session_id, seal: forged }],
      [purchase, { session_id, seal: of_card.seal }],
    ];
  };

  test("asks nobody, neither Stripe nor a store, before it has shown that it is ours", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    const { purchase_id } = await buyAndPay(stripe, buyer);
    vi.mocked(globalThis.fetch).mockClear();
    for (const [path, query] of await QUERIES(buyer.id, purchase_id)) {
      const url = `${ORIGIN}/api/v1/${path}?${new URLSearchParams(query as Record<string, string>)}`;
      expect([url, (await app.fetch(new Request(url), unasked_stores)).status]).toEqual([url, 404]);
    }
    expect(globalThis.fetch).not.toHaveBeenCalled();
  });

  test("leads to pages of its own organization only", async () => {
    const stripe = standInStripe();
    const [one, other] = [await newBuyer(), await newBuyer()];
    const made = await ask(one, "POST", "/payment_method/setup", { body: {} });
    const session_id = /cs_\w+/.exec(made.body.url)?.[0] ?? "";
    stripe.controls.payCheckout(session_id, { card: "4242424242424242" });
    const back = async (id: string) => {
      const query = new URLSearchParams({ ...(await returnQuery(`payment_method/${id}`)), session_id });
      return (await get(`/api/v1/payment_method/return?${query}`, newAddress())).status;
    };
    expect([await back(other.id), await back(one.id)]).toEqual([404, 200]);
  });

  test("can be used once a second", async () => {
    standInStripe();
    const { id } = await newOrganization();
    const query = new URLSearchParams({ ...(await returnQuery(`payment_method/${id}`)), cancelled: "true" });
    const come = () => get(`/api/v1/payment_method/return?${query}`, newAddress());
    expect(await untilOther(come, 100)).toEqual([60, 429]);
  });
});

describe("without a key, one address may ask a hundred times in ten seconds", () => {
  test.each(["/health", "/api/docs/style.css", "/api/nothing", "/nothing", "/api/v1/account", "/billing"])(
    "for %s",
    async (path) => {
      const address = newAddress();
      expect((await untilOther(() => get(path, address), 200))[1]).toBe(429);
      const refused = await get(path, address);
      expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
      expect((await get(path, newAddress())).status).not.toBe(429);
    },
  );

  test.each(["/billing/alerts", "/billing/%ff"])("also for what is no form, sent to %s", async (path) => {
    const address = newAddress();
    const send = () =>
      exports.default.fetch(ORIGIN + path, {
        method: "POST",
        body: "{}",
        headers: { "CF-Connecting-IP": address, "Content-Type": "text/plain" },
      });
    expect((await untilOther(send, 200))[1]).toBe(429);
  });

  test("an IPv6 network is one address, its neighbour another", async () => {
    let host = 0;
    const ask = () => get("/health", `2001:db8:0:7::${(++host).toString(16)}`);
    expect((await untilOther(ask, 200))[1]).toBe(429);
    expect((await get("/health", "2001:0DB8::8:0:0:0:1")).status).toBe(200);
  });

  test("wrong keys count, and do not stop a good one from the same address", async () => {
    const organization = await newOrganization();
    const address = newAddress();
    const forged = organization.key.slice(0, -1) + (organization.key.endsWith("0") ? "1" : "0");
    const path = "/api/v1/account";
    const withKey = (key: string) => () => get(path, address, { Authorization: `Bearer ${key}` });
    expect((await untilOther(withKey(forged), 200))[1]).toBe(429);
    expect((await withKey(organization.key)()).status).toBe(200);
  });
});

test("a key that was revoked is not a way to make its ledger work", async () => {
  const organization = await newOrganization();
  const { body } = await ask(organization, "POST", "/api_keys", {
    body: { label: "lost", scopes: ["read"] },
  });
  await ask(organization, "DELETE", `/api_keys/${body.id}`);
  const asked = vi.spyOn(OrganizationLedger.prototype, "account");
  for (let time = 0; time < 5; time++) {
    const answer = await api("GET", "/api/v1/account", { key: body.key });
    expect(answer).toMatchObject({ status: 401, body: { error: { code: "api_key_revoked" } } });
  }
  expect(asked.mock.calls.length).toBeLessThanOrEqual(1);
});

describe("signing in", () => {
  test("by links of ours is never stopped by how many come from an address", async () => {
    const organization = await newOrganization();
    const address = newAddress();
    for (let person = 0; person < 30; person++) {
      const link = await portalLink(organization);
      expect((await open(link, { "CF-Connecting-IP": address })).status).toBe(303);
    }
    expect((await untilOther(() => get("/billing/enter/wrong", address), 30))[1]).toBe(429);
    expect((await open(await portalLink(organization), { "CF-Connecting-IP": address })).status).toBe(303);
  });

  test("by one link can be tried twenty times a minute", async () => {
    const link = await portalLink(await newOrganization());
    await open(link);
    expect(await untilOther(() => open(link), 30)).toEqual([19, 429]);
  });

  test("keeps a session going that others of its address cannot stop", async () => {
    const browser = await visitor(await newOrganization());
    const address = newAddress();
    expect((await untilOther(() => get("/billing", address), 200))[1]).toBe(429);
    expect((await browser.get("/billing", { "CF-Connecting-IP": address })).status).toBe(200);
  });
});
