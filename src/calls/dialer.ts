import type { DialerSettings } from "../env";
import { log } from "../units/log";
import { signedHeaders } from "../webhooks/signature";

/** A call as the operator's dialer is told of it. */
export interface DialerCall extends AssistantFields {
  call_id: string;
  organization_id: string;
  from: string;
  to: string;
  granted_seconds: number;
  max_duration_seconds?: number;
}

/** What a customer says of who talks: the dialer's to read. */
export interface AssistantFields {
  assistant_id?: string;
  assistant?: Record<string, unknown>;
  assistant_override?: Record<string, unknown>;
  first_message?: string;
}

/** `invalid` and `refused` mean that it will certainly not ring, for what was asked or for another reason. */
export type Dialed = "dialing" | "invalid" | "refused" | "unknown";

/** Statuses that say that the request itself is wrong: a repeat of it is answered the same. */
const INVALID: readonly number[] = [400, 422];

/**
 * Hands a call to the operator's dialer, signed as events are. A time-out, a broken connection or a 5xx say nothing of
 * whether it will ring: the dialer may have the call.
 */
export async function dial({ url, secret, timeout_ms }: DialerSettings, call: DialerCall): Promise<Dialed> {
  const body = JSON.stringify(call);
  const message = { event_id: call.call_id, type: "call.dial", body, sent_at_ms: Date.now() };
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      // A redirect is not followed: the call and its signature are for this address only.
      redirect: "manual",
      signal: AbortSignal.timeout(timeout_ms),
      headers: {
        ...(await signedHeaders(message, { secret, previous_secret: null })),
        "idempotency-key": call.call_id,
      },
    });
    await response.body?.cancel();
    if (response.ok) return "dialing";
    log.warn("dialer_refused", { call_id: call.call_id, status: response.status });
    return refusalOf(response.status);
  } catch (error) {
    log.warn("dialer_unreachable", { call_id: call.call_id, error });
    return "unknown";
  }
}

/** A 408 comes from something between us and the dialer that has not heard of it in time. */
function refusalOf(status: number): Dialed {
  if (INVALID.includes(status)) return "invalid";
  return status >= 400 && status < 500 && status !== 408 ? "refused" : "unknown";
}
