import { expect, test } from "vitest";
import type { ResolvedCall } from "../../../src/ledger/core/calls/call";
import { receiptOf } from "../../../src/ledger/core/calls/receipt";
import { defaultRate } from "../../../src/ledger/core/credit/rating";

const PUBLIC = {
  call_id: "c",
  direction: "inbound",
  from: "+31201234567",
  to: "+31207654321",
  number: "+31207654321",
  rate: defaultRate("voice"),
  byok: [],
  parent_call_id: null,
  is_emergency: true,
  from_dialled: "020 123 45 67",
  to_dialled: "020 765 43 21",
  outcome: "settled",
  reject_reason: null,
  authorized: true,
  started_at_ms: 1_000,
  answered_at_ms: 2_000,
  ended_at_ms: 62_000,
  reported_answered_at_ms: null,
  reported_ended_at_ms: null,
  end_reason: "hangup",
  duration_ms: 60_000,
  billable_seconds: 60,
  fee_micros: 70_000,
  provider_costs: [],
  reported_provider_cost_micros: 0,
  provider_cost_micros: 0,
  charged_micros: 70_000,
  overrun_micros: 0,
  balance_before_micros: 100_000,
  balance_after_micros: 30_000,
  flags: [],
} as const;

const PRIVATE = {
  version: 2,
  resolved_at_ms: 62_000,
  granted_seconds: 60,
  held_micros: 70_000,
  proof_of_life_seconds: 45,
  charged_at_ms: 62_000,
  entry_seqs: [2],
  report_fingerprint: "[60000]",
  first_receipt: null,
  request_digest: "digest",
  node_terms: "[]",
  unrated: true,
  set_back_at_start_ms: 1,
  updated_at_ms: 62_000,
};

test("a receipt is what is public of a call, and a field that is not listed stays private", () => {
  const call: ResolvedCall & { added_later: string } = {
    ...PUBLIC,
    ...PRIVATE,
    byok: [],
    provider_costs: [],
    flags: [],
    added_later: "private",
  };
  expect(receiptOf(call)).toStrictEqual(PUBLIC);
});
