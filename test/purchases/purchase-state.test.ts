import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { undecidedTax } from "../../src/purchases/start-checkout";
import { openDatabase } from "../../src/storage/database";
import {
  beginResolution,
  dropResolution,
  markRefunded,
  movePurchase,
  reopenRefunded,
} from "../../src/storage/purchases/purchase-moves";
import {
  PURCHASE_STATUSES,
  type PurchaseStatus,
  TRANSITIONS,
} from "../../src/storage/purchases/purchase-state";
import { findPurchase, insertPurchase, type PurchaseRow } from "../../src/storage/purchases/purchases";
import {
  applyLedgerAnswers,
  findReversal,
  insertReversal,
  recordMove,
} from "../../src/storage/purchases/reversals";
import { newId } from "../../src/units/id";

const sources = import.meta.glob<string>("../../src/**/*.{ts,tsx}", {
  query: "?raw",
  import: "default",
  eager: true,
});

const NEW = { kind: "checkout", status: "created" } as const;

const db = () => openDatabase(env);

/** A purchase that stands as it is said, with what a person has decided about it. */
async function purchaseIn(
  status: PurchaseStatus,
  resolution: PurchaseRow["resolution"] = null,
): Promise<PurchaseRow> {
  const id = newId("pur");
  const row = {
    ...{ id, organization_id: newId("org"), request_key: id, ...NEW },
    ...{ request_fingerprint: "", currency: "EUR", net_cents: 5_000, tax_decision: undecidedTax("a_test") },
    ...{ stripe_customer_id: "cus_1", save_card: false, attempt: 1 },
    ...{ created_at_ms: 1, expires_at_ms: 2, checked_at_ms: 1 },
  };
  await insertPurchase(db(), row);
  await env.DB.prepare("UPDATE purchases SET status = ?, resolution = ? WHERE id = ?")
    .bind(status, resolution, id)
    .run();
  const found = await findPurchase(db(), id);
  if (!found) throw new Error("The purchase is not there.");
  return found;
}

const MOVES = PURCHASE_STATUSES.flatMap((from) => PURCHASE_STATUSES.map((to) => ({ from, to })));

function isAllowed({ from, to }: { from: PurchaseStatus; to: PurchaseStatus }): boolean {
  const next: readonly PurchaseStatus[] = TRANSITIONS[from];
  return next.includes(to);
}

test.each(MOVES.filter(isAllowed))("a purchase that is $from may become $to", async ({ from, to }) => {
  const before = await purchaseIn(from);
  const after = await movePurchase(db(), before.id, { to, change: { failure_message: "moved" } });
  expect(after).toEqual({ ...before, status: to, failure_message: "moved" });
});

test.each(MOVES.filter((move) => !isAllowed(move)))(
  "a purchase that is $from never becomes $to: its row stays as it is",
  async ({ from, to }) => {
    const before = await purchaseIn(from);
    expect(await movePurchase(db(), before.id, { to, change: { failure_message: "moved" } })).toEqual(before);
    expect(await findPurchase(db(), before.id)).toEqual(before);
  },
);

test.each(PURCHASE_STATUSES.filter((status) => status !== "paid"))(
  "a purchase that is %s and that a person resolves is moved by nothing that Stripe says",
  async (status) => {
    for (const to of PURCHASE_STATUSES) {
      const before = await purchaseIn(status, "refund");
      expect(await movePurchase(db(), before.id, { to })).toEqual(before);
    }
  },
);

test("what holds for a purchase that is only created moves no other", async () => {
  const created = await purchaseIn("created");
  const open = await purchaseIn("open");
  const move = { to: "expired", only_from: "created" } as const;
  expect((await movePurchase(db(), created.id, move)).status).toBe("expired");
  expect(await movePurchase(db(), open.id, move)).toEqual(open);
});

test.each(PURCHASE_STATUSES)(
  "a person resolves a mismatch and nothing else: one that is %s",
  async (status) => {
    for (const decided of [{ resolution: "close", status: "closed" }, { resolution: "refund" }] as const) {
      const before = await purchaseIn(status);
      const expected = status === "mismatch" ? { ...before, ...decided } : before;
      expect(await beginResolution(db(), before.id, decided)).toEqual(expected);
    }
  },
);

test.each(PURCHASE_STATUSES)(
  "only a mismatch is given back, and only what was given back is opened again: %s",
  async (status) => {
    const back = await purchaseIn(status, "refund");
    await markRefunded(db(), back.id);
    expect((await findPurchase(db(), back.id))?.status).toBe(status === "mismatch" ? "refunded" : status);
    const again = await purchaseIn(status, "refund");
    await reopenRefunded(db(), again.id, "failed");
    const reopened = { status: "mismatch", resolution: null, attempt: 2, failure_message: "failed" };
    expect(await findPurchase(db(), again.id)).toEqual(
      status === "refunded" ? { ...again, ...reopened } : again,
    );
    const dropped = await purchaseIn(status, "refund");
    await dropResolution(db(), dropped.id);
    expect((await findPurchase(db(), dropped.id))?.resolution).toBe(status === "mismatch" ? null : "refund");
  },
);

test("the status of a purchase is written by its moves alone", () => {
  const writers = Object.entries(sources).filter(([, text]) =>
    /\.update\(purchases\)|UPDATE purchases/.test(text),
  );
  expect(writers.map(([path]) => path)).toEqual(["../../src/storage/purchases/purchase-moves.ts"]);
});

test("of a reversal, what is known less well changes no row", async () => {
  const id = "re_1";
  const known = { id, moves: 2, is_back: true };
  await insertReversal(db(), {
    ...known,
    ...{
      purchase_id: "pur_1",
      organization_id: "org_1",
      kind: "refund",
      gross_cents: 121,
      own_net_cents: 100,
    },
    ...{ credit_note_id: null, created_at_ms: 1, look_again_at_ms: null },
  });
  const first = await findReversal(db(), id);
  expect(first).toMatchObject({ status: "taking", net_cents: 100 });
  await recordMove(db(), { id, moves: 1, is_back: false }, 5);
  await recordMove(db(), { id, moves: 2, is_back: false }, 5);
  await applyLedgerAnswers(db(), [{ id, moves: 1, is_back: false, net_cents: 0, entries: 1 }], 5);
  expect(await findReversal(db(), id)).toEqual(first);
  await applyLedgerAnswers(db(), [{ id, moves: 2, is_back: true, net_cents: 90, entries: 2 }], 6);
  const taken = await findReversal(db(), id);
  expect(taken).toMatchObject({ status: "taken", net_cents: 90, entries: 2, taken_at_ms: 6 });
  await applyLedgerAnswers(db(), [{ id, moves: 2, is_back: true, net_cents: 80, entries: 1 }], 7);
  expect(await findReversal(db(), id)).toEqual(taken);
  await recordMove(db(), { id, moves: 3, is_back: false }, 8);
  expect(await findReversal(db(), id)).toMatchObject({ status: "returning", net_cents: 90 });
});
