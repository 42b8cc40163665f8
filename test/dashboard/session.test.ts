import { createScheduledController } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { PORTAL_PAGES } from "../../src/access/portal-sessions";
import { pathOf } from "../../src/dashboard/layout";
import worker from "../../src/index";
import { api } from "../support/api/api";
import { adminKey, ask, newOrganization } from "../support/api/organizations";
import { ORIGIN, open, portalLink, visitor } from "../support/dashboard/visitor";

afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number) => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(Date.now() + ms);
};

describe("a link to the dashboard", () => {
  test("signs in once, with a cookie that scripts and other sites do not get", async () => {
    const link = await portalLink(await newOrganization());
    const entered = await open(link);
    expect(entered.status).toBe(303);
    expect(entered.headers.get("Location")).toBe("/billing");
    const cookie = entered.headers.get("Set-Cookie") ?? "";
    expect(cookie).toMatch(/^__Host-ringfence=[0-9a-f]{64}\w{33}; /);
    for (const part of ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"]) expect(cookie).toContain(part);
    const again = await open(link);
    expect(again.status).toBe(410);
    expect(again.headers.get("Set-Cookie")).toBeNull();
    expect(await again.text()).toContain("This link was used before");
  });

  test("signs in one of many who use it at the same time", async () => {
    const link = await portalLink(await newOrganization());
    const answers = await Promise.all(Array.from({ length: 8 }, () => open(link)));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 410, 410, 410, 410, 410, 410, 410]);
  });

  test("is too old after five minutes, and says so in the browser's language with a way back", async () => {
    const link = await portalLink(await newOrganization(), {
      return_url: "https://app.example.com/settings",
    });
    pass(5 * 60_000);
    const late = await open(link, { "Accept-Language": "fr, de;q=0.8, en;q=0.5" });
    expect(late.status).toBe(410);
    const text = await late.text();
    expect(text).toContain("Dieser Link ist abgelaufen");
    expect(text).toContain('href="https://app.example.com/settings"');
  });

  test("that nobody made is not found", async () => {
    for (const path of ["/", "?link=", "?link", "?other="])
      expect((await open(`${ORIGIN}/billing/enter${path}${"0".repeat(64)}`)).status).toBe(404);
  });

  test("carries its secret in the query string, which logs leave out, and works in the path as it stood there before", async () => {
    const organization = await newOrganization();
    const link = new URL(await portalLink(organization));
    expect(link.pathname).toBe("/billing/enter");
    const entered = await open(link.href);
    expect([entered.status, entered.headers.get("Location")]).toEqual([303, "/billing"]);
    const secret = new URL(await portalLink(organization)).searchParams.get("link");
    expect((await open(`${ORIGIN}/billing/enter/${secret}`)).status).toBe(303);
    expect((await open(`${ORIGIN}/billing/enter?link=${secret}`)).status).toBe(410);
  });

  test("is not used up by a browser that looks ahead", async () => {
    const link = await portalLink(await newOrganization());
    expect((await open(link, { "Sec-Purpose": "prefetch;prerender" })).status).toBe(204);
    expect((await open(link)).status).toBe(303);
  });

  test("leads to the page that it was made for", async () => {
    const link = await portalLink(await newOrganization(), { page: "credits" });
    expect((await open(link)).headers.get("Location")).toBe("/billing/credits");
  });

  test("can be tried twenty times a minute from one address", async () => {
    const headers = { "CF-Connecting-IP": "192.0.2.77" };
    const statuses: number[] = [];
    // Twice as many, because a minute may begin in between.
    for (let i = 0; i < 45 && statuses.at(-1) !== 429; i++)
      statuses.push((await open(`${ORIGIN}/billing/enter/${i}`, headers)).status);
    expect(statuses.slice(0, 20)).toEqual(Array(20).fill(404));
    expect(statuses.at(-1)).toBe(429);
  });

  test("takes a key that may make keys, or an operator's, which is written down", async () => {
    const organization = await newOrganization();
    const body = { user: { id: "u", name: "N" }, role: "viewer" };
    const { body: made } = await ask(organization, "POST", "/api_keys", {
      body: { label: "reader", scopes: ["read"] },
    });
    expect((await api("POST", "/api/v1/portal_sessions", { key: made.key, body })).status).toBe(403);
    const key = await adminKey();
    const path = `/api/v1/admin/organizations/${organization.id}`;
    expect((await api("POST", `${path}/portal_sessions`, { key, body })).status).toBe(201);
    const { body: audit } = await api("GET", `${path}/audit`, { key });
    expect(audit.changes[0]).toMatchObject({ action: "portal_session.create", actor_name: null });
  });

  test("and its session are stored as hashes only", async () => {
    const organization = await newOrganization();
    const link = await portalLink(organization);
    const cookie = (await open(link)).headers.get("Set-Cookie")?.match(/=(\w+);/)?.[1] ?? "";
    const { results } = await env.DB.prepare("SELECT * FROM portal_sessions WHERE organization_id = ?")
      .bind(organization.id)
      .all();
    const stored = JSON.stringify(results);
    expect(stored).not.toContain(new URL(link).searchParams.get("link"));
    expect(stored).not.toContain(cookie);
    expect(cookie).toHaveLength(97);
  });
});

