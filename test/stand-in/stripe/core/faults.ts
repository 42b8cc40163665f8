/**
 * `500`: nothing was done; `500_after`: done, but answered with a failure that stands under the request's key; `409`:
 * nothing was done, because the first request with this key is still under way; `429`: nothing was done, because too many
 * were asked for, and none is wanted for seven seconds; `lost`: nothing was done and the
 * connection breaks; `lost_after`: done, and the connection breaks; `hang_after`: done, and no answer comes.
 */
export type FaultKind = "500" | "500_after" | "409" | "429" | "lost" | "lost_after" | "hang_after";

export interface Fault {
  method?: string;
  /** Matched against the path, with /v1. */
  path?: RegExp;
  kind: FaultKind;
  /** How many requests it hits, one unless said. */
  times?: number;
}

/** What is to go wrong with the requests to come. */
export class Faults {
  #waiting: (Fault & { left: number })[] = [];

  add(fault: Fault): void {
    this.#waiting.push({ ...fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** The fault that hits this request, null when none does. */
  take(method: string, path: string): FaultKind | null {
    const fault = this.#waiting.find(
      (one) => one.left > 0 && (!one.method || one.method === method) && (!one.path || one.path.test(path)),
    );
    if (!fault) return null;
    fault.left -= 1;
    return fault.kind;
  }
}

/** What `fetch` throws when a connection breaks. */
export function brokenConnection(): TypeError {
  return new TypeError("Network connection lost.");
}

/** Never answers: ends as a fetch does whose caller gives up. */
export function silence({ signal }: Request): Promise<never> {
  return new Promise((_, reject) => {
    const giveUp = () => reject(signal.reason ?? new DOMException("Aborted", "AbortError"));
    if (signal.aborted) giveUp();
    else signal.addEventListener("abort", giveUp, { once: true });
  });
}

/** What Stripe answers when it is asked too much (docs.stripe.com/rate-limits). */
export function tooMany(): Response {
  const error = { type: "invalid_request_error", code: "rate_limit", message: "Too many requests." };
  return Response.json({ error }, { status: 429, headers: { "Retry-After": "7" } });
}
