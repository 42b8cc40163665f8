import { DEMO_NUMBER } from "./demo-file.ts";

/** Numbers from 0 to 1 that are the same for the same seed. */
type Random = () => number;

/** What will become of a call if credit allows. Times are simulated. */
export interface PlannedCall {
  index: number;
  direction: "inbound" | "outbound";
  from: string;
  to: string;
  begins_at_ms: number;
  rings_ms: number;
  /** How long the people want to talk; 0 when nobody answers. */
  talks_ms: number;
  /**
   * How the node tells of the end: at once; later, because it lost the hang-up; or only then at all, because it
   * could not reach the API before.
   */
  report: "prompt" | "late" | "unannounced";
  /** The parts that run on the customer's own keys. */
  byok: ("stt" | "llm" | "tts")[];
  /** What the model costs a minute, in micros; null when there is none. */
  llm_micros_per_minute: number | null;
  /** The node's records correct the report by this much afterwards. */
  corrected_by_ms: number;
  /** Decides what is sent twice, and how late timers fire. */
  random: Random;
}

const OUTAGE_CALLS = 100;

/** Without end, one call after the other: the same calls for the same seed. */
export function* planCalls(seed: number): Generator<PlannedCall, never> {
  const arrivals = seededRandom(seed);
  let begins_at_ms = 0;
  for (let index = 1; ; index++) {
    begins_at_ms += Math.round(-Math.log(1 - arrivals()) * 1_300);
    yield planCall(index, begins_at_ms, seededRandom(Math.floor(arrivals() * 2 ** 32)));
  }
}

function planCall(index: number, begins_at_ms: number, random: Random): PlannedCall {
  const direction = random() < 0.55 ? "inbound" : "outbound";
  const customer = `+316${String(Math.floor(random() * 1e8)).padStart(8, "0")}`;
  const answered = random() < 0.88;
  const report = reportOf(index, random());
  const own_keys = random() < 0.2;
  // Costs to be expected are the node's to state before the call: not in an outage.
  const platform_llm = report !== "unannounced" && random() < 0.3;
  return {
    index,
    direction,
    from: direction === "inbound" ? customer : DEMO_NUMBER,
    to: direction === "inbound" ? DEMO_NUMBER : customer,
    begins_at_ms,
    rings_ms: 2_000 + Math.round(random() * 20_000),
    talks_ms: answered || report !== "prompt" ? talkTime(random) : 0,
    report,
    byok: own_keys ? ["stt", "llm"] : [],
    llm_micros_per_minute: own_keys || platform_llm ? 10_000 + Math.floor(random() * 30_000) : null,
    corrected_by_ms: random() < 0.03 ? -Math.round(random() * 4_000) : 0,
    random,
  };
}

/** Mostly under a minute, now and then many: a log-normal distribution with a median of 35 seconds. */
function talkTime(random: Random): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.min(20 * 60_000, Math.max(300, Math.round(35_000 * Math.exp(0.9 * normal))));
}

function reportOf(index: number, value: number): PlannedCall["report"] {
  // An outage early on: what nobody was asked about is charged in any case, so it must not meet an empty account.
  if (index <= OUTAGE_CALLS && value < 0.06) return "unannounced";
  return value > 0.95 ? "late" : "prompt";
}

/** Mulberry32: small, and good enough to shuffle calls with. */
function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
