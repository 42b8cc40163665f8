/**
 * What the platform says of an object that was reset or moved under a request, where it sets no property on the error
 * (developers.cloudflare.com/durable-objects/observability/troubleshooting). No code of ours throws any of it.
 */
const RESET_UNDER_REQUEST =
  /object has moved to a different machine|code was updated|code has been updated|caused object to be reset|instance is no longer active|network connection lost|due to transient issue/i;

/** The longest pause before a repeat: not felt in call set-up, and long enough to spread what one reset has thrown out. */
const MAX_RETRY_DELAY_MS = 100;

/** The part of the deadline that a pause may take at most. */
const MAX_RETRY_DELAY_SHARE = 0.1;

/**
 * Whether the same request may be sent again: the object was reset or the connection broke, which says nothing on whether
 * it was carried out. The platform repeats by itself only what has certainly not been (…/best-practices/automatic-retries).
 * Never when the object is overloaded, which a repeat would only make worse (…/best-practices/error-handling).
 */
export function isRetryable(error: unknown): boolean {
  const { message, retryable, overloaded, durableObjectReset } = Object(error) as Record<string, unknown>;
  if (overloaded === true) return false;
  return retryable === true || durableObjectReset === true || RESET_UNDER_REQUEST.test(String(message));
}

/**
 * How long to wait before a repeat. By chance: a reset throws out all requests of an object in one instant, and they
 * are not to come back in one instant to an object that is still starting.
 */
export function retryDelayMs(deadline_ms: number): number {
  return Math.random() * Math.min(MAX_RETRY_DELAY_MS, deadline_ms * MAX_RETRY_DELAY_SHARE);
}
