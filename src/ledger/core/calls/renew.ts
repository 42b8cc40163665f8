import { SECOND_MS } from "../../../units/duration";
import type { Book, Decision } from "../book";
import { alreadySettled, conflict, notFound, staleRequest } from "../refusals";
import { PROOF_OF_LIFE_TOLERANCE_MS } from "../settings";
import type { KnownCall, LiveCall } from "./call";
import { plausibleMs, refuseDuration } from "./call-times";
import type { CallAnswer, Renew } from "./commands";
import { EMERGENCY_QUOTA } from "./emergency";
import { expiryMs, grantAnswer } from "./grant";
import { type Quota, sizeQuota, type Terms } from "./quota";

/**
 * The call goes on: takes the proof of life and extends the quota, or says that it was the last.
 * The last `request_number` with the same body answers the present grant. Refuses with `not_found`, `call_already_settled`,
 * `idempotency_conflict` (the number with another body), `stale_request` (a lower number), and `invalid` or `too_soon` when
 * more time has elapsed than there can have been.
 */
export function decideRenew(book: Book, known: KnownCall, command: Renew): Decision<CallAnswer> {
  if (known.state === "unknown") return { answer: notFound() };
  if (known.state === "resolved") return { answer: alreadySettled(known.call) };
  const { call } = known;
  const renew_fingerprint = JSON.stringify([command.elapsed_seconds, command.provider_cost_micros]);
  if (command.request_number === call.request_number)
    return {
      answer: renew_fingerprint === call.renew_fingerprint ? grantAnswer(call) : conflict("request_number"),
    };
  if (command.request_number < call.request_number) return { answer: staleRequest(call.request_number) };
  const begun = { ...call, started_at_ms: call.authorized_at_ms, authorized: true };
  const refused = refuseDuration(book, begun, command.elapsed_seconds * SECOND_MS, "elapsed_seconds");
  if (refused) return { answer: refused };
  const hold = { ...renewedHold(book, call, command), renew_fingerprint };
  return { answer: grantAnswer(hold), changes: { hold } };
}

/** The hold after a renewal: its new quota, and what the node has proved. */
function renewedHold(book: Book, call: LiveCall, command: Renew): LiveCall {
  const elapsed_seconds = Math.max(call.elapsed_seconds, command.elapsed_seconds);
  const provider_cost_micros = latestCostMicros(call, command);
  const quota = renewedQuota(book, call, { ...call, elapsed_seconds, provider_cost_micros });
  const inferred_answer_ms =
    elapsed_seconds > 0
      ? plausibleMs(book, call.authorized_at_ms, book.now_ms - elapsed_seconds * SECOND_MS)
      : null;
  const answered_at_ms = call.answered_at_ms ?? inferred_answer_ms;
  const renewed: LiveCall = {
    ...call,
    ...quota,
    version: call.version + 1,
    answered_at_ms,
    request_number: command.request_number,
    elapsed_seconds,
    proof_of_life_seconds: Math.max(call.proof_of_life_seconds, provenSeconds(book, call, elapsed_seconds)),
    proof_at_ms: book.now_ms,
    provider_cost_micros,
    postponed: false,
  };
  return { ...renewed, expires_at_ms: expiryMs(book, renewed) };
}

/** An organization that may not call any more is granted nothing further but for help: its quota becomes the final unit. */
function renewedQuota(book: Book, call: LiveCall, terms: Terms): Quota {
  const { granted_seconds, held_micros } = call;
  if (call.is_emergency) return EMERGENCY_QUOTA;
  return book.state === "active"
    ? sizeQuota(book, terms, call)
    : { granted_seconds, held_micros, final_unit: true };
}

/** The elapsed seconds that the object's own clock can vouch for, with a tolerance: what a lost call is charged for. */
function provenSeconds(book: Book, { authorized_at_ms }: LiveCall, elapsed_seconds: number): number {
  const alive_ms = book.now_ms - authorized_at_ms;
  return Math.min(elapsed_seconds, Math.floor((alive_ms + PROOF_OF_LIFE_TOLERANCE_MS) / SECOND_MS));
}

/** What providers have cost so far: what is reported never falls, and saying nothing keeps what was reported. */
function latestCostMicros({ provider_cost_micros: before }: LiveCall, command: Renew): number | null {
  const { provider_cost_micros: reported } = command;
  return reported === null ? before : Math.max(reported, before ?? 0);
}
