/**
 * What a telephony node does, by the situation that it is in. The OpenAPI document says these sentences, README.md says them in
 * the same words, and test/http/edge/node-contract.test.ts shows each of them against the Worker.
 */
export const NODE_CONTRACT = {
  in_time:
    "**In time**: renew when `renew_before_seconds` of the call have passed, each time under a higher `request_number`, beginning with 1.",
  unanswered:
    "**No answer**: repeat the request as it was, a renewal under the same `request_number`. The answer is the call's present one, and nothing is held or charged twice.",
  end_of_quota:
    "**Still no answer at the end of the quota**: when `granted_seconds` have passed since the answer, end the call and settle it. What runs on all the same is charged for the truth, and may take the balance below zero.",
  silence:
    "**Silence**: credit stays held for twice what was left of the quota at the last word on the call. Then the call is `lost` and charged up to the last `elapsed_seconds`. A settle that comes later puts that right.",
  final_unit:
    "**`final_unit`**: renew once more before it ends. Credit that has come meanwhile extends the call; else end it with its quota.",
  lost_alive:
    "**409 `call_already_settled` for a call that is live**: no credit is held for it any more, and none will be. End it and settle it: after `lost`, `voided` or `rejected` that report is taken, once, as a correction.",
  unknown_alive:
    "**404 `not_found` for a call that is live**: the ledger has never heard of it. Settle it at its end with `direction`, `from`, `to` and `ended_at`.",
  number_used:
    "**409 `idempotency_conflict` with the `param` `request_number`**: the number was used with another body. Renew under the next one.",
  number_passed:
    "**409 `stale_request`**: a renewal under a higher number was answered. Look in `GET /edge/calls`: if the call is still yours, renew above its `request_number`.",
  answered_void: "**409 `call_answered` to a void**: the call was answered. Settle it.",
  take_over:
    "**Takeover of a node's calls**: list them with `GET /edge/calls` and renew each under its `request_number` + 1, with `elapsed_seconds` by your own reckoning: fewer than were reported before take nothing back. The node that was before then hears `stale_request`.",
  take_over_placed:
    "**Takeover of a call that a customer has placed**: authorize it with the same `direction`, `from` and `to`. The first authorize sets rate, own keys and expected costs; renewals begin at 1.",
  times:
    "**Clocks**: `answered_at` and `ended_at` of a call that was authorized never make a refusal. What cannot be by the ledger's clock is moved, kept beside as `reported_answered_at` and `reported_ended_at`, and flagged `times_moved`.",
  too_long:
    "**Durations**: a duration, or `elapsed_seconds`, that is more than 60 s (`NODE_TIME_TOLERANCE_SECONDS`) above the time since authorize is 422 and changes nothing.",
  unauthorized_times:
    "**Times of a call that was never authorized**: an `ended_at` more than 60 s and up to a day ahead of the ledger's clock is 503: report it again later. Further ahead, or more than 30 days back, it is 422.",
  id_form:
    "**Ids**: a `call_id` has 1 to 128 printable characters and is neither `.` nor `..`; any other is 400 with the `param` `call_id`. In a path it is percent-encoded.",
  id_taken:
    "**409 `idempotency_conflict` with the `param` `call_id`**: this id is a call between others, or on other terms. Use a new one.",
  id_refused:
    "**A refused id stays refused**, also when credit has come: a new attempt needs a new `call_id`.",
  id_over:
    "**The id of a call that is over** is never allowed again: to authorize it is 409 `call_already_settled`, with the receipt.",
  id_elsewhere: "**The same id in another organization** is another call.",
} as const;
