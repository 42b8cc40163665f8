import type { CallStatus } from "../../calls/call-status";
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

/** Where the receipt of a call is. */
export function receiptPath(call_id: string): string {
  return `/billing/usage/calls/${encodeURIComponent(call_id)}`;
}
