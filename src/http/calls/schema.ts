import { z } from "zod";
import { CURRENCY } from "../../units/money";
import {
  currency,
  instant,
  integer,
  moneyMicros,
  moneyUnits,
  queryInteger,
  timestamp,
} from "../schema/amounts";
import { cursorQuery, nextCursor } from "../schema/cursor";
import { dateRangeQuery } from "../schema/date-range";
import {
  callId,
  direction,
  EXAMPLE_CALL_ID,
  EXAMPLE_ORGANIZATION_ID,
  organizationId,
  party,
} from "../schema/names";
import { EXAMPLE_RATE, providerCostSchema, rateSchema } from "../schema/rates";

/** Why a call was refused. */
export const rejectReason = z
  .enum([
    "insufficient_credits",
    "credit_in_use",
    "destination_blocked",
    "organization_suspended",
    "organization_closed",
  ])
  .meta({ id: "RejectReason", description: "Why a call was refused." });

/** Where a call stands, as lists say it. */
export const callStatus = z
  .enum(["connecting", "in-progress", "ended", "failed", "rejected"])
  .meta({ id: "CallStatus", description: "Where a call stands.", examples: ["ended"] });

/** How the ledger resolved a call. */
const callOutcome = z
  .enum(["settled", "voided", "lost", "rejected", "parked"])
  .meta({ id: "CallOutcome", description: "How the ledger resolved the call.", examples: ["settled"] });

const callFlag = z
  .enum(["longer_than_a_day", "shorter_than_proof_of_life", "times_moved", "times_disagree"])
  .meta({
    id: "CallFlag",
    description: `What an operator may want to look at; the call is charged as reported. It lasted longer than any call is
granted; shorter than the node had said while it ran; its times cannot be and were moved; or they disagree with its length.`,
  });

/** What a call cost and why, in micro-euros. */
export const receiptSchema = z
  .strictObject({
    call_id: callId,
    organization_id: organizationId,
    status: callStatus,
    outcome: callOutcome,
    reject_reason: rejectReason.nullable(),
    direction,
    from: party,
    to: party,
    rate: rateSchema,
    duration_ms: integer("Answered time in milliseconds, as reported"),
    billable_seconds: integer("Seconds charged, after increments"),
    fee_micros: moneyMicros("The platform fee"),
    provider_costs: z.array(providerCostSchema),
    reported_provider_cost_micros: moneyMicros("Provider costs on platform keys, as last reported"),
    provider_cost_micros: moneyMicros("What of it is charged with the fee: nothing unless it was answered"),
    charged_micros: moneyMicros("What the call cost: fee and provider costs"),
    overrun_micros: moneyMicros("What was charged above the hold"),
    balance_before_micros: moneyMicros("The posted balance before the charge"),
    balance_after_micros: moneyMicros("The posted balance after the charge"),
    currency,
    end_reason: z.string().nullable(),
    authorized: z.boolean().meta({ description: "Whether the call was authorized before it ran." }),
    started_at: instant("When it was authorized, rejected, or for a call never authorized, answered"),
    answered_at: instant("When it was answered").nullable(),
    ended_at: instant("When it ended"),
    reported_answered_at: instant("What the node said of its answer, where that cannot be").nullable(),
    reported_ended_at: instant("What the node said of its end, where that cannot be").nullable(),
    flags: z.array(callFlag),
  })
  .meta({
    id: "Receipt",
    description: "What a call cost and why.",
    examples: [
      {
        call_id: EXAMPLE_CALL_ID,
        organization_id: EXAMPLE_ORGANIZATION_ID,
        status: "ended",
        outcome: "settled",
        reject_reason: null,
        direction: "outbound",
        from: "+31201234567",
        to: "+4930123456",
        rate: EXAMPLE_RATE,
        duration_ms: 83_500,
        billable_seconds: 84,
        fee_micros: 98_000,
        provider_costs: [],
        reported_provider_cost_micros: 0,
        provider_cost_micros: 0,
        charged_micros: 98_000,
        overrun_micros: 0,
        balance_before_micros: 35_000_000,
        balance_after_micros: 34_902_000,
        currency: CURRENCY,
        end_reason: "caller_hangup",
        authorized: true,
        started_at: "2026-11-23T09:40:51.204Z",
        answered_at: "2026-11-23T09:41:00.000Z",
        ended_at: "2026-11-23T09:42:23.500Z",
        reported_answered_at: null,
        reported_ended_at: null,
        flags: [],
      },
    ],
  });

