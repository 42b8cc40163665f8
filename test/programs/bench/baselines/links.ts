import { hash } from "node:crypto";
import type { Receipt } from "../../../../src/ledger/core/calls/call";
import { type EntryOfRow, linkOf } from "../../../../src/ledger/core/chain";
import { newSalt, sha256HexNow } from "../../../../src/units/digest";

const RECEIPT: Receipt = {
  call_id: "",
  direction: "inbound",
  from: "+31201234567",
  to: "+31207654321",
  number: "+31207654321",
  parent_call_id: null,
  rate: {
    name: "voice",
    price_micros_per_minute: 70_000,
    first_seconds: 1,
    next_seconds: 1,
    minimum_seconds: 0,
  },
  byok: [],
  outcome: "settled",
  reject_reason: null,
  authorized: true,
  started_at_ms: 1_920_000_000_000,
  answered_at_ms: 1_920_000_002_000,
  ended_at_ms: 1_920_000_086_000,
  reported_answered_at_ms: null,
  reported_ended_at_ms: null,
  end_reason: "hangup",
  duration_ms: 84_000,
  billable_seconds: 84,
  fee_micros: 98_000,
  provider_costs: [],
  provider_cost_micros: 0,
  charged_micros: 98_000,
  overrun_micros: 0,
  balance_before_micros: 1_000_000_000,
  balance_after_micros: 999_902_000,
};

/** As long as a salt with a telephone number, and as the facts of a call. */
const TEXTS: Record<string, string> = {
  value: "0123456789abcdef0123456789abcdef+31201234567",
  facts: JSON.stringify(RECEIPT).slice(0, 430),
};

/** What is done so many times, each time with other content. */
const WORK: Record<string, (at: number, previous: string) => string> = {
  "/nothing": (at) => entryOf(at).salt,
  "/links": (at, previous) => {
    const { entry, receipt, salt } = entryOf(at);
    return linkOf(previous, entry, salt, receipt).digest;
  },
  "/value/text": (at) => `${TEXTS.value}${at}`,
  "/value/runtime": (at) => hash("sha256", `${TEXTS.value}${at}`, "hex"),
  "/value/own": (at) => sha256HexNow(`${TEXTS.value}${at}`),
  "/facts/text": (at) => `${TEXTS.facts}${at}`,
  "/facts/runtime": (at) => hash("sha256", `${TEXTS.facts}${at}`, "hex"),
  "/facts/own": (at) => sha256HexNow(`${TEXTS.facts}${at}`),
};

function entryOf(seq: number) {
  const call_id = `edge7.${Math.random().toString(36).slice(2)}.${seq.toString(36)}`;
  const entry: EntryOfRow = {
    seq,
    epoch: 1,
    kind: "call",
    currency: "EUR",
    amount_micros: -98_000,
    balance_after_micros: 1_000_000_000 - seq * 98_000,
    month_seconds_after: seq * 84,
    call_id,
    key: null,
    reason: null,
    posted_at_ms: 1_920_000_087_000 + seq,
  };
  return { entry, receipt: { ...RECEIPT, call_id }, salt: newSalt() };
}

/** Does what the path says, `count` times. */
export default {
  fetch(request: Request) {
    const { searchParams, pathname } = new URL(request.url);
    const work = WORK[pathname];
    if (!work) return new Response(null, { status: 404 });
    let digest = "";
    for (let at = 1; at <= Number(searchParams.get("count")); at++) digest = work(at, digest);
    return new Response(digest);
  },
};
