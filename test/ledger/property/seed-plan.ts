import type { DatedRate, Rate } from "../../../src/ledger/core/credit/rating";
import type { Random } from "../../support/random";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

type Tariff = readonly [
  price_micros_per_minute: number,
  first: number,
  next: number,
  minimum: number,
  connection_fee_micros?: number,
  free_seconds?: number,
];

const PLAIN: Tariff = [70_000, 1, 1, 0];

const TARIFFS: readonly Tariff[] = [
  PLAIN,
  [70_000, 60, 60, 0],
  [70_001, 30, 6, 0],
  [123_457, 60, 1, 0],
  [70_001, 1, 1, 30],
  [30_001, 6, 6, 20],
  [70_000, 60, 60, 90],
  [250_000, 30, 6, 45],
  [45, 1, 1, 0],
  [999_999, 1, 7, 0],
];

/** Rates that `voice` may be, too, but for the free one. */
const WITH_EXTRAS: readonly Tariff[] = [
  [70_000, 1, 1, 0, 35_000],
  [70_001, 60, 60, 0, 123_457],
  [90_001, 6, 6, 0, 0, 10],
  [250_000, 30, 6, 45, 50_001, 20],
  [0, 1, 1, 0, 100_000],
  [0, 60, 60, 0],
];

const PAID_WITH_EXTRAS = WITH_EXTRAS.filter(([price]) => price > 0);
const ALL_TARIFFS = [...TARIFFS, ...WITH_EXTRAS];

/** Credit as minutes at the main rate: from less than an increment to ample, more often scarce. */
const MINUTES: readonly number[] = [0.4, 1, 1, 3, 3, 6, 6, 15, 60, 2_000];

/** What is particular to one seed. */
export interface Plan {
  rates: Rate[];
  own_rates: DatedRate[];
  /** Calls live at once, about. */
  crowd: number;
  /** Whether whole backlogs of calls are reported that were never authorized. */
  floods: boolean;
  /** How likely a step in time is a long one. */
  long_waits: number;
}

export function rateOf(name: string, tariff: Tariff = PLAIN): Rate {
  const [price_micros_per_minute, first_seconds, next_seconds, minimum_seconds, ...extras] = tariff;
  const [connection_fee_micros = 0, free_seconds = 0] = extras;
  return {
    ...{ name, price_micros_per_minute, first_seconds, next_seconds, minimum_seconds },
    ...(connection_fee_micros > 0 && { connection_fee_micros }),
    ...(free_seconds > 0 && { free_seconds }),
  };
}

/** Seeds go through the tariffs in turn, so that a few of them meet every kind. */
export function planFor(seed: number, random: Random): Plan {
  return {
    rates: [
      rateOf("voice", seed % 3 === 2 ? random.pick(PAID_WITH_EXTRAS) : TARIFFS[seed % TARIFFS.length]),
      rateOf("byok", random.pick(ALL_TARIFFS)),
    ],
    own_rates: random.chance(0.3)
      ? [{ ...rateOf("own", random.pick(ALL_TARIFFS)), effective_from_ms: 0 }]
      : [],
    crowd: random.pick([4, 12, 40]),
    floods: seed % 20 === 3,
    long_waits: random.pick([0.2, 1, 3]),
  };
}

/** An amount to post that leaves an interesting sum to spend, whatever there was before. */
export function creditMicros(random: Random, plan: Plan, spendable_micros: number): number {
  const price = plan.rates[0]?.price_micros_per_minute ?? 1;
  const wanted = Math.ceil(price * random.pick(MINUTES) * (0.5 + random.next())) + random.between(-3, 3);
  return wanted - spendable_micros || 1;
}

export function waitMs(random: Random, plan: Plan): number {
  const wait = random.weighted({ seconds: 60, second: 6, minute: 4, ring: 4, long: plan.long_waits });
  const waits = { second: 1_000, minute: 60_000, ring: 200_000 };
  if (wait === "seconds") return random.between(100, 20_000);
  return wait === "long" ? random.pick([HOUR_MS, HOUR_MS, 2 * DAY_MS]) : waits[wait];
}

/** A rate of the organization's own, in force from some time in the past or soon. */
export function ownRate(random: Random, plan: Plan, now_ms: number): DatedRate {
  const name = random.pick([...plan.rates.map((rate) => rate.name), "own"]);
  const from_ms = now_ms + random.pick([-DAY_MS, -HOUR_MS, 0, 60_000, DAY_MS]);
  const tariffs = name === "voice" ? [...TARIFFS, ...PAID_WITH_EXTRAS] : ALL_TARIFFS;
  return { ...rateOf(name, random.pick(tariffs)), effective_from_ms: from_ms };
}
