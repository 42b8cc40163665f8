import { z } from "zod";
import type { EdgeOperation } from "../../calls/edge-operation";
import { MAX_OPERATIONS } from "../../calls/execute-operations";
import { SECOND_MS } from "../../units/duration";
import {
  durationMs,
  durationSec,
  elapsedSeconds,
  maxDurationSeconds,
  timestamp,
  totalCostMicros,
} from "../schema/amounts";
import {
  callId,
  direction,
  endReason,
  nodeName,
  organizationId,
  party,
  phoneNumber,
  rateName,
  reasonText,
} from "../schema/names";
import { ownKeys, providerCosts } from "../schema/rates";

/** Whose call it is: one of the two, best the organization_id that authorize answered. */
const subject = {
  organization_id: organizationId.optional(),
  number: phoneNumber
    .optional()
    .meta({ description: "The organization's own number, where organization_id is not known." }),
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

const answeredFields = { ...subject, answered_at: timestamp.optional() };

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

const voidFields = { ...subject, end_reason: endReason.optional() };

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

export const callPath = z.strictObject({ call_id: callId });
export const authorizeBody = z
  .strictObject({ call_id: callId, ...authorizeFields })
  .meta({ id: "AuthorizeRequest" });
export const answeredBody = z.strictObject(answeredFields).meta({ id: "AnsweredRequest" });
export const renewBody = z.strictObject(renewFields).meta({ id: "RenewRequest" });
export const settleBody = z.strictObject(settleFields).check(oneDuration).meta({ id: "SettleRequest" });
export const voidBody = z.strictObject(voidFields).meta({ id: "VoidRequest" });
export const correctBody = z.strictObject(correctFields).meta({ id: "CorrectRequest" });

const inBatch = { call_id: callId };

/** What may stand in a batch, by its `op`. */
export const batchOperations = {
  authorize: z.strictObject({ op: z.literal("authorize"), ...inBatch, ...authorizeFields }),
  answered: z.strictObject({ op: z.literal("answered"), ...inBatch, ...answeredFields }),
  renew: z.strictObject({ op: z.literal("renew"), ...inBatch, ...renewFields }),
  settle: z.strictObject({ op: z.literal("settle"), ...inBatch, ...settleFields }).check(oneDuration),
  void: z.strictObject({ op: z.literal("void"), ...inBatch, ...voidFields }),
};

/** A batch as it is documented; `batchEnvelope` is all that is checked of it as a whole. */
export const batchBody = z
  .strictObject({
    operations: z
      .array(z.union(Object.values(batchOperations)))
      .min(1)
      .max(MAX_OPERATIONS),
  })
  .meta({ id: "OperationsRequest" });
export const batchEnvelope = z.strictObject({ operations: z.array(z.unknown()).min(1).max(MAX_OPERATIONS) });

type BatchOperation = z.output<(typeof batchOperations)[keyof typeof batchOperations]>;
type Stated = BatchOperation | ({ op: "correct"; call_id: string } & z.output<typeof correctBody>);

/** The operation in the words of billing: instants and durations in milliseconds. */
export function edgeOperation(stated: Stated): EdgeOperation {
  switch (stated.op) {
    case "answered": {
      const { answered_at: answered_at_ms, ...rest } = stated;
      return { ...rest, answered_at_ms };
    }
    case "settle": {
      const { answered_at: answered_at_ms, ended_at: ended_at_ms, duration_sec, ...rest } = stated;
      const duration_ms = stated.duration_ms ?? Math.round((duration_sec ?? 0) * SECOND_MS);
      return { ...rest, duration_ms, answered_at_ms, ended_at_ms };
    }
    default:
      return stated;
  }
}
