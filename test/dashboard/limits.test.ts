import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { dashboard } from "../../src/dashboard/app";
import { MINUTE_MS } from "../../src/units/duration";
import { sealOf } from "../../src/units/seal";
import { newOrganization } from "../support/api/organizations";
import { textOf } from "../support/dashboard/html";
import { ORIGIN, portalLink, type Visitor, visitor } from "../support/dashboard/visitor";
import { unasked_stores } from "../support/failures/failing-stores";

const CSV = "/billing/usage/calls.csv";
const NAME = "__Host-ringfence";

/** Cookies that look like those of a session and are none. */
async function madeUp(good: string, link: string): Promise<string[]> {
  const of_session = good.slice(NAME.length + 1);
  const random = of_session.slice(0, 64);
  const others = [{ version: "1", secret: "a-secret-that-somebody-else-has-00000" }];
  return [
    "",
    "x",
    "%ff",
    "0".repeat(97),
    `${random}1${"0".repeat(32)}`,
    `${of_session.startsWith("2") ? 3 : 2}${of_session.slice(1)}`,
    of_session.slice(0, -1),
    `${of_session}0`,
    `${random}2${of_session.slice(65)}`,
    random + (await sealOf("session", random, others)),
    new URL(link).searchParams.get("link") ?? "",
    "z".repeat(5_000),
  ];
}

describe("what was made up", () => {
  test("as a cookie asks no store, on no page, form or file", async () => {
    const organization = await newOrganization();
    const [{ cookie }, link] = [await visitor(organization), await portalLink(organization)];
    const routes = dashboard.routes.filter(
      ({ method, path }) => method !== "ALL" && !path.includes("/enter"),
    );
    for (const forged of await madeUp(cookie, link))
      for (const { method, path } of routes) {
        const headers = {
          Cookie: `${NAME}=${forged}`,
          Origin: ORIGIN,
          "Content-Type": "application/x-www-form-urlencoded",
        };
        const asked = new Request(ORIGIN + path.replace(/:\w+/, "x"), { method, headers });
        const { status } = await dashboard.fetch(asked, unasked_stores);
        expect([method, path, forged, status]).toEqual([method, path, forged, 401]);
      }
  });

  test("as a link asks no store", async () => {
    const organization = await newOrganization();
    const [{ cookie }, link] = [await visitor(organization), await portalLink(organization)];
    const of_session = cookie.slice(NAME.length + 1);
    // A session is no link.
    for (const forged of [...(await madeUp(cookie, link)).slice(0, -2), of_session])
      for (const path of [`/billing/enter?link=${forged}`, `/billing/enter/${forged || "x"}`]) {
        const { status } = await dashboard.fetch(new Request(ORIGIN + path), unasked_stores);
        expect([path, status]).toEqual([path, 404]);
      }
  });
});

test("a session may ask a hundred times in ten seconds, and nothing is looked up for what comes after", async () => {
  const { cookie } = await visitor(await newOrganization());
  const ask = (bindings: Partial<typeof env> = {}) =>
    dashboard.fetch(new Request(`${ORIGIN}/billing/nothing`, { headers: { Cookie: cookie } }), {
      ...env,
      ...bindings,
    });
  let answer = await ask();
  for (let asked = 1; answer.status === 404 && asked < 200; asked++) answer = await ask();
  expect([answer.status, answer.headers.get("Retry-After")]).toEqual([429, "10"]);
  expect(textOf(await answer.text())).toContain("Please wait ten seconds and try again.");
  expect((await ask(unasked_stores)).status).toBe(429);
});

test("all sessions of one address together are limited before anything is looked up, strangers apart from them", async () => {
  const { cookie } = await visitor(await newOrganization());
  const headers = { Cookie: cookie, "CF-Connecting-IP": "2001:db8:0:9::1" };
  const counted: string[] = [];
  const flooded = {
    ...unasked_stores,
    VISITORS: {
      limit: async ({ key }: { key: string }) => {
        counted.push(key);
        return { success: false };
      },
    },
  };
  expect((await dashboard.fetch(new Request(`${ORIGIN}/billing`, { headers }), flooded)).status).toBe(429);
  expect(counted).toEqual(["2001:db8:0:9"]);
});

describe("files", () => {
  const read = async (browser: Visitor, path = CSV) => {
    const answer = await browser.get(path);
    await answer.text();
    return answer.status;
  };

  /** What is found by `count` within one minute of the clock by which the limits count: it goes on by itself. */
  const withinAMinute = async <T>(count: () => Promise<T>): Promise<T> => {
    for (;;) {
      const minute = Math.floor(Date.now() / MINUTE_MS);
      const found = await count();
      if (Math.floor(Date.now() / MINUTE_MS) === minute) return found;
    }
  };

  test("are a session's ten times a minute; then a page says when to come again", async () => {
    const { statuses, refused, page } = await withinAMinute(async () => {
      const browser = await visitor(await newOrganization());
      const statuses: number[] = [];
      for (let file = 0; file < 11; file++) statuses.push(await read(browser));
      // A file of another kind is one of them.
      const refused = await browser.get("/billing/invoices/inv_x/pdf");
      return { statuses, refused, page: await browser.get("/billing/usage") };
    });
    expect(statuses).toEqual([...Array(10).fill(200), 429]);
    expect([refused.status, refused.headers.get("Retry-After")]).toEqual([429, "60"]);
    expect(textOf(await refused.text())).toContain("Please wait a minute and try again.");
    expect(page.status).toBe(200);
  });

  test("are an organization's thirty times a minute, in however many sessions", async () => {
    const { statuses, others } = await withinAMinute(async () => {
      const [organization, other] = [await newOrganization(), await newOrganization()];
      const statuses: number[] = [];
      for (let person = 0; person < 4; person++) {
        const browser = await visitor(organization);
        for (let file = 0; file < 8; file++) statuses.push(await read(browser));
      }
      return { statuses, others: await read(await visitor(other)) };
    });
    expect(statuses.filter((status) => status === 200)).toHaveLength(30);
    expect(others).toBe(200);
  });

  test("that only their headers were asked of are not on their way", async () => {
    const { cookie } = await visitor(await newOrganization());
    const begin = async (method: string) =>
      dashboard.fetch(new Request(ORIGIN + CSV, { method, headers: { Cookie: cookie } }), env);
    const statuses: number[] = [];
    for (const method of ["HEAD", "HEAD", "HEAD", "GET"]) statuses.push((await begin(method)).status);
    expect(statuses).toEqual([200, 200, 200, 200]);
  });

  test("come two at once to a session: a third waits until one was read or given up", async () => {
    const { cookie } = await visitor(await newOrganization());
    // Nobody is between who reads ahead.
    const begin = async () =>
      dashboard.fetch(new Request(ORIGIN + CSV, { headers: { Cookie: cookie } }), env);
    const [one, two] = [await begin(), await begin()];
    expect([one.status, two.status, (await begin()).status]).toEqual([200, 200, 429]);
    await one.text();
    const three = await begin();
    expect([three.status, (await begin()).status]).toEqual([200, 429]);
    await two.body?.cancel();
    expect((await begin()).status).toBe(200);
    await three.text();
  });

  test("that cannot be made take nobody's place", async () => {
    const browser = await visitor(await newOrganization());
    for (let time = 0; time < 4; time++) {
      expect((await browser.get("/billing/invoices/inv_x/pdf")).status).toBe(404);
      expect((await browser.get(`${CSV}?from=9999-12-31`)).status).toBe(400);
    }
    expect(await read(browser)).toBe(200);
  });
});
