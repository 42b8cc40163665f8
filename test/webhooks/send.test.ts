import { afterEach, expect, it, vi } from "vitest";
import { sendMessages } from "../../src/webhooks/send";
import { secretOfBytes } from "../../src/webhooks/signature";
import type { TryResult } from "../../src/webhooks/types";
import { receiver } from "../stand-in/receiver";

const SECRET = secretOfBytes(crypto.getRandomValues(new Uint8Array(32)));
const URL_OF_A = "https://hooks.customer-a.com/ringfence";

const job = {
  url: URL_OF_A,
  secret: SECRET,
  previous_secret: null,
  messages: [{ event_id: "evt_1", type: "webhook.test" as const, body: '{"type":"webhook.test"}' }],
};

let there: ReturnType<typeof receiver> | undefined;
afterEach(() => {
  there?.hangUp();
});

/** What one try comes to at a receiver that answers so. */
async function tried(answer: () => Response | Promise<Response>, timeout_ms = 200): Promise<TryResult> {
  there = receiver(URL_OF_A, answer);
  const [result] = await sendMessages(job, { timeout_ms, refusal: async () => null });
  if (!result) throw new Error("Nothing was tried.");
  return result;
}

/** A body that gives these texts, and then nothing, without an end. */
const endless = (...texts: string[]) =>
  new ReadableStream({
    start(controller) {
      for (const text of texts) controller.enqueue(new TextEncoder().encode(text));
    },
  });

it("a receiver that says 200 and never ends its answer has taken the event", async () => {
  const result = await tried(() => new Response(endless("o", "k"), { status: 200 }));
  expect(result).toMatchObject({ status: 200, error: null, excerpt: "ok" });
});

it("an answer that breaks off after its status counts by its status", async () => {
  const broken = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("half"));
    },
    pull(controller) {
      controller.error(new Error("reset"));
    },
  });
  expect(await tried(() => new Response(broken, { status: 503 }))).toMatchObject({
    status: 503,
    error: null,
  });
});

it("no more is read of an answer than is kept, however long it is", async () => {
  let given = 0;
  const cancelled = vi.fn();
  const flood = new ReadableStream({
    pull(controller) {
      given += 1;
      controller.enqueue(new Uint8Array(100).fill(65));
    },
    cancel: cancelled,
  });
  const { excerpt } = await tried(() => new Response(flood, { status: 500 }));
  expect(excerpt).toBe("A".repeat(256));
  expect(given).toBeLessThan(10);
  await vi.waitFor(() => expect(cancelled).toHaveBeenCalled());
});

it("a receiver that never answers has failed when the time is over", async () => {
  const result = await tried(() => new Promise(() => {}));
  expect(result).toMatchObject({ status: null, error: "No answer within 0.2 s.", excerpt: "" });
});

it.each([
  [`secret ${SECRET} is wrong`, "secret whsec_… is wrong"],
  ["key rf_live_1_abc-DEF.ghi", "key rf_live_…"],
  ["Authorization: Bearer eyJhbGciOi.J9.x", "Authorization: Bearer …"],
  ["STRIPE=sk_live_51H8x", "STRIPE=sk_live_…"],
  ["line\u0000one\r\ntwo", "line one two"],
])("of an answer %j is kept as %j", async (said, kept) => {
  expect(await tried(() => new Response(said, { status: 500 }))).toMatchObject({ excerpt: kept });
});

it.each([
  ["120", 120_000],
  ["0", null],
  ["-5", null],
  ["soon", null],
])("a receiver that asks to be left alone for %s is for %s ms", async (asked, ms) => {
  const headers = { "Retry-After": asked };
  const { retry_after_ms } = await tried(() => new Response(null, { status: 503, headers }));
  expect(retry_after_ms).toBe(ms);
});

it("a receiver may name the time until which it wants to be left alone", async () => {
  const headers = { "Retry-After": new Date(Date.now() + 3_600_000).toUTCString() };
  const { retry_after_ms } = await tried(() => new Response(null, { status: 503, headers }));
  expect(Math.abs((retry_after_ms ?? 0) - 3_600_000)).toBeLessThan(5_000);
});

it("nothing is sent to an address that is refused by then", async () => {
  there = receiver(URL_OF_A);
  const [result] = await sendMessages(job, {
    refusal: async () => "The address leads into a private network.",
  });
  expect(result).toMatchObject({ status: null, error: "The address leads into a private network." });
  expect(there.received).toHaveLength(0);
});
