import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { Bindings } from "../../../src/env";
import worker from "../../../src/index";
import { newOrganization } from "../../support/api/organizations";
import { portalLink } from "../../support/dashboard/visitor";

const WITHOUT_ADDRESS: Partial<Bindings> = { PUBLIC_URL: "", STRIPE_SECRET_KEY: "" };

/** As the platform hands a request over to the deployment. */
function ask(url: string, init: RequestInit = {}, bindings: Partial<Bindings> = {}): Promise<Response> {
  const request = new Request(url, { redirect: "manual", ...init }) as Parameters<typeof worker.fetch>[0];
  const context = { waitUntil() {}, passThroughOnException() {} } as unknown as ExecutionContext;
  return Promise.resolve(worker.fetch(request, { ...env, ...bindings }, context));
}

const codeOf = async (answer: Response) =>
  [answer.status, ((await answer.json()) as { error: { code: string } }).error.code] as const;

describe("over plain http", () => {
  test.each([
    "/health",
    "/api/v1/account",
    "/api/v1/edge/operations",
    "/api/v1/stripe/webhook",
    "/api/nothing",
  ])("the API refuses %s, also with a key", async (path) => {
    const { key } = await newOrganization();
    const headers = { Authorization: `Bearer ${key}` };
    expect(await codeOf(await ask(`http://ringfence.test${path}`, { headers }))).toEqual([
      403,
      "https_required",
    ]);
  });

  test("pages lead to the same page over https, and nothing is done", async () => {
    const link = (await portalLink(await newOrganization())).replace("https:", "http:");
    const answer = await ask(link);
    expect([answer.status, answer.headers.get("Location")]).toEqual([308, link.replace("http:", "https:")]);
    expect(answer.headers.get("Set-Cookie")).toBeNull();
    const posted = await ask("http://ringfence.test:8080/billing/alerts?a=1", {
      method: "POST",
      body: "a=1",
    });
    expect([posted.status, posted.headers.get("Location")]).toEqual([
      308,
      "https://ringfence.test/billing/alerts?a=1",
    ]);
    expect((await ask(link.replace("http:", "https:"))).status).toBe(303);
  });

  test.each(["localhost:8787", "127.0.0.1:8787", "[::1]:8787"])(
    "one's own machine answers at %s",
    async (host) => {
      expect((await ask(`http://${host}/health`)).status).toBe(200);
      expect((await ask(`http://${host}/billing`)).status).toBe(401);
    },
  );

  test.each(["localhost.example.com", "127.0.0.1.example.com", "10.0.0.1", "127.0.0.2", "localhost."])(
    "%s is no machine of one's own",
    async (host) => {
      expect((await ask(`http://${host}/health`)).status).toBe(403);
    },
  );
});

describe("the cookie of a session", () => {
  const cookieAt = async (origin: string, bindings: Partial<Bindings> = {}) => {
    const { pathname, search } = new URL(await portalLink(await newOrganization()));
    return (await ask(origin + pathname + search, {}, bindings)).headers.get("Set-Cookie");
  };

  test("keeps its guards whatever a request says, where the deployment's address is https", async () => {
    for (const origin of ["https://ringfence.test", "https://other.test", "http://localhost:8787"])
      expect(await cookieAt(origin)).toMatch(/^__Host-ringfence=.*; Secure/);
  });

  test("is one that a browser takes over http on one's own machine", async () => {
    const local = { PUBLIC_URL: "http://localhost:8787" };
    for (const bindings of [local, WITHOUT_ADDRESS])
      expect(await cookieAt("http://localhost:8787", bindings)).toMatch(/^ringfence=(?!.*Secure)/);
    expect(await cookieAt("https://ringfence.acme.workers.dev", WITHOUT_ADDRESS)).toMatch(
      /^__Host-.*; Secure/,
    );
  });
});

describe("the platform's own name of the deployment", () => {
  const PLATFORM = "https://ringfence.acme.workers.dev";

  test("is off where it has an address of its own", async () => {
    const { key } = await newOrganization();
    const headers = { Authorization: `Bearer ${key}` };
    const answer = await ask(`${PLATFORM}/api/v1/account`, { headers });
    expect(await codeOf(answer.clone())).toEqual([404, "not_found"]);
    expect(await answer.text()).toContain("https://ringfence.test");
    expect((await ask(`${PLATFORM}./api/v1/account`, { headers })).status).toBe(404);
    const page = await ask(`${PLATFORM}/billing/usage?from=2026-11-01`);
    expect([page.status, page.headers.get("Location")]).toEqual([
      308,
      "https://ringfence.test/billing/usage?from=2026-11-01",
    ]);
  });

  test("is the deployment's address where it has no other, and then nobody's endpoint", async () => {
    const { key } = await newOrganization();
    const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
    for (const bindings of [WITHOUT_ADDRESS, { PUBLIC_URL: PLATFORM }]) {
      expect((await ask(`${PLATFORM}/api/v1/account`, { headers }, bindings)).status).toBe(200);
      const init = { method: "POST", headers, body: JSON.stringify({ url: `${PLATFORM}/api/v1/account` }) };
      const refused = await ask(`${PLATFORM}/api/v1/webhook_endpoints`, init, bindings);
      expect(await codeOf(refused)).toEqual([422, "unprocessable"]);
    }
  });
});
