import { DrizzleQueryError } from "drizzle-orm/errors";
import Stripe from "stripe";
import { afterEach, describe, expect, it, vi } from "vitest";
import { log } from "../../src/units/log";
import { loggable } from "../../src/units/loggable";

afterEach(() => vi.restoreAllMocks());

const ORG = "org_01k9z3v8qhe1w9m4c7d2x5n6tp";
const HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
/** What no line may hold. */
const PERSONAL = [
  ...[
    "Jansen",
    "jansen",
    "31201234567",
    "1234567",
    "123 45 67",
    "9f86d081",
    "hunter2",
    "4Qr9",
    "whsec_",
    "rf_live_",
  ],
  ...["Damrak", "NL123456789B01"],
];

/** The line that a failure leaves. */
function lineOf(fields: object): string {
  const written = vi.spyOn(console, "error").mockImplementation(() => undefined);
  log.error("failed", fields);
  return String(written.mock.lastCall?.[0]);
}

function expectClean(line: string): void {
  expect(PERSONAL.filter((each) => line.includes(each))).toEqual([]);
}

const PARAMS = ["J. Jansen", "j.jansen@example.com", "+31201234567", HASH, "two\nlines of Jansen", ORG];

const THROWN: [what: string, thrown: unknown][] = [
  [
    "a query with its parameters",
    new DrizzleQueryError(
      'insert into "portal_sessions" ("id", "user_name") values (?, ?)',
      PARAMS,
      new Error("D1_ERROR: UNIQUE constraint failed: portal_sessions.link_hash: SQLITE_CONSTRAINT"),
    ),
  ],
  [
    "the same as it comes by RPC",
    new Error(`Failed query: select * from calls where x = ?\nparams: ${PARAMS}`),
  ],
  ["parameters alone", new Error(`D1 said no\nparams: ${PARAMS.join("\n")}`)],
  [
    "Stripe's",
    new Stripe.errors.StripeInvalidRequestError({
      type: "invalid_request_error",
      message: "No such customer: J. Jansen, j.jansen@example.com, NL123456789B01",
      code: "resource_missing",
      param: "customer",
    }),
  ],
  [
    "Stripe's of a card",
    new Stripe.errors.StripeCardError({
      type: "card_error",
      message: "The card of Jansen was declined",
      code: "card_declined",
      decline_code: "insufficient_funds",
    } as never),
  ],
  [
    "a cause of a cause",
    new Error("Away", { cause: new Error("Later", { cause: new Error("for J. Jansen") }) }),
  ],
  ["a cause that is a text", new Error("Away", { cause: "J. Jansen +31201234567" })],
  ["many at once", new AggregateError([new Error("of +31201234567"), "Jansen"], "All failed for J. Jansen")],
  ["JSON that could not be read", syntaxError('{"name": "J. Jansen", "to": "+31201234567"')],
  ["JSON that was cut", syntaxError('nsen","email":"j.jansen@example.com"} jansen')],
  ["what it quotes", new TypeError("Cannot read 'J. Jansen' of \"jansen\" and `jansen`")],
  [
    "addresses",
    new Error("GET https://u:hunter2@hooks.example.com/t/4Qr9?token=hunter2 for sip:jansen@pbx.example"),
  ],
  ["keys", new Error(`Bearer rf_live_1abcdef and whsec_4Qr9 link=4Qr9 ${HASH}`)],
  ["numbers as people write them", new Error("Called 020 123 45 67 and +31 (0)20 123 45 67, 0031201234567")],
  ["a text", "J. Jansen, +31201234567"],
  ["an object", { name: "J. Jansen", toString: () => "Jansen" }],
  ["nothing", undefined],
  ["a name that is personal", Object.assign(new Error("x"), { name: "J. Jansen", code: "J. Jansen" })],
  ["one that cannot be read", unreadable()],
  ["one that causes itself", circular()],
];

function syntaxError(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}

function unreadable(): Error {
  return Object.defineProperty(new Error("x"), "message", {
    get() {
      throw new Error("Jansen");
    },
  });
}

function circular(): Error {
  const error = new Error("Round");
  error.cause = error;
  return error;
}

describe("an error in the log", () => {
  it.each(THROWN)("holds nothing personal or secret: %s", (_, error) => {
    expectClean(lineOf({ organization_id: ORG, error }));
    expectClean(JSON.stringify(loggable(error)));
    // Also where somebody has made text of it, or put it elsewhere.
    expectClean(lineOf({ error: String(error instanceof Error ? error.name : error) }));
    expectClean(lineOf({ detail: { error: [error] }, cause: error }));
  });

  it("keeps what an operator needs", () => {
    const query = loggable(THROWN[0]?.[1]);
    expect(query).toMatchObject({
      message: "Failed query: insert portal_sessions",
      cause: { message: "D1_ERROR: UNIQUE constraint failed: portal_sessions.link_hash: SQLITE_CONSTRAINT" },
    });
    expect(query.at?.[0]).toMatch(/^at .*loggable\.test\.ts/);
    expect(loggable(THROWN[3]?.[1])).toMatchObject({
      name: "StripeInvalidRequestError",
      code: "resource_missing",
      param: "customer",
    });
    expect(loggable(THROWN[4]?.[1])).toMatchObject({
      code: "card_declined",
      decline_code: "insufficient_funds",
    });
    const message = `Purchase pur_01k9z3v8qhe1w9m4c7d2x5n6tp was refused: Durable Object reset because its code was updated.`;
    expect(loggable(new Error(message)).message).toBe(message);
    expect(loggable("text")).toEqual({ name: "thrown", type: "string" });
  });
});

it("fields of a line lose what is personal in them, and keep ids, times and counts", () => {
  const fields = {
    organization_id: ORG,
    at: "2026-11-30T08:00:00.000Z",
    amount_micros: 12_345_678,
    first_difference: "entry 5: balance_after_micros is 12345678, not 12345679",
    stripe_id: "cs_test_a1B2c3D4e5F6g7H8i9J0",
  };
  expect(JSON.parse(lineOf(fields))).toEqual({ event: "failed", ...fields });
  expectClean(
    lineOf({
      call_id: "node-31201234567-a",
      detail: {
        user: { name: "J. Jansen" },
        to: "+31201234567",
        text: `at https://x.test/4Qr9 with ${HASH}`,
      },
      message: "The card of J. Jansen",
    }),
  );
});
