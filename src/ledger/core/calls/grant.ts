import { SECOND_MS } from "../../../units/duration";
import type { Book } from "../book";
import type { LiveCall } from "./call";
import type { CallAnswer } from "./commands";
import { emergencyLifetimeMs } from "./emergency";
import { renewBeforeSeconds } from "./quota";

/** The shortest time that a hold outlives its last proof of life, however small its last quota was. */
const MIN_HOLD_LIFETIME_MS = 10 * SECOND_MS;

/** The answer of authorize, answered and renew: the call's present right to run, in seconds since it was answered. */
export function grantAnswer(call: LiveCall): CallAnswer {
  return {
    outcome: "granted",
    grant: {
      call_id: call.call_id,
      from: call.from,
      granted_seconds: call.granted_seconds,
      renew_before_seconds: call.is_emergency
        ? call.granted_seconds
        : renewBeforeSeconds(call.granted_seconds, call.elapsed_seconds),
      valid_for_seconds: Math.max(0, call.granted_seconds - call.elapsed_seconds),
      final_unit: call.final_unit,
      ...(call.quota_seconds !== undefined && { held_until_ms: call.expires_at_ms }),
      rate: call.rate,
      answered_at_ms: call.answered_at_ms,
      attempt_id: call.attempt_id,
    },
  };
}

/**
 * When the hold of an answered call expires unless its node reports again: twice as long from now as its quota still lasts,
 * at least 10 s (RFC 8506, section 13: the supervision timer Tcc is twice the Validity-Time).
 */
function answeredExpiryMs(
  { now_ms }: Pick<Book, "now_ms">,
  { granted_seconds, elapsed_seconds }: Pick<LiveCall, "granted_seconds" | "elapsed_seconds">,
): number {
  return now_ms + Math.max(2 * (granted_seconds - elapsed_seconds) * SECOND_MS, MIN_HOLD_LIFETIME_MS);
}

/**
 * When the hold of a call expires unless its node reports again. One whose node asked for a long quota need not be renewed: it
 * may ring for as long as any, and then use what it was granted. */
export function expiryMs(book: Pick<Book, "now_ms" | "settings">, call: LiveCall): number {
  if (call.is_emergency) {
    const ends_at_ms = call.authorized_at_ms + emergencyLifetimeMs(book.settings.ring_seconds * SECOND_MS);
    return Math.max(ends_at_ms, ringExpiryMs(book));
  }
  if (call.quota_seconds !== undefined)
    return ringExpiryMs(book) + Math.max(0, call.granted_seconds - call.elapsed_seconds) * SECOND_MS;
  return call.answered_at_ms === null ? ringExpiryMs(book) : answeredExpiryMs(book, call);
}

/** When the hold of a call that rings expires unless it is answered or renewed: after the ring time-out. */
function ringExpiryMs({ now_ms, settings }: Pick<Book, "now_ms" | "settings">): number {
  return now_ms + settings.ring_seconds * SECOND_MS;
}
