import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";
import type { CallCommand } from "../../../src/ledger/core/calls/commands";
import { type VerifyCursor, verifyPortion } from "../../../src/ledger/object/verify";
import { LedgerStore } from "../../../src/ledger/store/ledger-store";
import { stopClock } from "../../support/clock";
import { linksOf, mask, tamper } from "../../support/ledger/chain";
import { authorize, fundedLedger, settle, type TestLedger } from "../../support/ledger/ledger";
import { DAY_MS, runAlarm } from "../../support/ledger/retention";
import { Tamperer, type Tampering } from "../../support/ledger/tampering";
import { Random } from "../../support/random";

afterEach(() => {
  vi.useRealTimers();
});

const SEEDS = Array.from({ length: 12 }, (_, at) => at + 1);
const TAMPERINGS = 150;

/** Calls that end in every way, some with provider costs, and corrections of earlier ones. */
function commandsOf(random: Random, round: number): CallCommand[] {
  return Array.from({ length: random.between(1, 8) }, (_, at) => {
    const call_id = `${round}-${at}`;
    const provider_costs = random.chance(0.3) ? [{ service: "stt" as const, cost_micros: 1_001 }] : [];
    const end: CallCommand = random.chance(0.15)
      ? { op: "void", call_id, end_reason: "busy" }
      : settle(call_id, random.between(0, 60_000), { provider_costs });
    const correction: CallCommand = {
      op: "correct",
      call_id: `${random.between(0, round)}-${random.between(0, 7)}`,
      correction_id: `after ${call_id}`,
      duration_ms: random.between(0, 50_000),
      reason: "CDR",
    };
    const number = random.chance(0.5) ? "+31800123" : null;
    return [authorize(call_id, { number }), end, ...(random.chance(0.4) ? [correction] : [])];
  }).flat();
}

/** A ledger of chance: some have a checkpoint, some an older beginning without digests, some a later epoch or a masked call. */
async function ledgerOf(random: Random): Promise<TestLedger> {
  const clock = stopClock("2030-11-10T12:00:00.000Z");
  const ledger = await fundedLedger(100_000_000);
  const rounds = random.between(2, 6);
  const leaves = random.chance(0.4);
  const older_until = random.chance(0.3) ? 0 : -1;
  for (let round = 0; round < rounds; round++) {
    await ledger.stub().operate(commandsOf(random, round));
    if (round === older_until)
      await tamper(ledger, "UPDATE entry SET salt = NULL, receipt_digest = NULL, digest = NULL");
    if (random.chance(0.5)) await ledger.post(`adjustment:${round}`, random.between(-1_000, 1_000) * 1_000);
    if (random.chance(0.2)) await ledger.stub().beginEpoch(round + 2);
    clock.pass(leaves ? 150 * DAY_MS : 60_000);
    if (leaves) await runAlarm(ledger);
  }
  await ledger.post("adjustment:last but one", 2_000);
  await ledger.post("adjustment:last", 1_000);
  return ledger;
}

/** What a ledger's rows say of themselves, and where the chain is unbroken from. */
function provenRows(store: LedgerStore): { first_difference: string | null; chain_from_seq: number } {
  const until_seq = store.lastEntry()?.seq ?? 0;
  let cursor: VerifyCursor = { until_seq, seq: 0, balance_micros: 0, call_id: null };
  for (;;) {
    const portion = verifyPortion(store, cursor);
    const { chain_from_seq = 1 } = portion.cursor ?? cursor;
    if (portion.cursor === null) return { first_difference: portion.first_difference, chain_from_seq };
    cursor = portion.cursor;
  }
}

class Undone extends Error {}

/** Does something to the rows, looks at them, and undoes it. */
function undoing<Found>(storage: DurableObjectStorage, work: () => Found): Found {
  let found: Found | undefined;
  try {
    storage.transactionSync(() => {
      found = work();
      throw new Undone();
    });
  } catch (error) {
    if (!(error instanceof Undone)) throw error;
  }
  return found as Found;
}

/** What of this tampering nobody would name: neither `verify` nor, if digests were worked out anew, the head that left before. */
function unnamed(storage: DurableObjectStorage, random: Random, from_seq: number): string | null {
  const { sql } = storage;
  const head = new LedgerStore(sql).chain.after(from_seq - 1, 10_000).at(-1);
  return undoing(storage, () => {
    const { what, is_plain }: Tampering = new Tamperer(sql, random, from_seq).tamper();
    // Not the store of the ledger: what that remembers of its last link would not be undone.
    const store = new LedgerStore(sql);
    const { first_difference } = provenRows(store);
    const other_head = store.chain.get(head?.seq ?? 0)?.digest !== head?.digest;
    const is_named = first_difference !== null || (!is_plain && other_head);
    return is_named ? null : what;
  });
}

test.for(SEEDS)("whatever is tampered with is named (seed %i)", { timeout: 60_000 }, async (seed) => {
  const random = new Random(seed);
  const ledger = await ledgerOf(random);
  const { first_difference, chain_from_seq } = await runInDurableObject(ledger.stub(), (_, { storage }) =>
    provenRows(new LedgerStore(storage.sql)),
  );
  expect(first_difference).toBeNull();
  const head = (await linksOf(ledger)).at(-1)?.digest;
  const overlooked = await runInDurableObject(ledger.stub(), (_, { storage }) => {
    const left_seq = new LedgerStore(storage.sql).checkpoint()?.seq ?? 0;
    const from_seq = Math.max(chain_from_seq, left_seq + 1);
    return Array.from({ length: TAMPERINGS }, () => unnamed(storage, random, from_seq));
  });
  expect(overlooked.filter((what) => what !== null)).toEqual([]);
  await evictDurableObject(ledger.stub());
  const masked = random.pick((await linksOf(ledger)).filter(({ kind, salt }) => kind === "call" && salt));
  const values = ["+31201234567", "+31207654321", "+31800123", "hangup", "CDR", masked.call_id ?? ""];
  await mask(ledger, masked.call_id ?? "", values, random.chance(0.5));
  expect(await ledger.verify()).toMatchObject({ ok: true });
  expect((await linksOf(ledger)).at(-1)?.digest).toBe(head);
});
