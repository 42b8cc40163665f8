import { canonicalJson } from "./canonical-json";
import type { Seed } from "./derived-secret";
import { sha256Hex } from "./digest";
import { DAY_MS } from "./duration";

/** How long a repeat of a request finds what the first one has made. */
export const REPEATABLE_FOR_MS = DAY_MS;

/** A request that its caller may send again: what it is known by, and what it asks for. Digests, which tell nobody else. */
export interface Repeatable {
  /** Of who asks, for what, and the key of the caller's own choice: nobody else's request has the same. */
  request_key: string;
  /** Of all that is asked for. */
  fingerprint: string;
}

/** What a request has made, as a repeat finds it. */
export interface RequestRecord extends Repeatable, Seed {
  object_id: string;
  /** When the request was first taken. */
  at_ms: number;
  /** What it was answered, where that cannot be read from what it made. JSON. */
  answer: string | null;
}

/**
 * A request by a key of the caller's own choice. `caller` is who asks, `operation` what for: the same key elsewhere is
 * another request.
 */
export async function repeatable(
  caller: string,
  operation: readonly unknown[],
  key: string,
  content: unknown,
): Promise<Repeatable> {
  const [request_key, fingerprint] = await Promise.all([
    sha256Hex(canonicalJson([caller, operation, key])),
    sha256Hex(canonicalJson([content])),
  ]);
  return { request_key, fingerprint };
}
