import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { STRIPE } from "../../../src/organizations/actor";
import { auditFact } from "../../../src/organizations/audit-log";
import { auditCopied, factsIn } from "../../support/api/audit-copied";
import { failD1 } from "../../support/failures/failing-d1";
import { fundedLedger, type TestLedger } from "../../support/ledger/ledger";

afterEach(() => {
  vi.restoreAllMocks();
});

/** A change of the balance, and the row that says who asked for it. */
function asked({ organization_id }: TestLedger, key: string, amount_micros = 1_000_000) {
  const detail = { key: `adjustment:${key}`, kind: "adjustment", amount_micros, reason: "credit" } as const;
  return [detail, auditFact(STRIPE, { action: "adjustment.post", organization_id, detail })] as const;
}

async function rowsOf({ organization_id }: TestLedger): Promise<Record<string, unknown>[]> {
  const read = "SELECT * FROM audit WHERE organization_id = ? ORDER BY id";
  return (await env.DB.prepare(read).bind(organization_id).all()).results;
}

test("a change takes its row with it, and D1 has it without anyone asking for it", async () => {
  const ledger = await fundedLedger(0);
  const [command, fact] = asked(ledger, "one");
  await ledger.stub().post(command, fact);
  await auditCopied();
  const { seal: _, detail, ...row } = (await rowsOf(ledger))[0] ?? {};
  expect({ ...row, detail: JSON.parse(String(detail)) }).toEqual(fact);
});

test("what changes nothing leaves no row: a repeat, and what is refused", async () => {
  const ledger = await fundedLedger(0);
  const [command, fact] = asked(ledger, "one");
  await ledger.stub().post(command, fact);
  const [, of_repeat] = asked(ledger, "one");
  await ledger.stub().post(command, of_repeat);
  const [other, of_other] = asked(ledger, "one", 2_000_000);
  expect(await ledger.stub().post(other, of_other)).toMatchObject({ code: "idempotency_conflict" });
  await auditCopied();
  expect((await rowsOf(ledger)).map(({ id }) => id)).toEqual([fact.id]);
});

test("with D1 away the change is made; its row outlives the object and comes by the alarm", async () => {
  const ledger = await fundedLedger(0);
  const repair = failD1();
  vi.spyOn(console, "error").mockImplementation(() => {});
  const [command, fact] = asked(ledger, "one");
  expect(await ledger.stub().post(command, fact)).toMatchObject({ outcome: "posted" });
  await evictDurableObject(ledger.stub());
  expect(await factsIn(ledger.stub())).toEqual([JSON.stringify(fact)]);
  repair();
  expect(await runDurableObjectAlarm(ledger.stub())).toBe(true);
  await auditCopied();
  expect((await rowsOf(ledger)).map(({ id }) => id)).toEqual([fact.id]);
});

test("a copy whose answer was lost is made again, and leaves one row", async () => {
  const ledger = await fundedLedger(0);
  const [command, fact] = asked(ledger, "one");
  await ledger.stub().post(command, fact);
  await auditCopied();
  const before = await rowsOf(ledger);
  await runInDurableObject(ledger.stub(), (_, { storage }) => {
    storage.sql.exec("INSERT INTO audit_fact VALUES (?, ?)", fact.id, JSON.stringify(fact));
  });
  await evictDurableObject(ledger.stub());
  await ledger.account();
  await auditCopied();
  expect(await rowsOf(ledger)).toEqual(before);
});

test("more rows than one statement takes all arrive", async () => {
  const ledger = await fundedLedger(0);
  const repair = failD1();
  vi.spyOn(console, "error").mockImplementation(() => {});
  for (let at = 0; at < 205; at++) await ledger.stub().post(...asked(ledger, `${at}`));
  repair();
  await runDurableObjectAlarm(ledger.stub());
  await auditCopied();
  expect(await rowsOf(ledger)).toHaveLength(205);
});
