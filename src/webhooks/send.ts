import { SECOND_MS } from "../units/duration";
import { signedHeaders } from "./signature";
import type { DeliveryJob, TryResult } from "./types";

/** A receiver that has not answered by then has failed. */
const TIMEOUT_MS = 15 * SECOND_MS;

/** How much of an answer is kept, for the endpoint's owner to see what went wrong. */
const EXCERPT_BYTES = 256;

export interface SendSettings {
  timeout_ms?: number;
  /** Why a URL may not be called now, null when it may. */
  refusal(url: string): Promise<string | null>;
}

/** Sends each message once, all at the same time. Answers one result for each; never throws. */
export async function sendMessages(
  { url, messages, ...secrets }: DeliveryJob,
  { refusal, timeout_ms = TIMEOUT_MS }: SendSettings,
): Promise<TryResult[]> {
  const refused = await refusal(url);
  return Promise.all(
    messages.map(async (message) => {
      const at_ms = Date.now();
      const nothing = { status: null, error: null, excerpt: "", retry_after_ms: null };
      const outcome = refused
        ? { error: refused }
        : await post(
            url,
            message.body,
            await signedHeaders({ ...message, sent_at_ms: at_ms }, secrets),
            timeout_ms,
          );
      return { event_id: message.event_id, at_ms, ...nothing, ...outcome, duration_ms: Date.now() - at_ms };
    }),
  );
}

async function post(url: string, body: string, headers: Record<string, string>, timeout_ms: number) {
  try {
    // A redirect could lead anywhere, also to where no endpoint may be: it counts as a failure.
    const signal = AbortSignal.timeout(timeout_ms);
    const response = await fetch(url, { method: "POST", body, headers, redirect: "manual", signal });
    const excerpt = await excerptOf(response, signal);
    return { status: response.status, excerpt, retry_after_ms: retryAfterMs(response) };
  } catch (error) {
    const late = error instanceof Error && error.name === "TimeoutError";
    return { error: late ? `No answer within ${timeout_ms / SECOND_MS} s.` : "The connection failed." };
  }
}

/**
 * The beginning of an answer, as far as it came in time. Reads no more than it keeps: a receiver may
 * answer without end, or a byte at a time. Its status stands whatever becomes of the rest.
 */
async function excerptOf({ body }: Response, signal: AbortSignal): Promise<string> {
  const reader = body?.getReader();
  if (!reader) return "";
  // The rest of the body is not needed; an error of cancelling it changes nothing.
  const stop = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", stop);
  const bytes: number[] = [];
  try {
    while (bytes.length < EXCERPT_BYTES) {
      const { value, done } = await reader.read();
      if (done) break;
      bytes.push(...value.subarray(0, EXCERPT_BYTES - bytes.length));
    }
  } catch {
    // The connection broke off after the status.
  }
  signal.removeEventListener("abort", stop);
  stop();
  return withoutSecrets(new TextDecoder().decode(new Uint8Array(bytes))).replace(/\p{Cc}+/gu, " ");
}

/**
 * Receivers answer with what they were sent, or with a trace of what they have in memory; people who may read deliveries
 * need not be allowed to sign or to use a key.
 */
function withoutSecrets(text: string): string {
  return text.replace(/\b(whsec_|rf_[a-z]+_|bearer\s+|sk_[a-z]+_)[\w+/=.~-]+/gi, "$1…");
}

/** Of `Retry-After` (RFC 9110, section 10.2.3): seconds or a date; null when there is none that makes sense. */
function retryAfterMs({ headers, status }: Response): number | null {
  const text = headers.get("retry-after");
  if (!text || status < 400) return null;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * SECOND_MS : Date.parse(text) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}
