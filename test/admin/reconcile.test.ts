import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import { reconcile } from "../../src/admin/reconcile";
import { DAY_MS, HOUR_MS } from "../../src/units/duration";
import { api } from "../support/api/api";
import { adminKey } from "../support/api/organizations";
import { bought, buyAndPay, newBuyer } from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";

// Each test compares an account of its own at Stripe with what its own purchases have left.
beforeEach(async () => {
  for (const table of ["purchases", "reversals", "ledger_entries"]) await env.DB.exec(`DELETE FROM ${table}`);
});

/** The comparison as it is made an hour from now, when what was just done has settled. */
async function differences(): Promise<string[]> {
  const report = await reconcile(env, Date.now() + HOUR_MS);
  return (report?.differences ?? []).map(({ kind }) => String(kind)).sort();
}

test("nothing differs where everything was credited", async () => {
  const stripe = standInStripe();
  await bought(stripe, await newBuyer());
  await bought(stripe, await newBuyer(), { net_cents: 12_345 });
  expect(await differences()).toEqual([]);
});

test.each([
  ["a paid purchase that was never credited", "paid_not_credited", "UPDATE purchases SET status = 'open'"],
  [
    "another amount than was paid",
    "paid_amount_differs",
    "UPDATE purchases SET gross_cents = gross_cents + 1",
  ],
  [
    "other VAT than was decided",
    "tax_differs",
    "UPDATE purchases SET tax_decision = json_set(tax_decision, '$.tax_cents', 1)",
  ],
])("%s is reported", async (_, kind, damage) => {
  const stripe = standInStripe();
  const { purchase_id } = await bought(stripe, await newBuyer());
  await env.DB.prepare(`${damage} WHERE id = ?`).bind(purchase_id).run();
  expect(await differences()).toEqual([kind]);
});

test("a purchase that we have lost is reported", async () => {
  const stripe = standInStripe();
  const { purchase_id } = await buyAndPay(stripe, await newBuyer());
  await env.DB.prepare("DELETE FROM purchases WHERE id = ?").bind(purchase_id).run();
  expect(await differences()).toEqual(["paid_unknown"]);
});

test("credit that nothing was paid for is reported", async () => {
  const stripe = standInStripe();
  await bought(stripe, await newBuyer());
  standInStripe();
  expect(await differences()).toEqual(["credited_not_paid"]);
});

test("an entry that is missing in the ledger is reported", async () => {
  const stripe = standInStripe();
  const { purchase_id } = await buyAndPay(stripe, await newBuyer());
  await env.DB.prepare(
    "UPDATE purchases SET status = 'credited', tax_cents = 1050, gross_cents = 6050 WHERE id = ?",
  )
    .bind(purchase_id)
    .run();
  expect(await differences()).toEqual(["entry_missing"]);
});

test("what is older than the window is left alone", async () => {
  const stripe = standInStripe();
  const { purchase_id } = await bought(stripe, await newBuyer());
  await env.DB.prepare("UPDATE purchases SET gross_cents = 1 WHERE id = ?").bind(purchase_id).run();
  expect((await reconcile(env, Date.now() + 40 * DAY_MS))?.differences).toEqual([]);
});

test("operators read the last report, and can make one now", async () => {
  const stripe = standInStripe();
  const { purchase_id } = await bought(stripe, await newBuyer());
  const key = await adminKey();
  await env.DB.prepare(
    "UPDATE purchases SET created_at_ms = created_at_ms - 3600000, gross_cents = 1 WHERE id = ?",
  )
    .bind(purchase_id)
    .run();
  await env.DB.prepare("DELETE FROM reconciliations").run();
  expect((await api("GET", "/api/v1/admin/reconciliation", { key })).status).toBe(404);
  const made = await api("POST", "/api/v1/admin/reconciliation", { key });
  expect(made).toMatchObject({ status: 201, body: { ok: false } });
  expect((await api("GET", "/api/v1/admin/reconciliation", { key })).body).toEqual(made.body);
});
