import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sweepPurchases } from "../../src/purchases/sweep";
import { api } from "../support/api/api";
import type { TestOrganization } from "../support/api/organizations";
import { buyAndPay, newBuyer } from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";
import { turn, turnsUntil } from "../support/turns";

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(async () => {
  await env.DB.exec("DELETE FROM purchases");
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A Stripe whose requests can be counted and kept from ever being answered. */
function watchedStripe() {
  const stripe = standInStripe();
  const asked: string[] = [];
  let isSilent = (_path: string) => false;
  const answered = globalThis.fetch;
  vi.mocked(globalThis.fetch).mockImplementation(
    ((fetcher) => async (input: RequestInfo | URL, init?: RequestInit) => {
      const { pathname } = new URL(new Request(input, init).url);
      asked.push(pathname);
      if (isSilent(pathname)) return never(init?.signal);
      return fetcher?.(input, init) ?? answered(input, init);
    })(vi.mocked(globalThis.fetch).getMockImplementation()),
  );
  const silence = (which: (path: string) => boolean) => {
    isSilent = which;
  };
  return { stripe, asked, silence };
}

function never(signal: AbortSignal | null | undefined): Promise<Response> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(new DOMException("Aborted", "AbortError")));
  });
}

/** Purchases that are paid, of which nothing has told us, and which the sweep looks at. */
async function paidPurchases(stripe: ReturnType<typeof standInStripe>, count: number) {
  const buyer = await newBuyer();
  const paid = [];
  for (let made = 0; made < count; made++) paid.push(await buyAndPay(stripe, buyer));
  await env.DB.exec("UPDATE purchases SET created_at_ms = created_at_ms - 600000, checked_at_ms = 0");
  return { buyer, paid };
}

async function credited({ id }: TestOrganization): Promise<number> {
  const count = "SELECT count(*) AS n FROM purchases WHERE organization_id = ? AND status = 'credited'";
  return (await env.DB.prepare(count).bind(id).first<{ n: number }>())?.n ?? 0;
}

/** Stops deadlines and pauses; answers how to let them pass until something is over. Answers how long that took. */
function stopTime() {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  return async (work: Promise<unknown>): Promise<number> => {
    const began_ms = Date.now();
    let is_over = false;
    void work.finally(() => {
      is_over = true;
    });
    while (!is_over) {
      for (let turns = 0; turns < 20 && !is_over; turns++) await turn();
      if (!is_over) vi.advanceTimersByTime(500);
    }
    return Date.now() - began_ms;
  };
}

test("a purchase is answered as it is stored when Stripe does not say how it stands within three seconds", async () => {
  const { stripe, silence } = watchedStripe();
  const { buyer, paid } = await paidPurchases(stripe, 1);
  silence(() => true);
  const pass = stopTime();
  const asked = api("GET", `/api/v1/purchases/${paid[0]?.purchase_id}`, { key: buyer.key, bindings: {} });
  expect(await pass(asked)).toBeLessThanOrEqual(3_500);
  expect(await asked).toMatchObject({ status: 200, body: { status: "open" } });
});

test("a purchase whose answer never comes holds up no other in the sweep, and the sweep ends", async () => {
  const { stripe, silence } = watchedStripe();
  const { buyer, paid } = await paidPurchases(stripe, 6);
  silence((path) => path.includes(paid[0]?.session_id ?? ""));
  const pass = stopTime();
  const sweep = sweepPurchases(env);
  // No time passes meanwhile: nobody has waited for the one that hangs.
  await turnsUntil(async () => (await credited(buyer)) === 5);
  expect(await pass(sweep)).toBeLessThan(60_000);
});

test("the sweep ends within a minute and stops asking a Stripe that never answers; one request finds out that it does again", async () => {
  const { stripe, asked, silence } = watchedStripe();
  const { buyer } = await paidPurchases(stripe, 12);
  silence(() => true);
  const pass = stopTime();
  asked.length = 0;
  expect(await pass(sweepPurchases(env))).toBeLessThan(60_000);
  expect(asked.length).toBeLessThanOrEqual(12);
  silence(() => false);
  await env.DB.exec("UPDATE purchases SET checked_at_ms = 0");
  vi.setSystemTime(Date.now() + 60_000);
  await pass(sweepPurchases(env));
  expect(await credited(buyer)).toBe(12);
});

test("while Stripe asks for fewer requests, the sweep begins none", async () => {
  const { stripe, asked } = watchedStripe();
  const { buyer } = await paidPurchases(stripe, 12);
  const pass = stopTime();
  asked.length = 0;
  stripe.controls.failNext({ kind: "429", times: 4 });
  expect(await pass(sweepPurchases(env))).toBeGreaterThanOrEqual(7_000);
  expect(await credited(buyer)).toBe(8);
});
