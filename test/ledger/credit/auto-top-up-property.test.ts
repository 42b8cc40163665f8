import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { OrganizationState } from "../../../src/ledger/core/account/organization";
import type { TopUpClaim, TopUpSettings } from "../../../src/ledger/core/credit/auto-top-up";
import { Projector } from "../../../src/ledger/object/projector";
import { credit, fail, SETTINGS, topUpOf, use, watchDriver } from "../../support/ledger/auto-top-up";
import { authorize, fundedLedger, renew, settle, type TestLedger } from "../../support/ledger/ledger";
import { Random } from "../../support/random";
import { TopUpModel } from "./auto-top-up-model";

const SEEDS = Array.from({ length: 12 }, (_, at) => at + 1);
const STEPS = 220;
const HOUR_MS = 3_600_000;
const START = "2031-01-30T20:00:00.000Z";

const STEP_KINDS = {
  call: 30,
  charge: 16,
  lose: 3,
  restore: 1,
  mismatch: 2,
  resolve: 6,
  credit: 18,
  fail: 10,
  pass: 16,
  settings: 16,
  card: 8,
  remove: 1,
  state: 4,
  evict: 3,
  abort: 1,
  alarm: 6,
  health: 3,
  repeat: 5,
} as const;

const REASONS = [
  "off",
  "suspended",
  "closed",
  "mismatch",
  "pause",
  "breaker",
  "rest",
  "day",
  "month",
  "enough",
];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(START);
  vi.spyOn(Projector.prototype, "flush").mockResolvedValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** One seed's ledger, its model, and what happens to both. */
class Run {
  readonly model = new TopUpModel();
  private readonly random: Random;
  private serial = 0;
  private state: OrganizationState = "active";
  private epoch = 1;
  private readonly mismatches: string[] = [];
  private readonly live: { call_id: string; renewals: number; begun_ms: number }[] = [];
  private last: (() => Promise<unknown>) | undefined;

  constructor(
    seed: number,
    private readonly ledger: TestLedger,
  ) {
    this.random = new Random(seed);
  }

  /** What is wrong after one more step, or null. Every run begins with a card and settings. */
  async step(at: number): Promise<string | null> {
    const kind = at === 0 ? "card" : at === 1 ? "settings" : this.random.weighted(STEP_KINDS);
    await this.take(kind);
    // Time alone asks nothing of a ledger: the watchdog does, sooner or later.
    if (kind === "pass" || kind === "evict" || kind === "abort") await this.ledger.stub().health();
    const [view, account] = [await topUpOf(this.ledger), await this.ledger.account()];
    const wrong = this.model.differenceFrom(view, account, Date.now());
    return wrong && `${kind}: ${wrong}\n${JSON.stringify({ view, model: this.model })}`;
  }

  private async take(kind: keyof typeof STEP_KINDS): Promise<void> {
    const { random, ledger, model } = this;
    const stub = ledger.stub();
    switch (kind) {
      case "call":
        return this.call();
      case "charge":
        return this.charge();
      case "lose":
        return this.lose(random.pick(["adjustment", "adjustment", "refund", "dispute"]));
      case "restore":
        await stub.beginEpoch(++this.epoch);
        return model.restored(await ledger.account());
      case "mismatch":
        return this.mismatch();
      case "resolve":
        return this.resolve();
      case "credit":
        return this.end((claim) => this.credit(claim));
      case "fail":
        return this.end((claim) => this.fail(claim));
      case "pass":
        vi.setSystemTime(
          Date.now() + random.pick([1, 20_000, 600_000, 3_600_000, 86_400_000, 9 * 86_400_000]),
        );
        return;
      case "settings":
        return this.settings();
      case "card":
        return this.card();
      case "remove":
        await stub.removeTopUpCard(null);
        return model.remove();
      case "state":
        this.state = this.state === "active" ? random.pick(["suspended", "closed"]) : "active";
        await stub.setProfile({ state: this.state });
        return;
      case "evict":
        return evictDurableObject(stub);
      case "abort":
        return abortAllDurableObjects();
      case "alarm":
        await runDurableObjectAlarm(stub);
        return;
      case "health":
        await stub.health();
        return;
      case "repeat":
        await this.last?.();
    }
  }

  /** Leaves an interesting sum: by a call that ended long ago, or by a gift. */
  private async charge(): Promise<void> {
    const { posted_micros } = await this.ledger.account();
    const wanted_micros = this.random.pick([-2, 0, 0, 0.9, 0.9, 1.1, 15, 25, 150]) * 1_000_000;
    const more_micros = wanted_micros - posted_micros || 1;
    if (more_micros > 0) await this.ledger.post(`adjustment:${++this.serial}`, more_micros);
    else await use(this.ledger, Math.max(2_000, -more_micros), HOUR_MS);
  }

  /** Takes credit without use: now and then all that there is, or all that is under way besides. */
  private async lose(kind: "adjustment" | "refund" | "dispute"): Promise<void> {
    const { ledger, model, random } = this;
    const before = await ledger.account();
    const micros = random.pick([1, 2_000_000, 60_000_000, Math.max(1, before.remaining_micros)]);
    const key = `${kind}:${++this.serial}`;
    const take = () => ledger.stub().post({ key, kind, amount_micros: -micros, reason: kind });
    await take();
    model.lost(kind, micros, before);
    this.last = take;
  }