/** Which rows of how many. */
export const paginationSchema = z
  .strictObject({
    total: integer("Rows in all"),
    limit: integer("Rows asked for"),
    offset: integer("Rows skipped"),
  })
  .meta({ id: "Pagination" });

/** A call, live or past. */
export const callSchema = z
  .strictObject({
    id: callId,
    call_id: callId,
    status: callStatus,
    outcome: callOutcome
      .nullable()
      .meta({ description: "How the ledger resolved the call; null while it is live." }),
    reject_reason: rejectReason.nullable(),
    end_reason: z.string().nullable(),
    direction,
    from: party.meta({ description: "Who calls: a number in E.164 form wherever it is one." }),
    to: party.meta({ description: "Who is called: a number in E.164 form wherever it is one." }),
    from_as_dialled: party.meta({ description: "`from` as the node said it." }),
    to_as_dialled: party.meta({ description: "`to` as the node said it, as it was dialled." }),
    caller_phone: party.meta({ description: "The person's side of the call." }),
    assistant_phone: party.meta({ description: "The organization's side of the call: its number." }),
    number_id: z
      .string()
      .nullable()
      .meta({ description: "The organization's own number: an `id` of `GET /numbers`." }),
    phone_number: party.meta({ description: "The same as `assistant_phone`." }),
    duration_ms: integer("Answered time in milliseconds; of a live call, as last reported"),
    duration_sec: integer("Answered time in begun seconds"),
    duration_seconds: integer("The same as `duration_sec`"),
    billable_seconds: integer("Seconds charged, after increments"),
    cost: moneyUnits("What the call cost"),
    cost_micros: moneyMicros("What the call cost: fee and provider costs"),
    fee_micros: moneyMicros("The platform fee"),
    provider_cost_micros: moneyMicros("Provider costs on platform keys, charged with the fee"),
    provider_costs: z.array(providerCostSchema),
    currency,
    rate: rateSchema,
    byok_stt: z.boolean().meta({ description: "Speech to text ran on the customer's own key." }),
    byok_llm: z.boolean().meta({ description: "The language model ran on the customer's own key." }),
    byok_tts: z.boolean().meta({ description: "Text to speech ran on the customer's own key." }),
    parent_call_id: callId.nullable().meta({ description: "The call that this one is a leg of." }),
    authorized: z.boolean().meta({ description: "Whether the call was authorized before it ran." }),
    error: z
      .string()
      .nullable()
      .meta({ description: "Why it was refused or did not come about; null of any other call." }),
    created_at: instant("When it was authorized or refused"),
    started_at: instant("The same as `answered_at`").nullable(),
    answered_at: instant("When it was answered").nullable(),
    ended_at: instant("When it ended").nullable(),
    updated_at: instant("When it was last heard of"),
  })
  .meta({ id: "Call" });

/** A page of calls. */
export const callPageSchema = z
  .strictObject({ calls: z.array(callSchema), pagination: paginationSchema, next_cursor: nextCursor })
  .meta({ id: "CallPage" });

/** Which calls are asked for. */
export const listQuery = z.strictObject({
  ...dateRangeQuery,
  status: callStatus.optional(),
  direction: direction.optional(),
  parent_call_id: callId.optional().meta({ description: "Legs of this call only." }),
  limit: queryInteger({ min: 1, max: 1_000, default: 100, description: "Calls in a page." }),
  offset: queryInteger({ min: 0, max: 10_000_000, default: 0, description: "Calls to skip." }),
  cursor: cursorQuery,
});

/** As `listQuery` is parsed. */
export type ListQuery = z.output<typeof listQuery>;

/** A call in the path, percent-encoded. */
export const callPath = z.strictObject({ call_id: callId });

/** When the call in the path began, where that is known. */
export const callQuery = z.strictObject({
  created_at: timestamp.optional().meta({
    description: "When the call began, as lists say it: finds at once what its ledger no longer keeps.",
    example: "2026-11-23T09:40:51.204Z",
  }),
});
