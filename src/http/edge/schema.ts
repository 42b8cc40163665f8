import { z } from "zod";
import type { EdgeOperation } from "../../calls/edge-operation";
import { MAX_OPERATIONS } from "../../calls/execute-operations";
import type { OwnKey, ProviderCost } from "../../ledger/core/calls/call";
import { SECOND_MS } from "../../units/duration";
import {
  durationMs,
  durationSec,
  elapsedSeconds,
  maxDurationSeconds,
  quotaSeconds,
  timestamp,
  totalCostMicros,
} from "../schema/amounts";
import {
  callId,
  direction,
  EXAMPLE_CALL_ID,
  EXAMPLE_ORGANIZATION_ID,
  endReason,
  nodeName,
  organizationId,
  party,
  rateName,
  reasonText,
} from "../schema/names";
import { ownKeys, providerCosts } from "../schema/rates";

/** Whose call it is: one of the two, best the organization_id that authorize answered. */
const subject = {
  organization_id: organizationId.optional(),
  number: party
    .meta({
      id: "OrganizationNumber",
      description:
        "The organization's own number, however it is spelled, where organization_id is not known.",
    })
    .optional(),
};

const parent_call_id = callId
  .optional()
  .meta({ description: "The call of the same organization that this one is a leg of." });

const authorizeFields = {
  ...subject,
  direction,
  from: party,
  to: party,
  rate: rateName.optional(),
  byok: ownKeys.optional(),
  max_duration_seconds: maxDurationSeconds.optional(),
  quota_seconds: quotaSeconds.optional(),
  node: nodeName
    .optional()
    .meta({ description: "The node that carries the call: what its live calls are listed by." }),
  parent_call_id,
  expected_provider_micros_per_minute: z
    .int()
    .min(0)
    .max(1_000_000_000)
    .optional()
    .meta({ description: "What providers on platform keys are expected to cost: held with the fee." }),
};

/** As the ledger takes it: what was left out is none, or no limit. */
function authorizing<
  Stated extends {
    byok?: OwnKey[];
    max_duration_seconds?: number;
    expected_provider_micros_per_minute?: number;
  },
>(stated: Stated) {
  const { byok = [], max_duration_seconds = null, expected_provider_micros_per_minute = 0, ...rest } = stated;
  return { ...rest, byok, max_duration_seconds, expected_provider_micros_per_minute };
}

const answeredFields = { ...subject, answered_at: timestamp.optional() };

function answering<Stated extends { answered_at?: number }>(stated: Stated) {
  const { answered_at: answered_at_ms = null, ...rest } = stated;
  return { ...rest, answered_at_ms };
}

const renewFields = {
  ...subject,
  request_number: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .meta({ description: "Counts the renewals of this call up from 1; gaps are accepted.", examples: [1] }),
  elapsed_seconds: elapsedSeconds,
  provider_cost_micros: totalCostMicros.optional(),
};

function renewing<Stated extends { provider_cost_micros?: number }>(stated: Stated) {
  const { provider_cost_micros = null, ...rest } = stated;
  return { ...rest, provider_cost_micros };
}

const settleFields = {
  ...subject,
  duration_ms: durationMs.optional(),
  duration_sec: durationSec.optional(),
  end_reason: endReason,
  answered_at: timestamp.optional(),
  ended_at: timestamp.optional(),
  provider_costs: providerCosts.optional(),
  direction: direction.optional(),
  from: party.optional(),
  to: party.optional(),
  rate: rateName.optional(),
  byok: ownKeys.optional(),
  parent_call_id,
};

/** Seconds are rounded to the millisecond, half up. Costs that were left out are unknown, which is not the same as none. */
function settling<
  Stated extends Durations & {
    answered_at?: number;
    ended_at?: number;
    provider_costs?: ProviderCost[];
    byok?: OwnKey[];
  },
>(stated: Stated) {
  const {
    answered_at: answered_at_ms = null,
    ended_at: ended_at_ms = null,
    provider_costs = null,
    byok = [],
    duration_sec = 0,
    duration_ms = Math.round(duration_sec * SECOND_MS),
    ...rest
  } = stated;
  return { ...rest, duration_ms, answered_at_ms, ended_at_ms, provider_costs, byok };
}

const voidFields = { ...subject, end_reason: endReason.optional() };

function voiding<Stated extends { end_reason?: string }>(stated: Stated) {
  const { end_reason = null, ...rest } = stated;
  return { ...rest, end_reason };
}

const correctFields = {
  ...subject,
  correction_id: callId.meta({ description: "Makes a repeat the same correction; unique within the call." }),
  duration_ms: durationMs,
  reason: reasonText,
};

