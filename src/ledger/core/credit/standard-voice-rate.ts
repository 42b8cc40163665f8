import { MINUTE_MS } from "../../../units/duration";
import { type DatedRate, defaultRate, isSameRate, type Rate, rateInForce } from "./rating";

/**
 * The operator's voice rate as it was last reported: what alerts in minutes are measured by where the organization has
 * no rate of its own. Stored as a rate with two fields more, which are absent where only calls have reported it.
 */
export interface StandardVoiceRate extends Rate {
  /** When it came into force, as far as the rate card says. */
  since_ms?: number;
  /** Versions of the card that are yet to come into force. */
  later?: DatedRate[];
}

/** For so long after a change a request may still carry the price before it, out of a copy of the card. */
const STALE_CARD_MS = 5 * MINUTE_MS;

/** The card's voice rate, with what is known of its future. */
export function voiceRateOfCard(card: readonly DatedRate[], now_ms: number): StandardVoiceRate {
  const versions = card.filter(({ name }) => name === "voice");
  const past = versions.filter(({ effective_from_ms }) => effective_from_ms <= now_ms);
  return {
    ...(rateInForce(versions, "voice", now_ms) ?? defaultRate("voice")),
    since_ms: Math.max(0, ...past.map(({ effective_from_ms }) => effective_from_ms)),
    later: versions.filter(({ effective_from_ms }) => effective_from_ms > now_ms),
  };
}

/** What is in force of it at an instant. */
export function standardRateAtTime(voice: StandardVoiceRate, now_ms: number): StandardVoiceRate {
  const { later = [] } = voice;
  return rateInForce(later, "voice", now_ms) === undefined ? voice : voiceRateOfCard(later, now_ms);
}

/** After a request has said what the rate is; the same when that tells nothing new. */
export function standardRateAfter(voice: StandardVoiceRate, heard: Rate, now_ms: number): StandardVoiceRate {
  const present = standardRateAtTime(voice, now_ms);
  const is_stale = present.since_ms !== undefined && now_ms < present.since_ms + STALE_CARD_MS;
  if (is_stale || isSameRate(heard, present)) return present;
  return { ...heard, later: present.later };
}

/** When the price of a voice call changes next, by the organization's own rates or by the card; null: not as known. */
export function nextVoiceRateChangeMs(
  own: readonly DatedRate[],
  voice: StandardVoiceRate,
  now_ms: number,
): number | null {
  const times = [...own, ...(voice.later ?? [])].flatMap(({ name, effective_from_ms }) =>
    name === "voice" && effective_from_ms > now_ms ? [effective_from_ms] : [],
  );
  return times.length === 0 ? null : Math.min(...times);
}
