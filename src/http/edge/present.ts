import { z } from "zod";
import type { EdgeAnswer, EdgeOperation } from "../../calls/edge-operation";
import type { RejectReason } from "../../ledger/core/types";
import { grantSchema, receiptSchema, rejectReason } from "../calls/schema";
import { ApiError, refusalError } from "../errors";
import { grantBody, receiptBody } from "../present";
import { callId, organizationId } from "../schema/names";
import { announcementFor } from "./announcements";

const sipSchema = z
  .strictObject({
    status: z
      .int()
      .min(400)
      .max(699)
      .meta({ examples: [402] }),
    reason: z.string().meta({ description: "The value of a Reason header (RFC 3326)." }),
  })
  .meta({ id: "SipRefusal", description: "How to refuse the call in SIP." });

const q850Cause = z
  .int()
  .min(1)
  .max(127)
  .meta({ description: "The same for ISDN and SS7: a cause of ITU-T Q.850.", examples: [21] });

const announcementSchema = z
  .strictObject({
    urls: z.strictObject({ wav: z.url(), ulaw: z.url(), alaw: z.url() }),
    language: z.string(),
    duration_ms: z.int().min(0),
    text: z.string().meta({ description: "What is said, for platforms that speak themselves." }),
  })
  .meta({ id: "Announcement", description: "What to play to the caller: 8 kHz, mono." });

/** An inbound call that is refused: the node plays the announcement. */
export const rejectionSchema = z
  .strictObject({
    decision: z.literal("reject"),
    call_id: callId,
    organization_id: organizationId,
    reason: rejectReason,
    announcement: announcementSchema,
    sip: sipSchema,
    q850_cause: q850Cause,
  })
  .meta({ id: "Rejection" });

/** An outbound call that is refused: the customer's error, with what the node needs beside it. */
export const outboundRejectionSchema = z
  .strictObject({
    error: z.strictObject({
      code: z.enum(["insufficient_credits", "organization_suspended", "organization_closed"]),
      message: z.string(),
      request_id: z.string().optional(),
    }),
    decision: z.literal("reject"),
    call_id: callId,
    reason: rejectReason,
    sip: sipSchema,
    q850_cause: q850Cause,
  })
  .meta({ id: "OutboundRejection" });

/** Any other error of an edge route. */
export const edgeErrorSchema = z
  .strictObject({
    error: z.strictObject({
      code: z.string(),
      message: z.string(),
      param: z.string().optional(),
      request_id: z.string(),
    }),
    receipt: receiptSchema.optional(),
  })
  .meta({ id: "EdgeError" });

export const resultsSchema = z
  .strictObject({
    results: z.array(
      z.strictObject({
        status: z
          .int()
          .min(200)
          .max(599)
          .meta({ description: "The status that the route of its own answers." }),
        body: z.union([
          grantSchema,
          rejectionSchema,
          receiptSchema,
          outboundRejectionSchema,
          edgeErrorSchema,
        ]),
      }),
    ),
  })
  .meta({ id: "OperationsResults" });

/** Towards the organization's own side the cause may be named. */
const OUTBOUND_REFUSALS: Record<RejectReason, { status: number; text: string }> = {
  insufficient_credits: { status: 402, text: "Insufficient credits" },
  credit_in_use: { status: 402, text: "Insufficient credits" },
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

/** What an edge route answers when all went well; errors are given back as such, for the caller to throw or to list. */
export type EdgeResult = { status: 200 | 202; body: Record<string, unknown> } | ApiError;

/** The answer to one operation, the same alone and in a batch. `url` is where this Worker was reached. */
export function edgeResult(operation: EdgeOperation, given: EdgeAnswer, url: string): EdgeResult {
  if (given.outcome === "unavailable") return new ApiError("ledger_unavailable");
  if (given.outcome === "refused") return refusalError(given, operation.organization_id ?? "");
  const { answer, organization_id } = given;
  switch (answer.outcome) {
    case "granted":
      return { status: 200, body: grantBody(answer.grant, organization_id) };
    case "receipt": {
      // Parked: taken, but not charged before an operator has accepted it.
      const status = answer.receipt.outcome === "parked" ? 202 : 200;
      return { status, body: receiptBody(answer.receipt, organization_id) };
    }
    case "rejected": {
      const { call_id, reason } = answer;
      const inbound = operation.op === "authorize" && operation.direction === "inbound";
      if (!inbound) return outboundRejection(call_id, reason);
      const announcement = announcementFor(given.language, new URL(url).origin);
      return {
        status: 200,
        body: {
          ...{ decision: "reject", call_id, organization_id, reason, announcement },
          sip: INBOUND_REFUSAL,
          q850_cause: Q850_CALL_REJECTED,
        },
      };
    }
    case "refused":
      return refusalError(answer, organization_id);
  }
}

function outboundRejection(call_id: string, reason: RejectReason): ApiError {
  const code = reason === "credit_in_use" ? "insufficient_credits" : reason;
  const { status, text } = OUTBOUND_REFUSALS[reason];
  const sip = { status, reason: `SIP;cause=${status};text="${text}"` };
  return new ApiError(code, undefined, undefined, {
    decision: "reject",
    call_id,
    reason,
    sip,
    q850_cause: Q850_CALL_REJECTED,
  });
}
