import type { DialerSettings } from "../env";
import { hmacSha256, importHmacKey, toHex } from "../units/digest";
import { SECOND_MS } from "../units/duration";

/** A call as the operator's dialer is told of it. */
export interface DialerCall {
  call_id: string;
  organization_id: string;
  from: string;
  to: string;
  granted_seconds: number;
  rate: string;
  byok?: string[];
  max_duration_seconds?: number;
}

/**
 * Hands a call to the operator's dialer. `refused` means that it will certainly not ring. A time-out, a broken
 * connection or a 5xx say nothing about that: the dialer may have the call.
 */
export async function dial(
  { url, secret, timeout_ms }: DialerSettings,
  call: DialerCall,
): Promise<"dialing" | "refused" | "unknown"> {
  const body = JSON.stringify(call);
  const timestamp = String(Math.floor(Date.now() / SECOND_MS));
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      // A redirect is not followed: the call and its signature are for this address only.
      redirect: "manual",
      signal: AbortSignal.timeout(timeout_ms),
      headers: {
        "Content-Type": "application/json",
        "Idempotency-Key": call.call_id,
        "X-Ringfence-Timestamp": timestamp,
        "X-Ringfence-Signature": `sha256=${await signatureOf(secret, `${timestamp}.${body}`)}`,
      },
    });
    await response.body?.cancel();
    if (response.ok) return "dialing";
    console.warn(JSON.stringify({ event: "dialer_refused", call_id: call.call_id, status: response.status }));
    return response.status >= 400 && response.status < 500 ? "refused" : "unknown";
  } catch (error) {
    console.warn(
      JSON.stringify({ event: "dialer_unreachable", call_id: call.call_id, error: String(error) }),
    );
    return "unknown";
  }
}

async function signatureOf(secret: string, text: string): Promise<string> {
  return toHex(await hmacSha256(await importHmacKey(secret), text));
}
