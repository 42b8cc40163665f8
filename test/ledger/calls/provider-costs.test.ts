import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ProviderCost } from "../../../src/ledger/core/calls/call";
import type { CallCommand } from "../../../src/ledger/core/calls/commands";
import { stopClock } from "../../support/clock";
import {
  authorize,
  fundedLedger,
  receiptOf,
  renew,
  settle,
  type TestLedger,
  VOICE,
} from "../../support/ledger/ledger";

const CREDIT = 1_000_000;
const TOLD = 5_000;
const FEE_OF_40_SECONDS = 46_667;
const LLM: ProviderCost[] = [{ service: "llm", cost_micros: 7_000 }];

let clock: ReturnType<typeof stopClock>;
beforeEach(() => {
  clock = stopClock();
});
afterEach(() => {
  vi.useRealTimers();
});

const voided: CallCommand = { op: "void", call_id: "c", end_reason: null };
const correct = (duration_ms: number): CallCommand => ({
  op: "correct",
  call_id: "c",
  correction_id: `to ${duration_ms}`,
  duration_ms,
  reason: "CDR",
});

/** Answered, with costs told by a renewal at 40 s. */
async function talking(): Promise<TestLedger> {
  const ledger = await fundedLedger(CREDIT);
  await ledger.send(authorize("c"));
  clock.pass(40_000);
  await ledger.send({ ...renew("c", 1, 40), provider_cost_micros: TOLD });
  return ledger;
}

/** Not answered, with costs told while it rings. */
async function ringing(): Promise<TestLedger> {
  const ledger = await fundedLedger(CREDIT);
  await ledger.send(authorize("c"));
  clock.pass(10_000);
  await ledger.send({ ...renew("c", 1, 0), provider_cost_micros: TOLD });
  return ledger;
}

/** Rings the alarm until the call is lost. */
async function lose(ledger: TestLedger): Promise<void> {
  for (let rings = 0; rings < 5 && (await ledger.account()).active_calls > 0; rings++) {
    clock.pass(200_000);
    await runDurableObjectAlarm(ledger.stub());
  }
}

async function resolved(ledger: TestLedger) {
  const answer = await ledger.stub().call(null, "c");
  if (answer.outcome !== "call" || answer.known.state !== "resolved") throw new Error("not resolved");
  return answer.known.call;
}

/** What the call is charged for providers, as its receipt, the balance, what remains and `verify` say. */
async function expectCharged(ledger: TestLedger, fee_micros: number, provider_cost_micros: number) {
  const charged_micros = fee_micros + provider_cost_micros;
  expect(await resolved(ledger)).toMatchObject({ fee_micros, provider_cost_micros, charged_micros });
  expect(await ledger.account()).toMatchObject({
    posted_micros: CREDIT - charged_micros,
    remaining_micros: CREDIT - charged_micros,
    held_micros: 0,
  });
  expect(await ledger.verify()).toMatchObject({ ok: true, first_difference: null });
}

describe("costs that a renewal told", () => {
  const REPORTS: [string, ProviderCost[] | null, number][] = [
    ["says nothing of them", null, TOLD],
    ["says that there are none", [], 0],
    ["states others", LLM, 7_000],
  ];

  test.each(REPORTS)("are charged by a report that %s as it says", async (_, provider_costs, due) => {
    const ledger = await talking();
    const receipt = receiptOf(await ledger.send(settle("c", 40_000, { provider_costs })));
    expect(receipt).toMatchObject({
      provider_costs: provider_costs ?? [],
      reported_provider_cost_micros: due,
      provider_cost_micros: due,
    });
    await expectCharged(ledger, FEE_OF_40_SECONDS, due);
  });

  test.each(REPORTS)("stand by a late report of a lost call that %s as it says", async (_, costs, due) => {
    const ledger = await talking();
    await lose(ledger);
    await expectCharged(ledger, FEE_OF_40_SECONDS, TOLD);
    await ledger.send(settle("c", 40_000, { provider_costs: costs }));
    await expectCharged(ledger, FEE_OF_40_SECONDS, due);
  });

  test("stay as they were reported when the length is corrected", async () => {
    const ledger = await talking();
    await ledger.send(settle("c", 30_000, { provider_costs: LLM }));
    await ledger.send(correct(40_000));
    await expectCharged(ledger, FEE_OF_40_SECONDS, 7_000);
  });
});

describe("a call that was never answered costs nothing, whatever was told while it rang", () => {
  const ENDS: [string, (ledger: TestLedger) => Promise<unknown>][] = [
    ["voided", (ledger) => ledger.send(voided)],
    ["lost", lose],
    ["settled with 0", (ledger) => ledger.send(settle("c", 0, { provider_costs: null }))],
    [
      "lost and then settled with 0",
      async (ledger) => {
        await lose(ledger);
        await ledger.send(settle("c", 0, { provider_costs: null }));
      },
    ],
    [
      "voided and then corrected to 0",
      async (ledger) => {
        await ledger.send(voided);
        await ledger.send(correct(0));
      },
    ],
  ];

  test.each(ENDS)("%s", async (_, end) => {
    const ledger = await ringing();
    expect(await ledger.account()).toMatchObject({ remaining_micros: CREDIT });
    await end(ledger);
    expect(await resolved(ledger)).toMatchObject({ reported_provider_cost_micros: TOLD });
    await expectCharged(ledger, 0, 0);
  });

  test("settled with 0 and costs of its own", async () => {
    const ledger = await ringing();
    await ledger.send(settle("c", 0, { provider_costs: LLM }));
    expect(await resolved(ledger)).toMatchObject({
      provider_costs: LLM,
      reported_provider_cost_micros: 7_000,
    });
    await expectCharged(ledger, 0, 0);
  });

  test("never authorized, with costs of its own", async () => {
    const ledger = await fundedLedger(CREDIT);
    const unauthorized = {
      ...({ direction: "inbound", from: "+31612345678", to: "+31201234567", number: null } as const),
      ...{ rate_name: "voice", standard_rate: VOICE, byok: [] },
    };
    const report = { unauthorized, ended_at_ms: Date.now(), provider_costs: LLM };
    await ledger.send(settle("c", 0, report));
    await expectCharged(ledger, 0, 0);
  });
});

test.each<[string, (ledger: TestLedger) => Promise<unknown>]>([
  ["a late report", (ledger) => ledger.send(settle("c", 40_000, { provider_costs: null }))],
  ["a correction", (ledger) => ledger.send(correct(40_000))],
])("once %s gives a length to a voided call, what was told while it rang is charged", async (_, report) => {
  const ledger = await ringing();
  await ledger.send(voided);
  await report(ledger);
  await expectCharged(ledger, FEE_OF_40_SECONDS, TOLD);
});

test("costs told while it rings count in what remains from the answer on, and are held all along", async () => {
  const ledger = await ringing();
  expect(await ledger.account()).toMatchObject({ remaining_micros: CREDIT, held_micros: 70_000 + TOLD });
  await ledger.send({ op: "answered", call_id: "c", answered_at_ms: null });
  expect(await ledger.account()).toMatchObject({ remaining_micros: CREDIT - TOLD });
});
