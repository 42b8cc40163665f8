import { type Answer, Refusal } from "./errors.ts";

interface KeptAnswer {
  key: string;
  method: string;
  path: string;
  body: string;
  kept_at_ms: number;
  answer: Answer;
}

export interface IdempotentRequest {
  key: string | null;
  method: string;
  path: string;
  body: string;
}

const KEPT_FOR_MS = 24 * 60 * 60 * 1_000;

/**
 * Answers by idempotency key, for a day. What was begun is kept, a 500 included; what was refused at the door is not. A
 * key is good for one request only.
 */
export class IdempotencyKeys {
  #kept = new Map<string, KeptAnswer>();

  /** The answer that this key has already, or null. Throws the refusal when the key means another request. */
  recall({ key, method, path, body }: IdempotentRequest, now_ms: number): Answer | null {
    const kept = key === null ? undefined : this.#kept.get(key);
    if (!kept || isOver(kept, now_ms)) return null;
    if (kept.method !== method || kept.path !== path) throw otherEndpoint(kept.path, path);
    if (kept.body !== body) throw otherParameters(kept.key);
    return kept.answer;
  }

  keep({ key, ...request }: IdempotentRequest, answer: Answer, now_ms: number): void {
    if (key === null) return;
    for (const [known, kept] of this.#kept) {
      // They stand in the order in which they came.
      if (!isOver(kept, now_ms)) break;
      this.#kept.delete(known);
    }
    this.#kept.delete(key);
    this.#kept.set(key, { key, ...request, kept_at_ms: now_ms, answer: structuredClone(answer) });
  }

  snapshot(): KeptAnswer[] {
    return structuredClone([...this.#kept.values()]);
  }

  restore(kept: KeptAnswer[]): void {
    this.#kept = new Map(structuredClone(kept).map((one) => [one.key, one]));
  }
}

function isOver({ kept_at_ms }: KeptAnswer, now_ms: number): boolean {
  return now_ms - kept_at_ms >= KEPT_FOR_MS;
}

/** The refusal while the first request with a key is still under way. */
export function keyInUse(): Refusal {
  return new Refusal(409, {
    type: "idempotency_error",
    code: "idempotency_key_in_use",
    message:
      "There is currently another in-progress request using this Stripe Idempotent Key (that probably means you submitted twice, and the other request is still going through).",
  });
}

function otherParameters(key: string): Refusal {
  return new Refusal(400, {
    type: "idempotency_error",
    message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
  });
}

function otherEndpoint(first_path: string, path: string): Refusal {
  return new Refusal(400, {
    type: "idempotency_error",
    message: `Keys for idempotent requests can only be used for the same endpoint they were first used for ('/v1${path}' vs '/v1${first_path}').`,
  });
}
