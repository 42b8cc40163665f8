import type { CallStatus } from "../../calls/call-status";
import { DAY_MS } from "../../units/duration";
import type { Format } from "../format/format";
import { callWords } from "../words/calls";
import { Pill, type PillKind } from "./figures";

const KINDS: Record<CallStatus, PillKind> = {
  connecting: "wait",
  "in-progress": "good",
  ended: "plain",
  failed: "plain",
  rejected: "bad",
};

/** Where a call stands, or how it ended. */
export function CallPill({ status, format }: { status: CallStatus; format: Format }) {
  return <Pill kind={KINDS[status]} text={callWords[format.language].statuses[status]} />;
}

/** Why a call ended, in words where there are some, and as its node told it otherwise. */
export function endReason(reason: string, format: Format): string {
  const { end_reasons } = callWords[format.language];
  return Object.hasOwn(end_reasons, reason) ? (end_reasons[reason] ?? reason) : reason;
}

/** What began later than this is in its ledger, as a rule, and found there by its id alone. */
const IN_ITS_LEDGER_MS = 30 * DAY_MS;

/** Where the receipt of a call is; of an older one with when it began, by which the records find it. */
export function receiptPath(call_id: string, began_at_ms = Date.now()): string {
  const path = `/billing/usage/calls/${encodeURIComponent(call_id)}`;
  return began_at_ms > Date.now() - IN_ITS_LEDGER_MS ? path : `${path}?began=${began_at_ms}`;
}
