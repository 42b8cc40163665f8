import type { z } from "zod";
import { liveStatus } from "../../../calls/call-status";
import type { LiveCall } from "../../../ledger/core/calls/call";
import { renewBeforeSeconds } from "../../../ledger/core/calls/quota";
import { isoTime, isoTimeOrNull } from "../../../units/duration";
import { rateBody } from "../../calls/present";
import type { nodeCallSchema } from "./schema";

/** A live call as its node reads it. */
export function nodeCallBody(
  call: LiveCall,
  node: string,
  organization_id: string,
): z.input<typeof nodeCallSchema> {
  const { call_id, direction, from, to, granted_seconds, elapsed_seconds } = call;
  return {
    ...{ call_id, organization_id, node, status: liveStatus(call), direction, from, to },
    parent_call_id: call.parent_call_id ?? null,
    authorized_at: isoTime(call.authorized_at_ms),
    answered_at: isoTimeOrNull(call.answered_at_ms),
    elapsed_seconds,
    request_number: call.request_number,
    granted_seconds,
    renew_before_seconds: renewBeforeSeconds(granted_seconds, elapsed_seconds),
    final_unit: call.final_unit,
    rate: rateBody(call.rate),
  };
}
