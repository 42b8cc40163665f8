import type { z } from "zod";
import type { EdgeAnswer, EdgeOperation } from "../../calls/edge-operation";
import type { Grant, RejectReason } from "../../ledger/core/calls/call";
import { EMERGENCY_RATE } from "../../ledger/core/calls/emergency";
import { isoTime } from "../../units/duration";
import { rateBody, receiptBody } from "../calls/present";
import { ApiError } from "../errors";
import { refusalError } from "../refusals";
import { announcementFor } from "./announcements";
import type { grantSchema, rejectionSchema } from "./answer-schema";

/** Towards the organization's own side the cause may be named. */
const OUTBOUND_REFUSALS: Record<RejectReason, { status: number; text: string }> = {
  insufficient_credits: { status: 402, text: "Insufficient credits" },
  credit_in_use: { status: 402, text: "Insufficient credits" },
  destination_blocked: { status: 403, text: "Destination blocked" },
  organization_suspended: { status: 403, text: "Organization suspended" },
  organization_closed: { status: 403, text: "Organization closed" },
};

/**
 * Towards a stranger who calls in it may not: "temporarily unavailable", which carriers do not try again on other
 * routes, with the ISDN cause of a call that was rejected (RFC 3398, section 8.2.6.1; RFC 3326).
 */
const INBOUND_REFUSAL = { status: 480, reason: 'Q.850;cause=21;text="Call rejected"' };

/** "Call rejected": what ISDN says for 480 as we send it, and for 402 and 403 (RFC 3398, section 8.2.6.1). */
const Q850_CALL_REJECTED = 21;

/**
 * What an operation is answered, the same alone and in a batch: a body with its status. Errors are given back as such, for
 * the caller to throw or to list. `url` is where this Worker was reached.
 */
export function edgeBody(
  operation: EdgeOperation,
  answer: EdgeAnswer,
  url: string,
): { status: 200 | 202; body: Record<string, unknown> } | ApiError {
  switch (answer.outcome) {
    case "unavailable":
      return new ApiError("ledger_unavailable");
    case "refused":
      return refusalError(answer, "organization_id" in answer ? answer.organization_id : "");
    case "for_help":
      return { status: 200, body: helpBody(answer) };
    case "granted":
      return { status: 200, body: grantBody(answer.grant, answer.organization_id) };
    case "receipt": {
      // Parked: taken, but not charged before an operator has accepted it.
      const status = answer.receipt.outcome === "parked" ? 202 : 200;
      return { status, body: receiptBody(answer.receipt, answer.organization_id) };
    }
    case "rejected": {
      const is_inbound = operation.op === "authorize" && operation.direction === "inbound";
      return is_inbound
        ? { status: 200, body: inboundRejection(answer, new URL(url).origin) }
        : outboundRejection(answer);
    }
  }
}

type Rejected = Extract<EdgeAnswer, { outcome: "rejected" }>;

function inboundRejection(
  { call_id, organization_id, reason, language }: Rejected,
  origin: string,
): z.input<typeof rejectionSchema> {
  return {
    decision: "reject",
    call_id,
    organization_id,
    reason,
    announcement: announcementFor(language, origin),
    sip: INBOUND_REFUSAL,
    q850_cause: Q850_CALL_REJECTED,
  };
}

function outboundRejection({ call_id, reason }: Rejected): ApiError {
  const code = reason === "credit_in_use" ? "insufficient_credits" : reason;
  const { status, text } = OUTBOUND_REFUSALS[reason];
  const sip = { status, reason: `SIP;cause=${status};text="${text}"` };
  return new ApiError(code, {
    extra: { decision: "reject", call_id, reason, sip, q850_cause: Q850_CALL_REJECTED },
  });
}

/** The right of a call for help, where its ledger was not asked. */
function helpBody({
  call_id,
  organization_id,
  granted_seconds,
}: Extract<EdgeAnswer, { outcome: "for_help" }>): z.input<typeof grantSchema> {
  return {
    decision: "allow",
    call_id,
    ...(organization_id !== null && { organization_id }),
    granted_seconds,
    renew_before_seconds: granted_seconds,
    valid_for_seconds: granted_seconds,
    final_unit: false,
    rate: rateBody(EMERGENCY_RATE),
  };
}

/** The right to run, as nodes read it. */
function grantBody(grant: Grant, organization_id: string): z.input<typeof grantSchema> {
  return {
    decision: "allow",
    call_id: grant.call_id,
    organization_id,
    granted_seconds: grant.granted_seconds,
    renew_before_seconds: grant.renew_before_seconds,
    valid_for_seconds: grant.valid_for_seconds,
    final_unit: grant.final_unit,
    ...(grant.held_until_ms !== undefined && {
      unreported: { held_until: isoTime(grant.held_until_ms), charged_to: "last_proof_of_life" as const },
    }),
    rate: rateBody(grant.rate),
  };
}
