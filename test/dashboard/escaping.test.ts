import { beforeAll, describe, expect, test, vi } from "vitest";
import { api, type Json } from "../support/api/api";
import {
  adjust,
  adminKey,
  ask,
  authorize,
  call,
  newOrganization,
  node,
  type TestOrganization,
} from "../support/api/organizations";
import { enteredIn, linksOf, textOf } from "../support/dashboard/html";
import { ORIGIN, open, portalLink, type Visitor, visitor } from "../support/dashboard/visitor";
import { buy } from "../support/purchases/buying";
import { standInStripeForFile } from "../support/purchases/stripe";

/** Text that is markup wherever it is not made harmless: in text, in attributes of either quote, and in scripts. */
const HOSTILE = `"'><script>alert(1)</script><img src=x onerror=alert(2)>&lt;`;
const RETURN_URL = `https://app.example.com/?"'><script>alert(1)</script>`;

standInStripeForFile();
let organization: TestOrganization;
let pages: [path: string, shows: number][];
const people = new Map<string, Visitor>();

/** An organization in which everything that somebody may write is hostile. */
beforeAll(async () => {
  organization = await newOrganization(1_000_000, { company_name: HOSTILE });
  const person = { user: { id: HOSTILE, name: HOSTILE }, return_url: RETURN_URL };
  for (const language of ["en", "nl", "de"] as const)
    people.set(language, await visitor(organization, "owner", language, person));
  await call(organization, HOSTILE, 6_000, {
    authorized: { from: HOSTILE, to: HOSTILE },
    settled: { end_reason: HOSTILE },
  });
  await authorize(organization, `live ${HOSTILE}`, { from: HOSTILE, to: HOSTILE });
  await node(organization, `${encodeURIComponent(`live ${HOSTILE}`)}/answered`);
  await api("POST", `/api/v1/admin/organizations/${organization.id}/adjustments`, {
    key: await adminKey(),
    headers: { "Idempotency-Key": "hostile" },
    body: { amount_micros: 1_000_000, reason: HOSTILE, kind: "promotion" },
  });
  await adjust(organization, 1);
  await save({
    company_name: HOSTILE,
    is_business: true,
    vat_id: '"><b>',
    address: {
      line1: HOSTILE,
      line2: HOSTILE,
      postal_code: '"><b>',
      city: HOSTILE,
      region: HOSTILE,
      country: "BE",
    },
  });
  const made = await ask(organization, "POST", "/webhook_endpoints", {
    body: { url: `https://hooks.example.com/?q="'><script>alert(1)</script>`, description: HOSTILE },
  });
  await ask(organization, "POST", "/api_keys", { body: { label: HOSTILE, scopes: ["read"] } });
  const purchase = await buy(organization);
  const owner = people.get("en");
  await owner?.post("/billing/keys", {
    request_key: "a-form-of-a-key",
    label: HOSTILE,
    scopes: "read",
  });
  await vi.waitFor(async () =>
    expect(await owner?.page("/billing/usage")).toContain("/billing/usage/calls/"),
  );
  const receipt = (id: string) => `/billing/usage/calls/${encodeURIComponent(id)}`;
  pages = [
    ["/billing", 3],
    ["/billing/credits", 2],
    ["/billing/credits?amount=50", 2],
    [`/billing/credits/result?purchase_id=${purchase.body.id}`, 2],
    ["/billing/usage", 4],
    [receipt(HOSTILE), 6],
    [receipt(`live ${HOSTILE}`), 5],
    ["/billing/ledger", 4],
    ["/billing/invoices", 2],
    ["/billing/information", 2],
    ["/billing/auto-top-up", 2],
    ["/billing/alerts", 2],
    ["/billing/webhooks", 3],
    [`/billing/webhooks/${made.body.id}`, 2],
    ["/billing/keys", 4],
    ["/billing/audit", 4],
  ];
});

async function save(body: Json): Promise<void> {
  const saved = await ask(organization, "PUT", "/billing_profile", { body });
  expect([saved.status, saved.body.error]).toEqual([200, undefined]);
}

