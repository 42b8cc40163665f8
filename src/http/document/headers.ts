import type { OpenAPIV3_1 } from "openapi-types";

/** Headers of answers, by their names in the document's components. */
export const HEADERS = {
  RequestId: {
    required: true,
    description: "The request's own X-Request-Id when that is fit for logs, else one that was made for it.",
    schema: { type: "string" as const },
    example: "req_01k9z3v8qhe1w9m4c7d2x5n6tp",
  },
  Limit: {
    description: "Requests that the key may make in a minute. With answers to an organization's own key.",
    schema: { type: "integer" as const },
    example: 100,
  },
  Remaining: {
    description: "Requests that are left in this minute. With answers to an organization's own key.",
    schema: { type: "integer" as const },
    example: 99,
  },
  Reset: {
    description: "When the next minute begins, in Unix seconds. With answers to an organization's own key.",
    schema: { type: "integer" as const },
    example: 1795426860,
  },
  RetryAfter: {
    required: true,
    description: "Seconds after which it is worth trying again.",
    schema: { type: "integer" as const },
    example: 5,
  },
  SometimesRetryAfter: {
    description: "Seconds after which it is worth trying again. Left out where that is of no use.",
    schema: { type: "integer" as const },
    example: 1,
  },
  ContentDisposition: {
    required: true,
    description: "That it is a file, and its name.",
    schema: { type: "string" as const },
    example: 'attachment; filename="usage.csv"',
  },
  Location: {
    required: true,
    description: "Where the browser goes.",
    schema: { type: "string" as const, format: "uri" },
    example: "https://app.example.com/billing?purchase_status=credited",
  },
  WwwAuthenticate: {
    required: true,
    description: "How to send a key.",
    schema: { type: "string" as const },
    example: "Bearer",
  },
} satisfies Record<string, OpenAPIV3_1.HeaderObject>;

/** References to headers, by the name that each has in an answer. */
type HeaderReferences = Record<string, OpenAPIV3_1.ReferenceObject>;

/** A reference to one of `HEADERS`. */
export function header(name: keyof typeof HEADERS): OpenAPIV3_1.ReferenceObject {
  return { $ref: `#/components/headers/${name}` };
}

/** What every answer has. */
export const ALWAYS: HeaderReferences = { "X-Request-Id": header("RequestId") };

/** What the answers to an organization's own key have. */
export const RATE_LIMIT: HeaderReferences = {
  "X-RateLimit-Limit": header("Limit"),
  "X-RateLimit-Remaining": header("Remaining"),
  "X-RateLimit-Reset": header("Reset"),
};
