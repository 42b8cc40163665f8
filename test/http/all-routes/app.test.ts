import { describe, expect, it, vi } from "vitest";
import { api } from "../../support/api/api";
import { adminKey, ask, authorize, newOrganization } from "../../support/api/organizations";

describe("every answer", () => {
  it("carries the request's own id when it has a fit one", async () => {
    const send = (id: string) => api("GET", "/health", { headers: { "X-Request-Id": id } });
    expect((await send("trace-42")).headers.get("X-Request-Id")).toBe("trace-42");
    for (const unfit of ["x".repeat(129), 'a"b', "a b", "<script>"])
      expect((await send(unfit)).headers.get("X-Request-Id")).toMatch(/^req_/);
  });

  it("names the request in errors as in the header", async () => {
    const { headers, body } = await api("GET", "/api/v1/account");
    expect(body.error.request_id).toBe(headers.get("X-Request-Id"));
  });

  it("is not to be kept, framed or sniffed", async () => {
    const { headers } = await api("GET", "/api/v1/account");
    expect(Object.fromEntries(headers)).toMatchObject({
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "strict-transport-security": expect.stringContaining("max-age="),
      "x-content-type-options": "nosniff",
    });
  });
});

describe("a path or method that there is not", () => {
  it.each(["/api/v1/nothing", "/api/v2/account", "/api/v1/account/", "/api/nothing"])(
    "is 404: %s",
    async (path) => {
      const { status, body } = await api("GET", path);
      expect({ status, code: body.error.code }).toEqual({ status: 404, code: "not_found" });
    },
  );

  it("is 405 with the methods that there are", async () => {
    const { status, headers, body } = await api("PUT", "/api/v1/api_keys");
    expect({ status, code: body.error.code }).toEqual({ status: 405, code: "method_not_allowed" });
    expect(headers.get("Allow")).toBe("GET, POST");
  });
});

describe("a fault of ours", () => {
  it("in the settings is told to the log, to others only that it is there", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const { status, body } = await api("GET", "/api/v1/nothing", { bindings: { KEY_SECRETS: "1:short" } });
    expect({ status, code: body.error.code, message: body.error.message }).toEqual({
      status: 500,
      code: "internal",
      message: "Something went wrong here. Please try again.",
    });
    expect(log.mock.calls.join()).toContain("KEY_SECRETS");
    log.mockRestore();
  });

  it("in a ledger is told without its inside", async () => {
    const organization = await newOrganization();
    const LEDGER = { getByName: () => ({ account: () => Promise.reject(new TypeError("secret inside")) }) };
    const log = vi.spyOn(console, "warn").mockImplementation(() => {});
    const { status, body } = await ask(organization, "GET", "/account", {
      bindings: { LEDGER: LEDGER as never },
    });
    expect(status).toBe(503);
    expect(JSON.stringify(body)).not.toContain("inside");
    log.mockRestore();
  });
});

describe("the log", () => {
  it("has one line a request, without keys, numbers or ids of calls", async () => {
    const organization = await newOrganization(1_000_000);
    const lines: string[] = [];
    const log = vi.spyOn(console, "log").mockImplementation((line) => void lines.push(String(line)));
    await authorize(organization, "secret-call");
    await ask(organization, "GET", "/calls/secret-call?to=%2B31207654321");
    await api("PUT", "/api/v1/admin/numbers/+31201112223", {
      key: await adminKey(),
      body: { organization_id: organization.id },
    });
    log.mockRestore();
    const requests = lines.map((line) => JSON.parse(line)).filter(({ event }) => event === "request");
    expect(requests).toHaveLength(3);
    expect(requests[1]).toEqual({
      event: "request",
      request_id: expect.stringMatching(/^req_/),
      method: "GET",
      route: "/api/v1/calls/:call_id",
      organization_id: organization.id,
      key_id: expect.stringMatching(/^key_/),
      status: 400,
      code: "invalid_request",
      duration_ms: expect.any(Number),
    });
    expect(lines.join()).not.toMatch(/rf_(live|edge|admin)_|\+?31207654321|31201112223|secret-call/);
  });
});
