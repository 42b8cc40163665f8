import { expect, test } from "vitest";
import { refusalError, unwrap } from "../../src/http/refusals";
import { MINUTE_MS } from "../../src/units/duration";
import { refuse } from "../../src/units/refusal";

test("a refusal's own message and field are answered under the API's code for it", () => {
  const error = refusalError(
    refuse("out_of_bounds", { message: "Must be from 1 to 2.", param: "net_cents" }),
  );
  expect([error.status, error.body("req_1")]).toEqual([
    422,
    {
      error: {
        code: "unprocessable",
        message: "Must be from 1 to 2.",
        type: "invalid_request_error",
        param: "net_cents",
        request_id: "req_1",
      },
      message: "Must be from 1 to 2.",
      type: "invalid_request_error",
      param: "net_cents",
    },
  ]);
});

test("a refusal without a message is answered in the words of its error", () => {
  expect(refusalError(refuse("endpoint_disabled")).message).toBe(
    "This endpoint is disabled: enable it first.",
  );
});

test("why a ledger has failed is not told to callers", () => {
  const error = refusalError(refuse("failed", { message: "The ledger did not come to it in time." }));
  expect([error.status, error.message]).not.toContain("The ledger did not come to it in time.");
  expect(error.code).toBe("ledger_unavailable");
});

test("only a limit that was exceeded says when to come back", () => {
  const rate_limit = { limit: 1, remaining: 0, reset_at_ms: Date.now() + MINUTE_MS };
  expect(refusalError(refuse("rate_limit_exceeded", { rate_limit })).headers).toEqual({
    "Retry-After": "60",
  });
  expect(refusalError(refuse("forbidden", { rate_limit })).headers).toEqual({});
});

test("what is no refusal is answered as it is", () => {
  const answer = { outcome: "done" };
  expect(unwrap(answer)).toBe(answer);
  expect(() => unwrap({ outcome: "refused", code: "not_found" as const })).toThrow("There is nothing here.");
});