  /** Of the claim that stands, or of a purchase that a person has made. */
  private async mismatch(): Promise<void> {
    const standing = this.random.chance(0.7) ? this.model.standing : null;
    const purchase_id = standing?.purchase_id ?? `pur_${++this.serial}`;
    const open = () => this.ledger.stub().openMismatch(purchase_id);
    await open();
    this.model.mismatched(purchase_id);
    this.mismatches.push(purchase_id);
  }

  private async resolve(): Promise<void> {
    const purchase_id = this.mismatches.shift();
    if (!purchase_id) return;
    const claim = this.model.claims.find((one) => one.claim.purchase_id === purchase_id)?.claim;
    if (claim && this.random.chance(0.4)) {
      await credit(this.ledger, claim);
      return this.model.credited(purchase_id);
    }
    const by = this.random.pick(["refunded", "closed", "closed"] as const);
    this.last = async () => {
      await this.ledger.stub().closeMismatch(purchase_id, by);
      this.model.resolved(purchase_id, by);
    };
    await this.last();
  }

  private async call(): Promise<void> {
    const { random, live, ledger } = this;
    const call = random.pick([...live, null]);
    const now_ms = Date.now();
    if (!call || live.length < 2) {
      const call_id = `call-${++this.serial}`;
      const answer = await ledger.send(authorize(call_id, { expected_provider_micros_per_minute: 20_000 }));
      if (answer.outcome === "granted") live.push({ call_id, renewals: 0, begun_ms: now_ms });
    } else if (random.chance(0.3)) {
      live.splice(live.indexOf(call), 1);
      await ledger.send(settle(call.call_id, random.between(0, now_ms - call.begun_ms)));
    } else {
      const elapsed_seconds = Math.floor((now_ms - call.begun_ms) / 1_000);
      await ledger.send(renew(call.call_id, ++call.renewals, Math.min(elapsed_seconds, 80_000)));
    }
  }

  /** Ends the claim that stands, or says of one that has ended what was or was not said before. */
  private async end(say: (claim: TopUpClaim) => Promise<void>): Promise<void> {
    const { random, model } = this;
    const claim = random.chance(0.8)
      ? model.standing
      : (model.claims.length > 0 && random.pick(model.claims).claim) || null;
    if (!claim) return;
    this.last = () => say(claim);
    await say(claim);
  }

  private async credit(claim: TopUpClaim): Promise<void> {
    // Of one that has failed money never comes here: that changes the sums of the month, and has a test of its own.
    if (this.model.claims.some((one) => one.claim === claim && one.end === "failed")) return;
    await credit(this.ledger, claim);
    this.model.credited(claim.purchase_id);
  }

  private async fail({ purchase_id }: TopUpClaim): Promise<void> {
    const code = this.random.pick([
      "card_declined",
      "card_declined",
      "card_unusable",
      "authentication_required",
      "expired",
      "expired",
    ]);
    await fail(this.ledger, purchase_id, code);
    this.model.failed(purchase_id, code, Date.now());
  }

  private async settings(): Promise<void> {
    const { random, model } = this;
    const by_runway = random.chance(0.4);
    const settings: TopUpSettings | null = random.chance(0.15)
      ? null
      : {
          ...SETTINGS,
          threshold_micros: by_runway ? null : random.pick([1_000_000, 20_000_000, 100_000_000]),
          runway_minutes: by_runway ? random.pick([1, 30, 300]) : null,
          net_cents: random.pick([1_000, 5_000, 20_000]),
          max_per_day: random.pick([1, 2, 3, 10]),
          monthly_cap_cents: random.pick([20_000, 200_000, 1_000_000]),
        };
    this.last = async () => {
      await this.ledger.stub().setAutoTopUp(settings);
      model.set(settings);
    };
    await this.last();
  }

  private async card(): Promise<void> {
    const card = {
      payment_method_id: `pm_${++this.serial}`,
      fingerprint: this.random.pick(["card-1", "card-2", "card-3"]),
      consent_at_ms: this.random.chance(0.9) ? Date.now() + this.serial : this.serial,
    };
    this.last = async () => {
      await this.ledger.stub().putTopUpCard(card);
      this.model.save(card);
    };
    await this.last();
  }
}

describe("auto top-up does what its history says, whatever happens", () => {
  const met = new Set<string>();
  let claimed = 0;

  test.for(SEEDS)(`for ${STEPS} steps of seed %i`, { timeout: 60_000 }, async (seed) => {
    const driven = watchDriver();
    const run = new Run(seed, await fundedLedger(10_000_000));
    for (let step = 0; step < STEPS; step++)
      expect(
        await run.step(step).then((wrong) => wrong && `seed ${seed}, step ${step}, ${wrong}`),
      ).toBeNull();
    const known = new Set(run.model.claims.map(({ claim }) => claim.purchase_id));
    expect(driven.filter(({ purchase_id }) => !known.has(purchase_id))).toEqual([]);
    claimed += run.model.claims.length;
    for (const reason of run.model.met) met.add(reason);
  });

  test("and had much to claim on the way, and met every reason not to", () => {
    expect(claimed).toBeGreaterThan(60);
    expect([...met].sort()).toEqual([...REASONS].sort());
  });
});
