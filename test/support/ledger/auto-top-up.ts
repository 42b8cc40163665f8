import { runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";
import { TopUpDriver } from "../../../src/index";
import type {
  TopUpCard,
  TopUpClaim,
  TopUpSettings,
  TopUpView,
} from "../../../src/ledger/core/credit/auto-top-up";
import { fundedLedger, settle, type TestLedger, VOICE } from "./ledger";

export const CARD: TopUpCard = { payment_method_id: "pm_1", fingerprint: "card-1", consent_at_ms: 1 };

/** Buys EUR 50 when less than EUR 5 remains, three times a day and for EUR 500 a month at most. */
export const SETTINGS: TopUpSettings = {
  enabled: true,
  threshold_micros: 5_000_000,
  runway_minutes: null,
  net_cents: 5_000,
  max_per_day: 3,
  monthly_cap_cents: 50_000,
  consent: { text: "Yes.", at_ms: 0, key_id: "key_test" },
};

/** Takes down what the ledgers set the Worker to buy, and lets it do nothing, or what `drive` says. */
export function watchDriver(drive: (claim: TopUpClaim) => Promise<void> = async () => {}): TopUpClaim[] {
  const driven: TopUpClaim[] = [];
  vi.spyOn(TopUpDriver.prototype, "drive").mockImplementation((_, claim) => {
    driven.push(claim);
    return drive(claim);
  });
  return driven;
}

/** A ledger with credit and a saved card, on which auto top-up is on. */
export async function toppedUpLedger(credit_micros: number, settings: Partial<TopUpSettings> = {}) {
  const ledger = await fundedLedger(credit_micros);
  await ledger.stub().putTopUpCard(CARD);
  await ledger.stub().setAutoTopUp({ ...SETTINGS, ...settings });
  return ledger;
}

export async function topUpOf(ledger: TestLedger): Promise<TopUpView> {
  const answer = await ledger.stub().autoTopUp(null);
  if (answer.outcome !== "auto_top_up") throw new Error(answer.code);
  return answer.top_up;
}

/** The claim that stands. */
export async function claimOf(ledger: TestLedger): Promise<TopUpClaim> {
  const { claim } = await topUpOf(ledger);
  if (!claim) throw new Error("Nothing is claimed.");
  return claim;
}

/** Posts the credit of a purchase, as settling it does. */
export function credit(
  ledger: TestLedger,
  { purchase_id, net_cents }: Pick<TopUpClaim, "purchase_id" | "net_cents">,
) {
  const amount_micros = net_cents * 10_000;
  return ledger
    .stub()
    .post({ key: `purchase:${purchase_id}`, kind: "purchase", amount_micros, reason: "Credit bought" });
}

export function fail(ledger: TestLedger, purchase_id: string, code: string) {
  return ledger.stub().closeTopUp(purchase_id, { code, message: `It failed: ${code}.` });
}

const SECOND_OF_VOICE_MICROS = 1_167;
let calls = 0;

/** Uses this much credit by a call that has ended so long ago, however little is left. */
export async function use(ledger: Pick<TestLedger, "send">, micros: number, ended_ago_ms = 0): Promise<void> {
  const ended_at_ms = Date.now() - ended_ago_ms;
  const parties = { direction: "inbound", from: "+31201234567", to: "+31207654321", number: null } as const;
  const cost_micros = micros - SECOND_OF_VOICE_MICROS;
  const answer = await ledger.send(
    settle(`use-${++calls}`, 1_000, {
      answered_at_ms: ended_at_ms - 1_000,
      ended_at_ms,
      provider_costs: [{ service: "other", cost_micros }],
      unauthorized: { ...parties, rate_name: "voice", standard_rate: VOICE, byok: [] },
    }),
  );
  if (answer.outcome !== "receipt") throw new Error(`The call was not charged: ${answer.outcome}.`);
}

/** Takes credit back with money that went to the customer, or gives it back. */
export function reverse(ledger: TestLedger, kind: "refund" | "dispute", what: string, amount_micros: number) {
  return ledger.stub().post({ key: `${kind}:${what}`, kind, amount_micros, reason: kind });
}

/** The events of auto top-up that the ledger has noted, in order. */
export async function notedOf(
  ledger: Pick<TestLedger, "stub">,
): Promise<{ type: string; data: Record<string, unknown> }[]> {
  return runInDurableObject(ledger.stub(), (_, { storage }) =>
    storage.sql
      .exec<{ type: string; data: string }>("SELECT type, data FROM event ORDER BY rowid")
      .toArray()
      .filter(({ type }) => type.startsWith("auto_top_up."))
      .map(({ type, data }) => ({ type, data: JSON.parse(data) })),
  );
}
