import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { api } from "../support/api";
import { bought, newBuyer } from "../support/buying";
import { adminKey, give, newOrganization } from "../support/organizations";
import { dialer } from "../support/dialer";
import { standInStripe } from "../support/stripe";

afterEach(() => {
  vi.restoreAllMocks();
});

test("while the dialer is being asked, a repeat is told to come again, and then what the first was told", async () => {
  const caller = await newOrganization(1_000_000);
  await give(caller, "+31201234567");
  const { promise: answer, resolve } = Promise.withResolvers<Response>();
  const there = dialer(() => answer.then((response) => response.clone()));
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const place = () =>
    api("POST", "/api/v1/calls/outbound", {
      key: caller.key,
      body: { destination: "+31207654321" },
      headers: { "Idempotency-Key": "order-1" },
    });
  const first = place();
  await vi.waitFor(() => expect(there.asked.length).toBe(1));
  const meanwhile = await place();
  expect(meanwhile).toMatchObject({ status: 409, body: { error: { code: "request_in_progress" } } });
  expect(meanwhile.headers.get("Retry-After")).toBe("1");
  const waiting = place();
  resolve(new Response(null, { status: 403 }));
  const told = [await first, await waiting, await place()];
  expect(told.map(({ status, body }) => [status, body.error.code])).toEqual(
    Array(3).fill([503, "dialer_unavailable"]),
  );
  expect(there.asked.length).toBe(1);
  there.hangUp();
});

test("two orders of one refund at once are one refund with one answer", async () => {
  const stripe = standInStripe();
  const buyer = await newBuyer();
  const { purchase_id } = await bought(stripe, buyer);
  const key = await adminKey();
  const refund = () =>
    api("POST", `/api/v1/admin/organizations/${buyer.id}/purchases/${purchase_id}/refunds`, {
      key,
      body: { net_cents: 1_000, reason: "Goodwill" },
      headers: { "Idempotency-Key": "refund-1" },
    });
  const [one, other] = await Promise.all([refund(), refund()]);
  expect(one.status).toBe(201);
  expect(other.body).toEqual(one.body);
  expect(stripe.controls.find("refund")).toHaveLength(1);
});

test("a request whose end was never told has its key to itself for a while only", async () => {
  const { id } = await newOrganization();
  const ledger = env.LEDGER.getByName(id);
  expect((await ledger.beginRequest("k", "first", 60_000)).outcome).toBe("begun");
  expect((await ledger.beginRequest("k", "other", 60_000)).outcome).toBe("in_progress");
  expect((await ledger.beginRequest("k", "first", -1)).outcome).toBe("begun");
  expect((await ledger.beginRequest("k", "other", 60_000)).outcome).toBe("begun");
  await ledger.endRequest("k", "first");
  expect((await ledger.beginRequest("k", "third", 60_000)).outcome).toBe("in_progress");
});
