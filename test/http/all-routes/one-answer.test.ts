import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { OrganizationLedger } from "../../../src/ledger/object/organization-ledger";
import { dialer } from "../../stand-in/dialer";
import { api } from "../../support/api/api";
import { adminKey, give, newOrganization } from "../../support/api/organizations";
import { failing, type Trouble, tooLate, troubleMethod } from "../../support/failures/failing-ledger";
import { bought, buyAndPay, newBuyer, sessionOf } from "../../support/purchases/buying";
import { standInStripe } from "../../support/purchases/stripe";

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

/** Places one call as often as it is asked, under one key; the dialer refuses it. */
async function refusedCall() {
  const caller = await newOrganization(1_000_000);
  await give(caller, "+31201234567");
  const there = dialer(() => new Response(null, { status: 403 }));
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const place = (headers: Record<string, string> = { "Idempotency-Key": "order-1" }) =>
    api("POST", "/api/v1/calls/outbound", {
      key: caller.key,
      body: { destination: "+31207654321" },
      headers,
    });
  return { caller, there, place };
}

const lost = failing("The reply was lost (made by the test)");

test.each<[string, Trouble, number, string | undefined]>([
  ["never reached it", lost, 201, undefined],
  ["was carried out and its answer lost", tooLate(lost), 503, "dialer_unavailable"],
])(
  "a call that the dialer refused and whose taking back %s: the first is told to come again, and all that come then the same",
  async (_, trouble, status, code) => {
    const { caller, there, place } = await refusedCall();
    const mend = troubleMethod(caller.id, "operate", trouble);
    expect(await place()).toMatchObject({ status: 409, body: { error: { code: "request_in_progress" } } });
    mend();
    for (const told of [await place(), await place()])
      expect([told.status, told.body.error?.code]).toEqual([status, code]);
    expect(there.asked.length).toBe(1);
    there.hangUp();
  },
);

test("without a key nobody repeats: a refused call is told as refused, also when it could not be taken back", async () => {
  const { caller, there, place } = await refusedCall();
  const mend = troubleMethod(caller.id, "operate", lost);
  expect(await place({})).toMatchObject({ status: 503, body: { error: { code: "dialer_unavailable" } } });
  mend();
  there.hangUp();
});

test("a page for a card is one page for each key, also at once and after a failure of Stripe's", async () => {
  const stripe = standInStripe();
  const buyer = await newBuyer();
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const open = (headers: Record<string, string>, body = {}) =>
    api("POST", "/api/v1/payment_method/setup", { key: buyer.key, body, headers });
  const key = { "Idempotency-Key": "card-1" };
  stripe.controls.failNext({ method: "POST", path: /checkout\/sessions$/, kind: "500", times: 2 });
  const [one, other] = await Promise.all([open(key), open(key)]);
  expect(one.status).toBe(201);
  expect(other.body).toEqual(one.body);
  expect((await open(key)).body).toEqual(one.body);
  expect(stripe.controls.find("checkout.session")).toHaveLength(1);
  expect(await open(key, { return_url: "https://app.example.com/other" })).toMatchObject({
    ...{ status: 409, body: { error: { code: "idempotency_conflict", param: "Idempotency-Key" } } },
  });
  expect((await open({ "Idempotency-Key": "card-2" })).body.url).not.toBe(one.body.url);
  expect((await open({})).body.url).not.toBe((await open({})).body.url);
});

test("two resolutions of one purchase at once never ask Stripe at once, and are told the same", async () => {
  const stripe = standInStripe();
  const buyer = await newBuyer();
  const { purchase_id } = await buyAndPay(stripe, buyer);
  Object.assign(sessionOf(stripe, purchase_id), { amount_subtotal: 4_999 });
  await stripe.controls.webhooks.deliverAll();
  const key = await adminKey();
  const resolve = () =>
    api("POST", `/api/v1/admin/organizations/${buyer.id}/purchases/${purchase_id}/resolve`, {
      key,
      body: { resolution: "refund", reason: "Looked into" },
    });
  const begins = vi.spyOn(OrganizationLedger.prototype, "beginRequest");
  const [one, other] = await Promise.all([resolve(), resolve()]);
  expect(one).toMatchObject({ status: 200, body: { status: "refunded" } });
  expect(other.body).toEqual(one.body);
  expect(stripe.controls.find("refund")).toHaveLength(1);
  expect(begins.mock.results.some(({ value }) => value.outcome === "in_progress")).toBe(true);
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
