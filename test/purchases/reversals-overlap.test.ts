import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { reconcile } from "../../src/admin/reconcile";
import { sweepPurchases } from "../../src/purchases/sweep";
import { HOUR_MS } from "../../src/units/duration";
import { api } from "../support/api/api";
import { adminKey, type TestOrganization } from "../support/api/organizations";
import { failing, type Trouble, tooLate, troubleLedger, well } from "../support/failures/failing-ledger";
import { AMSTERDAM, bought, entriesOf, newBuyer, postedMicros } from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";
import { until } from "../support/until";

const EUR = 1_000_000;

/** EUR 50.00 net, 60.50 gross. */
async function boughtFor50() {
  // Each time an account of its own at Stripe, compared with what its own purchase has left.
  for (const table of ["purchases", "reversals", "ledger_entries"]) await env.DB.exec(`DELETE FROM ${table}`);
  const stripe = standInStripe();
  const buyer = await newBuyer(AMSTERDAM);
  const { payment_intent_id, purchase_id } = await bought(stripe, buyer);
  const { controls } = stripe;
  return { controls, buyer, payment_intent_id, purchase_id, hear: () => controls.webhooks.deliverAll() };
}

/** What differs for an organization: ledgers of earlier tests may copy their entries late. */
async function differencesOf({ id }: TestOrganization): Promise<unknown[]> {
  const report = await reconcile(env, Date.now() + HOUR_MS);
  return (report?.differences ?? []).filter(({ organization_id }) => organization_id === id);
}

async function keysOf({ id }: TestOrganization): Promise<Record<string, number>> {
  const path = `/api/v1/admin/organizations/${id}/ledger?limit=500`;
  const { body } = await api("GET", path, { key: await adminKey() });
  const entries: { key: string; amount_micros: number }[] = body.entries;
  return Object.fromEntries(
    entries.map(({ key, amount_micros }) => [key.replace(/_[^:]+/, ""), amount_micros]),
  );
}

test("a refund that fails while a dispute holds the money leaves nothing to spend, at no time", async () => {
  const { controls, buyer, payment_intent_id, hear } = await boughtFor50();
  const refund = controls.refund(payment_intent_id, { status: "pending" });
  await hear();
  const dispute = controls.openDispute(payment_intent_id, { amount_cents: 6_050 });
  await hear();
  expect(await postedMicros(buyer)).toBe(0);
  controls.failRefund(refund.id);
  await hear();
  // What the dispute takes comes before what the refund gives back.
  expect((await entriesOf(buyer)).slice(1)).toEqual([
    ["refund", -50 * EUR],
    ["dispute", -50 * EUR],
    ["refund", 50 * EUR],
  ]);
  controls.closeDispute(dispute.id, "lost");
  await hear();
  expect(await postedMicros(buyer)).toBe(0);
  expect(await differencesOf(buyer)).toEqual([]);
});

test("a dispute that is won gives back all that was taken for it, under all of its keys", async () => {
  const { controls, buyer, payment_intent_id, hear } = await boughtFor50();
  const refund = controls.refund(payment_intent_id, { amount_cents: 3_025, status: "pending" });
  await hear();
  const dispute = controls.openDispute(payment_intent_id, { amount_cents: 6_050 });
  await hear();
  controls.failRefund(refund.id);
  await hear();
  expect(await postedMicros(buyer)).toBe(0);
  controls.closeDispute(dispute.id, "won");
  await hear();
  expect(await postedMicros(buyer)).toBe(50 * EUR);
  expect(await keysOf(buyer)).toMatchObject({
    "dispute:du:withdrawn": -25 * EUR,
    "dispute:du:withdrawn:2": -25 * EUR,
    "dispute:du:reinstated": 50 * EUR,
  });
  expect(await differencesOf(buyer)).toEqual([]);
});

/** What people and banks do with a payment at Stripe. */
interface Course {
  refund(amount_cents: number): Promise<string>;
  fail(id: string): Promise<void>;
  cancel(id: string): Promise<void>;
  dispute(amount_cents: number): Promise<string>;
  close(id: string, outcome: "won" | "lost"): Promise<void>;
}

/** What happens to a payment of 60.50 gross, and how much of the 50.00 net is left in the end. */
const COURSES: [what: string, left_eur: number, happen: (at: Course) => Promise<void>][] = [
  [
    "two disputes of the whole, one won",
    0,
    async ({ dispute, close }) => {
      const [first, second] = [await dispute(6_050), await dispute(6_050)];
      await close(first, "won");
      await close(second, "lost");
    },
  ],
  [
    "two disputes of the whole, both won",
    50,
    async ({ dispute, close }) => {
      for (const id of [await dispute(6_050), await dispute(6_050)]) await close(id, "won");
    },
  ],
  [
    "two partial refunds that wait, a dispute of a part, one refund fails",
    10,
    async ({ refund, dispute, fail }) => {
      const first = await refund(1_210);
      await refund(2_420);
      await dispute(2_420);
      await fail(first);
    },
  ],
  [
    "a dispute of the whole after two refunds, both of which fail",
    0,
    async ({ refund, dispute, fail }) => {
      const refunds = [await refund(1_210), await refund(2_420)];
      await dispute(6_050);
      for (const id of refunds) await fail(id);
    },
  ],
  [
    "a refund of the whole that is canceled, then a part is disputed and lost",
    30,
    async ({ refund, dispute, cancel, close }) => {
      await cancel(await refund(6_050));
      await close(await dispute(2_420), "lost");
    },
  ],
  [
    "a refund that fails after the dispute beside it was won",
    50,
    async ({ refund, dispute, fail, close }) => {
      const refunded = await refund(6_050);
      await close(await dispute(6_050), "won");
      await fail(refunded);
    },
  ],
  [
    "a refund that fails after the dispute beside it was lost",
    0,
    async ({ refund, dispute, fail, close }) => {
      const refunded = await refund(6_050);
      await close(await dispute(6_050), "lost");
      await fail(refunded);
    },
  ],
  [
    "a dispute that is won although the refund beside it stays",
    20,
    async ({ refund, dispute, close }) => {
      await refund(3_630);
      await close(await dispute(6_050), "won");
    },
  ],
];