/** That a page has no markup but its own. */
function expectHarmless(html: string): void {
  for (const markup of ["<script>alert", "<img src=x", `"'>`, `"><b>`]) expect(html).not.toContain(markup);
  expect(html.match(/<script[ >]/g)).toHaveLength(1);
  const without_values = html.replace(/="[^"]*"/g, '=""');
  expect(without_values.match(/<[^>]* on\w+=/gi)).toBeNull();
  for (const [href] of linksOf(html)) expect(href).toMatch(/^(https:\/\/|\/|\?|#)/);
}

describe("whatever people write", () => {
  test.each(["en", "nl", "de"] as const)("is text in every page, never markup (%s)", async (language) => {
    for (const [path, shows] of pages) {
      const html = (await people.get(language)?.page(path)) ?? "";
      expectHarmless(html);
      // The name of the organization and of the person, and what the page is about.
      const shown = textOf(html).split("<script>alert(1)</script>").length - 1;
      expect([path, shown >= shows]).toEqual([path, true]);
      expect(linksOf(html).map(([href]) => href)).toContain(RETURN_URL);
    }
  });

  test("stays what was typed where it is asked for again", async () => {
    const browser = people.get("en");
    const asked: [path: string, field: string][] = [
      ["/billing/credits?amount=", "amount"],
      ["/billing/usage?from=", "from"],
      ["/billing/usage?to=", "to"],
      ["/billing/usage?number=", "number"],
    ];
    for (const [path, field] of asked) {
      const html = await (await browser?.get(path + encodeURIComponent(HOSTILE)))?.text();
      expectHarmless(html ?? "");
      expect(enteredIn(html ?? "", field)).toBe(HOSTILE);
    }
    for (const [path, fields] of [
      [
        "/billing/information",
        { company_name: "", line1: HOSTILE, city: HOSTILE, country: HOSTILE, email: HOSTILE },
      ],
      ["/billing/alerts", { kind: HOSTILE, amount: HOSTILE }],
      ["/billing/credits", { amount: HOSTILE, request_key: HOSTILE }],
      ["/billing/keys", { request_key: "a-form-of-a-key", label: HOSTILE, expires: HOSTILE }],
      ["/billing/webhooks", { request_key: "a-form-of-an-endpoint", url: HOSTILE, events: HOSTILE }],
    ] as const) {
      const answer = await browser?.post(path, fields as unknown as Record<string, string>);
      expect([path, answer?.status]).toEqual([path, 422]);
      const html = (await answer?.text()) ?? "";
      expectHarmless(html);
      expect(html).toContain("&quot;&#39;&gt;&lt;script&gt;");
    }
  });

  test("is text in pages that say what is wrong", async () => {
    const browser = people.get("en");
    const paths = [
      "/billing/<script>alert(1)</script>",
      `/billing/usage/calls/${encodeURIComponent(HOSTILE)}x`,
    ];
    for (const path of [...paths, "/billing/webhooks/<script>", "/billing?x=<script>alert(1)</script>"])
      expectHarmless((await (await browser?.get(path))?.text()) ?? "");
    const link = await portalLink(organization, { return_url: RETURN_URL });
    await open(link);
    const used = await (await open(link)).text();
    expectHarmless(used);
    expect(linksOf(used).map(([href]) => href)).toContain(RETURN_URL);
    const headers = { Cookie: "__Host-ringfence=<script>alert(1)</script>", "Accept-Language": "<script>" };
    expectHarmless(await (await open(`${ORIGIN}/billing`, headers)).text());
  });
});

test("a way back is to a page, and to nothing that would run here", async () => {
  const body = { user: { id: "user-1", name: "N" }, role: "owner" };
  const wrong = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//https://a.example",
    "data:text/html,x",
    "//evil.example",
  ];
  for (const return_url of [
    ...wrong,
    "http://evil.example/",
    "https://user:pw@evil.example/",
    " javascript:alert(1)",
  ]) {
    const answer = await ask(organization, "POST", "/portal_sessions", { body: { ...body, return_url } });
    expect([return_url, answer.status, answer.body.error?.param]).toEqual([return_url, 400, "return_url"]);
  }
});

test("a language is chosen without leaving for another site", async () => {
  const browser = people.get("en");
  for (const Referer of [
    "https://evil.example/billing",
    `${ORIGIN}//evil.example/`,
    "javascript:alert(1)",
    "",
  ]) {
    const answer = await browser?.post("/billing/language", { language: "en" }, { Referer });
    expect([Referer, answer?.headers.get("Location")]).toEqual([Referer, "/billing"]);
  }
});