describe("a session", () => {
  test("opens every page, with headers that let nothing else in", async () => {
    const browser = await visitor(await newOrganization());
    for (const page of PORTAL_PAGES) {
      const answer = await browser.get(pathOf(page));
      expect([page, answer.status]).toEqual([page, 200]);
      const { headers } = answer;
      expect(headers.get("Content-Security-Policy")).toContain("default-src 'none'");
      expect(headers.get("Content-Security-Policy")).not.toContain("unsafe");
      expect(headers.get("Cache-Control")).toBe("private, no-store");
      expect(await answer.text()).toMatch(/<!doctype html><html lang="en">/);
    }
  });

  test("is needed for every page", async () => {
    for (const page of PORTAL_PAGES) {
      const answer = await open(ORIGIN + pathOf(page));
      expect([page, answer.status]).toEqual([page, 401]);
      expect(await answer.text()).toContain("You are not signed in");
    }
  });

  test("ends after eight hours", async () => {
    const browser = await visitor(await newOrganization());
    pass(8 * 3_600_000);
    const late = await browser.get("/billing");
    expect(late.status).toBe(401);
    expect(await late.text()).toContain("You were signed out");
  });

  test("ends with signing out, also for whoever else has its cookie", async () => {
    const browser = await visitor(await newOrganization());
    const left = await browser.post("/billing/sign-out");
    expect(left.status).toBe(200);
    expect(await left.text()).toContain("You have signed out");
    expect(left.headers.get("Set-Cookie")).toMatch(/Max-Age=0/);
    expect((await browser.get("/billing")).status).toBe(401);
  });

  test("shows its own organization and no other", async () => {
    const [one, other] = await Promise.all([
      newOrganization(3_000_000, { company_name: "First Telecom" }),
      newOrganization(9_000_000, { company_name: "Second Telecom" }),
    ]);
    const [of_one, of_other] = [await visitor(one), await visitor(other)];
    expect(await of_one.page("/billing")).toContain("€3.00");
    const page = await of_other.page("/billing");
    expect(page).toContain("€9.00");
    expect(page).not.toContain("First Telecom");
  });

  test("of a suspended organization still shows its pages, and says what is wrong", async () => {
    const organization = await newOrganization(1_000_000);
    const browser = await visitor(organization);
    await api("PATCH", `/api/v1/admin/organizations/${organization.id}`, {
      key: await adminKey(),
      body: { state: "suspended" },
    });
    expect(await browser.page("/billing")).toContain("Your organization is suspended");
  });

  test("changes nothing for a form of another site, or of nobody knows where", async () => {
    const browser = await visitor(await newOrganization());
    for (const headers of [{ Origin: "https://evil.example" }, { Origin: "null" }]) {
      const answer = await browser.post("/billing/sign-out", {}, headers);
      expect(answer.status).toBe(403);
      expect(await answer.text()).toContain("This did not come from our own page");
    }
    const without = await exports.default.fetch(`${ORIGIN}/billing/sign-out`, {
      method: "POST",
      headers: { Cookie: browser.cookie, "Content-Type": "application/x-www-form-urlencoded" },
      body: "a=b",
    });
    expect(without.status).toBe(403);
    expect((await browser.get("/billing")).status).toBe(200);
  });

  test("answers an address that there is not with a page that leads back", async () => {
    const browser = await visitor(await newOrganization());
    const answer = await browser.get("/billing/nothing-here");
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('href="/billing"');
  });

  test("keeps the language that was chosen", async () => {
    const browser = await visitor(await newOrganization(5_000_000));
    const chosen = await browser.post(
      "/billing/language",
      { language: "nl" },
      { Referer: `${ORIGIN}/billing/usage` },
    );
    expect(chosen.headers.get("Location")).toBe("/billing/usage");
    const page = await browser.page("/billing");
    expect(page).toContain('<html lang="nl">');
    expect(page).toContain("Resterende tijd");
    expect(page).toMatch(/€\s5,00/);
  });
});

test("old links and sessions, with who they were for, are forgotten after a month, also where nothing is sold", async () => {
  const browser = await visitor(await newOrganization());
  expect((await browser.get("/billing")).status).toBe(200);
  pass(31 * 86_400_000);
  const nothing_sold = { ...env, STRIPE_SECRET_KEY: "" };
  await worker.scheduled(createScheduledController({ cron: "*/5 * * * *" }), nothing_sold);
  const { results } = await env.DB.prepare("SELECT id FROM portal_sessions").all();
  expect(results).toEqual([]);
});