/** Every way in which it can be heard of: step by step, then at once in some order, doubled, or by two at the same time. */
const HEARD = ["each", "created", "reversed", "twice"] as const;

test.each(COURSES.flatMap((course) => HEARD.map((heard) => [heard, ...course] as const)))(
  "heard of %s, %s: %d EUR are left",
  async (heard, _, left_eur, happen) => {
    const { controls, buyer, payment_intent_id, hear } = await boughtFor50();
    const did = async <Made>(made: Made): Promise<Made> => {
      if (heard === "each") await hear();
      return made;
    };
    await happen({
      refund: (amount_cents) =>
        did(controls.refund(payment_intent_id, { amount_cents, status: "pending" }).id),
      fail: (id) => did(controls.failRefund(id)),
      cancel: (id) => did(controls.cancelRefund(id)),
      dispute: (amount_cents) => did(controls.openDispute(payment_intent_id, { amount_cents }).id),
      close: (id, outcome) => did(controls.closeDispute(id, outcome)),
    });
    const { webhooks } = controls;
    if (heard === "reversed") await webhooks.deliver({ order: "reversed" });
    if (heard === "twice")
      await Promise.all([webhooks.deliver({ times: 2 }), webhooks.deliver({ order: "reversed" })]);
    await hear();
    expect(await postedMicros(buyer)).toBe(left_eur * EUR);
    expect(await differencesOf(buyer)).toEqual([]);
  },
);

test("a word that comes late does not undo a later one", async () => {
  const { controls, buyer, payment_intent_id, hear } = await boughtFor50();
  const refund = controls.refund(payment_intent_id, { status: "pending" });
  // The first event has read the refund while it waited, and reaches the ledger only when the second one is done.
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const late: Trouble = async (ask) => {
    await held;
    return ask();
  };
  const { tries, mend } = troubleLedger(buyer.id, late, well);
  const first = controls.webhooks.deliver();
  await until("the first event to reach the ledger", () => tries.length === 1);
  controls.failRefund(refund.id);
  await controls.webhooks.deliver({ only: ({ type }) => type === "refund.failed" });
  release();
  await first;
  mend();
  await hear();
  expect(await postedMicros(buyer)).toBe(50 * EUR);
});

test("a ledger whose answer is lost is asked again, and nothing is taken twice", async () => {
  const { controls, buyer, payment_intent_id, hear } = await boughtFor50();
  const refund = controls.refund(payment_intent_id, { status: "pending" });
  controls.openDispute(payment_intent_id, { amount_cents: 6_050 });
  await hear();
  controls.failRefund(refund.id);
  const lost = tooLate(failing("Internal error (made by the test)"));
  const { mend } = troubleLedger(buyer.id, lost, failing("Internal error (made by the test)"));
  await controls.webhooks.deliver();
  mend();
  await env.DB.prepare("UPDATE reversals SET look_again_at_ms = 0").run();
  await sweepPurchases(env);
  await hear();
  expect(await postedMicros(buyer)).toBe(0);
  expect(await entriesOf(buyer)).toHaveLength(4);
  expect(await differencesOf(buyer)).toEqual([]);
});

test("too little taken is reported and mended by the nightly comparison, also what was taken before", async () => {
  const { controls, buyer, payment_intent_id, purchase_id, hear } = await boughtFor50();
  const refund = controls.refund(payment_intent_id, { status: "pending" });
  await hear();
  controls.failRefund(refund.id);
  await hear();
  const dispute = controls.openDispute(payment_intent_id);
  controls.closeDispute(dispute.id, "lost");
  controls.webhooks.drop(() => true);
  // As it was written before: the dispute found all taken, took nothing, and was done with.
  await env.DB.prepare(
    `INSERT INTO reversals (id, purchase_id, organization_id, kind, status, gross_cents, net_cents, created_at_ms)
     VALUES (?, ?, ?, 'dispute', 'taken', 6050, 0, ?)`,
  )
    .bind(dispute.id, purchase_id, buyer.id, Date.now())
    .run();
  expect(await differencesOf(buyer)).toEqual([
    expect.objectContaining({ kind: "taken_too_little", id: purchase_id, organization_id: buyer.id }),
  ]);
  expect(await postedMicros(buyer)).toBe(0);
  expect(await differencesOf(buyer)).toEqual([]);
});
