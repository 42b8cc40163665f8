import { z } from "zod";
import { receiptSchema, rejectReason } from "../calls/schema";
import { callErrorSchema, errorSchema, publishedErrorSchema } from "../error-schema";
import { instant, integer } from "../schema/amounts";
import { callId, EXAMPLE_CALL_ID, EXAMPLE_ORGANIZATION_ID, organizationId } from "../schema/names";
import { EXAMPLE_RATE, rateSchema } from "../schema/rates";

/** The right to run, in seconds since the answer. */
export const grantSchema = z
  .strictObject({
    decision: z.literal("allow"),
    call_id: callId,
    organization_id: organizationId.optional().meta({
      description: "Whose call it is. Left out only where a call for help was allowed and nobody could tell.",
    }),
    granted_seconds: integer("How long the call may run, counted from its answer"),
    renew_before_seconds: integer("Ask again when this much of the call has passed"),
    valid_for_seconds: integer("Seconds until the quota ends"),
    final_unit: z
      .boolean()
      .meta({ description: "The last quota that the credit allows: end the call with it." }),
    unreported: z
      .strictObject({
        held_until: instant("When its credit is released"),
        charged_to: z.literal("last_proof_of_life"),
      })
      .optional()
      .meta({
        description:
          "Only where `quota_seconds` was asked for: without a report of its end the call is `lost` then, charged up to the last `elapsed_seconds` of a renewal, or nothing.",
      }),
    rate: rateSchema,
  })
  .meta({
    id: "Grant",
    description: "The call may run, this long.",
    examples: [
      {
        decision: "allow",
        call_id: EXAMPLE_CALL_ID,
        organization_id: EXAMPLE_ORGANIZATION_ID,
        granted_seconds: 60,
        renew_before_seconds: 45,
        valid_for_seconds: 60,
        final_unit: false,
        rate: EXAMPLE_RATE,
      },
    ],
  });

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
    ...errorSchema.partial().shape,
    error: errorSchema.shape.error.partial({ type: true, request_id: true }),
    decision: z.literal("reject"),
    call_id: callId,
    reason: rejectReason,
    sip: sipSchema,
    q850_cause: q850Cause,
  })
  .meta({
    id: "OutboundRejection",
    description:
      "An outbound call is refused. `error` is what the customer may be shown; of `insufficient_credits` it is the code and the message alone.",
  });

/** What a call is told that asks whether it may start. */
export const decisionSchema = z
  .discriminatedUnion("decision", [grantSchema, rejectionSchema])
  .meta({ id: "Decision", description: "The call may run, or an inbound call is refused." });

/** Why a call may not start that is not refused for want of credit. */
export const forbiddenSchema = z
  .union([outboundRejectionSchema, errorSchema])
  .meta({ id: "AuthorizeForbidden", description: "The key or the organization may not do this." });

const operationAnswer = z
  .union([
    grantSchema,
    rejectionSchema,
    receiptSchema,
    outboundRejectionSchema,
    callErrorSchema,
    publishedErrorSchema,
  ])
  .meta({ id: "OperationAnswer", description: "What the route of the operation's own answers." });

/** The results of a batch, in the order of its operations. */
export const resultsSchema = z
  .strictObject({
    results: z.array(
      z.strictObject({
        status: z
          .int()
          .min(200)
          .max(599)
          .meta({ description: "The status that the route of its own answers." }),
        body: operationAnswer,
      }),
    ),
  })
  .meta({ id: "OperationsResults" });