interface Durations {
  duration_ms?: number;
  duration_sec?: number;
}

/** Exactly one duration, so that there is no question which one counts. */
function oneDuration({ value, issues }: z.core.ParsePayload<Durations>): void {
  const { duration_ms, duration_sec } = value;
  if (duration_ms === undefined && duration_sec === undefined)
    issues.push({ code: "custom", input: value, path: ["duration_ms"], message: "Say how long it lasted." });
  if (duration_ms !== undefined && duration_sec !== undefined)
    issues.push({
      code: "custom",
      input: value,
      path: ["duration_sec"],
      message: "Must not stand beside duration_ms.",
    });
}

const EXAMPLE_PARTIES = { from: "+31201234567", to: "+4930123456" };
const whose = { organization_id: EXAMPLE_ORGANIZATION_ID };

/** A call in the path, percent-encoded. */
export const callPath = z.strictObject({ call_id: callId });

// Each body is parsed to an `EdgeOperation`, but for the `op` and the call_id that its route adds.

export const authorizeBody = z
  .strictObject({ call_id: callId, ...authorizeFields })
  .transform(authorizing)
  .meta({
    id: "AuthorizeRequest",
    examples: [
      {
        call_id: EXAMPLE_CALL_ID,
        organization_id: EXAMPLE_ORGANIZATION_ID,
        direction: "outbound",
        ...EXAMPLE_PARTIES,
        node: "edge-ams-1",
      },
    ],
  });
export const answeredBody = z
  .strictObject(answeredFields)
  .transform(answering)
  .meta({ id: "AnsweredRequest", examples: [{ ...whose, answered_at: "2026-11-23T09:41:00.000Z" }] });
export const renewBody = z
  .strictObject(renewFields)
  .transform(renewing)
  .meta({
    id: "RenewRequest",
    examples: [{ ...whose, request_number: 1, elapsed_seconds: 45 }],
  });
export const settleBody = z
  .strictObject(settleFields)
  .check(oneDuration)
  .transform(settling)
  .meta({
    id: "SettleRequest",
    examples: [
      { ...whose, duration_ms: 83_500, end_reason: "caller_hangup", ended_at: "2026-11-23T09:42:23.500Z" },
    ],
  });
export const voidBody = z
  .strictObject(voidFields)
  .transform(voiding)
  .meta({ id: "VoidRequest", examples: [{ ...whose, end_reason: "busy" }] });
export const correctBody = z.strictObject(correctFields).meta({
  id: "CorrectRequest",
  examples: [
    { ...whose, correction_id: "cdr-2026-11-23-118", duration_ms: 82_100, reason: "The carrier's record" },
  ],
});

const inBatch = <Op extends EdgeOperation["op"]>(op: Op) => ({ op: z.literal(op), call_id: callId });

/** What may stand in a batch, by its `op`; each is parsed to an `EdgeOperation`. */
export const batchOperations = {
  authorize: z
    .strictObject({ ...inBatch("authorize"), ...authorizeFields })
    .transform(authorizing)
    .meta({ id: "AuthorizeOperation" }),
  answered: z
    .strictObject({ ...inBatch("answered"), ...answeredFields })
    .transform(answering)
    .meta({ id: "AnsweredOperation" }),
  renew: z
    .strictObject({ ...inBatch("renew"), ...renewFields })
    .transform(renewing)
    .meta({ id: "RenewOperation" }),
  settle: z
    .strictObject({ ...inBatch("settle"), ...settleFields })
    .check(oneDuration)
    .transform(settling)
    .meta({ id: "SettleOperation" }),
  void: z
    .strictObject({ ...inBatch("void"), ...voidFields })
    .transform(voiding)
    .meta({ id: "VoidOperation" }),
} satisfies Partial<Record<EdgeOperation["op"], z.ZodType<EdgeOperation>>>;

const { authorize, answered, renew, settle, void: voided } = batchOperations;

const operation = z
  .discriminatedUnion("op", [authorize, answered, renew, settle, voided])
  .meta({ id: "Operation", description: "What its own route takes, with `op` and `call_id`." });

/** A batch as it is documented; `batchEnvelope` is all that is checked of it as a whole. */
export const batchBody = z.strictObject({ operations: z.array(operation).min(1).max(MAX_OPERATIONS) }).meta({
  id: "OperationsRequest",
  examples: [
    {
      operations: [
        { op: "renew", call_id: EXAMPLE_CALL_ID, ...whose, request_number: 2, elapsed_seconds: 95 },
      ],
    },
  ],
});

/** All that is checked of a batch as a whole: each operation is checked in its place. */
export const batchEnvelope = z.strictObject({ operations: z.array(z.unknown()).min(1).max(MAX_OPERATIONS) });
