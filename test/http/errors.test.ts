import { describe, expect, test } from "vitest";
import { ApiError, ERRORS, type ErrorCode } from "../../src/http/errors";
import { api } from "../support/api/api";
import { authorize, newOrganization } from "../support/api/organizations";
import { stopClock } from "../support/clock";

const clock = stopClock();
const CODES = Object.keys(ERRORS) as ErrorCode[];
/** Their bodies are printed in the product's guide. */
const PUBLISHED: ErrorCode[] = ["insufficient_credits", "rate_limit_exceeded"];

describe("an error says what is wrong in `error` and beside it", () => {
  test.each(CODES.filter((code) => !PUBLISHED.includes(code)))("%s", (code) => {
    const body = new ApiError(code, "Something is wrong.", "field").body("req_1");
    const said = { message: "Something is wrong.", type: expect.stringMatching(/_error$/), param: "field" };
    expect(body).toEqual({ error: { code, ...said, request_id: "req_1" }, ...said });
    expect(body.error).toHaveProperty("type", Reflect.get(body, "type"));
  });

  test("without a field where none is wrong", () => {
    expect(new ApiError("not_found").body("req_1")).not.toHaveProperty("param");
  });

  test("of a request that nobody let in, too", async () => {
    const { body } = await api("GET", "/api/v1/account", { key: "nonsense" });
    expect(body).toMatchObject({
      message: body.error.message,
      type: "authentication_error",
      error: { code: "unauthorized", type: "authentication_error" },
    });
  });

  test("beside what else an operation's answer has, alone and in a batch", async () => {
    const organization = await newOrganization(1_000_000);
    await authorize(organization, "c");
    const said = { organization_id: organization.id, from: "+31201234567", to: "+31200000000" };
    const stated = { call_id: "c", direction: "outbound", ...said };
    const key = organization.edge_key;
    const alone = await api("POST", "/api/v1/edge/calls/authorize", { key, body: stated });
    const batch = { operations: [{ op: "authorize", ...stated }] };
    const { body } = await api("POST", "/api/v1/edge/operations", { key, body: batch });
    for (const answer of [alone.body, body.results[0].body])
      expect(answer).toMatchObject({
        error: { code: "idempotency_conflict" },
        message: alone.body.error.message,
        type: "conflict_error",
      });
  });
});

describe("the errors that the guide prints have nothing more", () => {
  test("402 of an outbound call", async () => {
    const { key } = await newOrganization();
    const answer = await api("POST", "/api/v1/calls/outbound", {
      key,
      body: { destination: "+31207654321", from: "anonymous" },
    });
    expect([answer.status, answer.body]).toEqual([
      402,
      {
        error: {
          code: "insufficient_credits",
          message:
            "Insufficient credits to make outbound call. Please add credits in your billing dashboard.",
        },
      },
    ]);
  });

  test("429 of a key, with the seconds of Retry-After", async () => {
    const { key } = await newOrganization();
    const ask = () => api("GET", "/api/v1/account", { key });
    for (let asked = 0; asked < 100; asked++) await ask();
    clock.pass(15_000);
    const refused = await ask();
    const seconds = refused.headers.get("Retry-After");
    const message = `Too many requests. Please retry after ${seconds} seconds.`;
    expect([refused.status, refused.body]).toEqual([
      429,
      { error: { code: "rate_limit_exceeded", message } },
    ]);
  });

  test("429 of an address, with the seconds of Retry-After", async () => {
    const bindings = { KEYLESS: { limit: async () => ({ success: false }) } };
    const headers = { "CF-Connecting-IP": "192.0.2.99" };
    const refused = await api("GET", "/health", { headers, bindings });
    const message = "Too many requests. Please retry after 10 seconds.";
    expect(refused.headers.get("Retry-After")).toBe("10");
    expect([refused.status, refused.body]).toEqual([
      429,
      { error: { code: "rate_limit_exceeded", message } },
    ]);
  });
});
