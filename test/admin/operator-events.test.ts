import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { checkLedgers } from "../../src/admin/nightly-checks";
import { OrganizationWebhooks } from "../../src/index";
import { notifyOperators, sendWaitingEvents } from "../../src/notifications/record-event";
import { newOrganization } from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { tamper } from "../support/ledger/chain";
import { DAY_MS } from "../support/ledger/retention";

let taken: { id: string; type: string }[] = [];
let is_away = false;

beforeEach(async () => {
  taken = [];
  is_away = false;
  for (const level of ["error", "warn", "log"] as const)
    vi.spyOn(console, level).mockImplementation(() => {});
  for (const table of ["organizations", "cron_positions", "operator_events"])
    await env.DB.exec(`DELETE FROM ${table}`);
  vi.spyOn(OrganizationWebhooks.prototype, "take").mockImplementation((_, events) => {
    if (is_away) throw new Error("The object is away (failed by the test).");
    taken.push(...events);
    return { outcome: "taken" };
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const waiting = async () => (await env.DB.prepare("SELECT * FROM operator_events").all()).results;

function tell(report_id: string): Promise<void> {
  const type = "ops.reconciliation_difference" as const;
  const draft = { type, occurred_at_ms: Date.now(), data: { report_id, differences: 1 } };
  return notifyOperators(env, `reconciliation:${report_id}`, draft);
}

test("an event that operators' object cannot take waits, and is sent once it can", async () => {
  stopClock();
  is_away = true;
  await tell("rec_1");
  await tell("rec_1");
  await tell("rec_2");
  expect(await waiting()).toHaveLength(2);
  await expect(sendWaitingEvents(env)).rejects.toThrow();
  expect(await waiting()).toHaveLength(2);
  is_away = false;
  await sendWaitingEvents(env);
  await sendWaitingEvents(env);
  expect(taken).toMatchObject([
    { type: "ops.reconciliation_difference", data: { report_id: "rec_1" } },
    { type: "ops.reconciliation_difference", data: { report_id: "rec_2" } },
  ]);
  expect(await waiting()).toEqual([]);
});

test("what a proof finds is told once, however often it is found, and again after the ledger was whole", async () => {
  const clock = stopClock("2031-05-05T12:00:00.000Z");
  const { id } = await newOrganization(1_000_000);
  const ledger = { stub: () => env.LEDGER.getByName(id) };
  let nights = 0;
  // A ledger that nothing was written in is proven once a week.
  const night = async () => {
    nights += 1;
    const post = { kind: "adjustment" as const, amount_micros: 1, reason: "Test" };
    await ledger.stub().post({ ...post, key: `adjustment:of night ${nights}` });
    clock.pass(DAY_MS);
    for (let run = 0; run < 4; run++) await checkLedgers(env);
  };
  const told = () => taken.filter(({ type }) => type === "ops.ledger_difference").length;
  await night();
  expect(told()).toBe(0);
  const renamed = (reason: string) => `UPDATE entry SET reason = '${reason}' WHERE seq = 1`;
  await tamper(ledger, renamed("other"));
  for (let again = 0; again < 3; again++) await night();
  expect(told()).toBe(1);
  await tamper(ledger, renamed("Test"));
  await night();
  await tamper(ledger, renamed("other"));
  await night();
  await night();
  expect(told()).toBe(2);
});
