import type { ContentfulStatusCode } from "hono/utils/http-status";
import { resolver } from "hono-openapi";
import { z } from "zod";
import type { KeyRefusal, NoSuchKey, RateLimit } from "../ledger/core/account/api-keys";
import type { LedgerRefusal, TooMany } from "../ledger/core/refusals";
import { SECOND_MS } from "../units/duration";
import { receiptBody } from "./calls/present";
import { receiptSchema } from "./calls/schema";

interface ErrorRow {
  status: ContentfulStatusCode;
  message: string;
  headers?: Record<string, string>;
}

/** Every error that the API answers: what answers and the OpenAPI document are both made of this table. */
export const ERRORS = {
  invalid_request: { status: 400, message: "The request is not valid." },
  missing_field: { status: 400, message: "A required field is missing." },
  unauthorized: {
    status: 401,
    message: "No valid API key was given. Send it as Authorization: Bearer <key>.",
    headers: { "WWW-Authenticate": "Bearer" },
  },
  api_key_revoked: {
    status: 401,
    message: "This API key has been revoked.",
    headers: { "WWW-Authenticate": "Bearer" },
  },
  api_key_expired: {
    status: 401,
    message: "This API key has expired.",
    headers: { "WWW-Authenticate": "Bearer" },
  },
  insufficient_credits: {
    status: 402,
    message: "Insufficient credits to make outbound call. Please add credits in your billing dashboard.",
  },
  forbidden: { status: 403, message: "This API key may not do this." },
  https_required: { status: 403, message: "Use https: what is sent over plain http can be read by others." },
  organization_suspended: { status: 403, message: "This organization is suspended." },
  organization_closed: { status: 403, message: "This organization is closed." },
  billing_profile_incomplete: {
    status: 409,
    message: "Invoices need a name and an address. Please complete the billing profile first.",
  },
  card_missing: { status: 409, message: "Auto top-up needs a saved card. Please save one first." },
  not_found: { status: 404, message: "There is nothing here." },
  method_not_allowed: { status: 405, message: "This path does not take that method." },
  idempotency_conflict: { status: 409, message: "The same key was used before with other content." },
  already_resolved: { status: 409, message: "This purchase was resolved otherwise." },
  tax_not_refundable: { status: 409, message: "The VAT of this purchase cannot be given back by itself." },
  call_already_settled: { status: 409, message: "This call is resolved." },
  call_answered: { status: 409, message: "This call was answered: settle it instead." },
  call_not_settled: { status: 409, message: "This call is not settled yet." },
  request_in_progress: {
    status: 409,
    message: "The same request is being worked on. Please repeat it in a moment to hear what it came to.",
    headers: { "Retry-After": "1" },
  },
  stale_request: { status: 409, message: "A later request of this call was already answered." },
  rotation_under_way: {
    status: 409,
    message: "The secret before is still in use for up to a day: it cannot be replaced again yet.",
  },
  endpoint_disabled: { status: 409, message: "This endpoint is disabled: enable it first." },
  payload_too_large: { status: 413, message: "The request body is too large." },
  unsupported_media_type: {
    status: 415,
    message: "The request body must be JSON: send Content-Type: application/json.",
  },
  billing_address_invalid: {
    status: 422,
    message: "Where this address lies cannot be told. Please correct it in the billing profile.",
  },
  unprocessable: { status: 422, message: "The request cannot be carried out as it stands." },
  rate_limit_exceeded: {
    status: 429,
    message: "Too many requests. Please retry later.",
    headers: { "Retry-After": "60" },
  },
  internal: { status: 500, message: "Something went wrong here. Please try again." },
  ledger_unavailable: {
    status: 503,
    message:
      "The ledger cannot be reached at the moment. Nothing is known about the credit; please try again.",
    headers: { "Retry-After": "1" },
  },
  records_unavailable: {
    status: 503,
    message: "The records of calls cannot be read at the moment. Balances and calls are not affected.",
    headers: { "Retry-After": "5" },
  },
  purchases_unavailable: {
    status: 503,
    message: "Credit cannot be bought here: this deployment has no payment provider.",
    headers: { "Retry-After": "3600" },
  },
  payments_unavailable: {
    status: 503,
    message: "The payment provider cannot be reached at the moment. Please try again with the same key.",
    headers: { "Retry-After": "5" },
  },
  webhooks_unavailable: {
    status: 503,
    message: "Webhooks cannot be reached at the moment. No event is lost; please try again.",
    headers: { "Retry-After": "5" },
  },
  dialer_unavailable: {
    status: 503,
    message: "The call could not be placed at the moment. Please try again.",
    headers: { "Retry-After": "5" },
  },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

/** What every route may answer that takes an organization's own key, for `errorResponses`. */
export const ORGANIZATION_KEY_ERRORS = [
  "invalid_request",
  "unauthorized",
  "api_key_revoked",
  "api_key_expired",
  "forbidden",
  "https_required",
  "rate_limit_exceeded",
  "ledger_unavailable",
] as const satisfies readonly ErrorCode[];

/** What every route may answer that takes an edge or admin key. */
export const PLATFORM_KEY_ERRORS = [
  "invalid_request",
  "unauthorized",
  "api_key_revoked",
  "api_key_expired",
  "forbidden",
  "https_required",
  "rate_limit_exceeded",
  "ledger_unavailable",
] as const satisfies readonly ErrorCode[];

/** What every admin route may answer besides: it writes down what it does in D1. */
export const ADMIN_ERRORS = [
  ...PLATFORM_KEY_ERRORS,
  "records_unavailable",
] as const satisfies readonly ErrorCode[];

/** What every route may answer that takes a JSON body. */
export const BODY_ERRORS = [
  "invalid_request",
  "missing_field",
  "payload_too_large",
  "unsupported_media_type",
] as const satisfies readonly ErrorCode[];

/** Answers that must equal their published form to the letter name the request in the header only. */
const WITHOUT_REQUEST_ID: ReadonlySet<ErrorCode> = new Set(["insufficient_credits"]);

/** An answer other than success. `extra` stands beside `error` in the body, such as the receipt of a settled call. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly code: ErrorCode,
    message?: string,
    readonly param?: string,
    readonly extra: Readonly<Record<string, unknown>> = {},
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message ?? ERRORS[code].message);
  }

  get status(): ContentfulStatusCode {
    return ERRORS[this.code].status;
  }

  /** The body as it is sent; also what stands in an operation's own result in a batch. */
  body(request_id: string) {
    return {
      error: {
        code: this.code,
        message: this.message,
        ...(this.param === undefined ? {} : { param: this.param }),
        ...(WITHOUT_REQUEST_ID.has(this.code) ? {} : { request_id }),
      },
      ...this.extra,
    };
  }

  response(request_id: string): Response {
    const row: ErrorRow = ERRORS[this.code];
    return Response.json(this.body(request_id), {
      status: row.status,
      headers: { ...row.headers, ...this.headers },
    });
  }
}

/** A "no" of the ledger, or of its key ring. */
export type Refusal = LedgerRefusal | KeyRefusal | NoSuchKey | TooMany;

/** A "no" as the error that the API answers. */
export function refusalError(refusal: Refusal, organization_id: string): ApiError {
  switch (refusal.code) {
    case "invalid":
      return new ApiError("unprocessable", refusal.message, refusal.param);
    case "too_many":
      return new ApiError("unprocessable", refusal.message);
    case "missing_field":
    case "idempotency_conflict":
      return new ApiError(refusal.code, refusal.message, refusal.param);
    case "no_such_organization":
      return new ApiError("not_found", "There is no such organization.");
    case "no_such_key":
      return new ApiError("not_found", refusal.message, "key_id");
    case "too_soon":
      return new ApiError("ledger_unavailable", refusal.message, refusal.param);
    case "failed":
      return new ApiError("ledger_unavailable");
    case "call_already_settled":
      return new ApiError(refusal.code, refusal.message, undefined, {
        receipt: receiptBody(refusal.receipt, organization_id),
      });
    case "rate_limit_exceeded":
      return new ApiError(refusal.code, refusal.message, undefined, {}, retryAfter(refusal.rate_limit));
    default:
      return new ApiError(refusal.code, refusal.message);
  }
}

function retryAfter(rate_limit: RateLimit | undefined): Record<string, string> {
  if (!rate_limit) return {};
  const seconds = Math.max(1, Math.ceil((rate_limit.reset_at_ms - Date.now()) / SECOND_MS));
  return { "Retry-After": String(seconds) };
}

/** The schema of an error body that can only have these codes. */
function errorSchema(codes: readonly ErrorCode[]) {
  const named = codes.filter((code) => !WITHOUT_REQUEST_ID.has(code));
  const error = z.strictObject({
    code: z.enum(codes),
    message: z.string().meta({ description: "What is wrong, for people. May change; test `code` instead." }),
    param: z.string().optional().meta({ description: "The field that is wrong, as a dotted path." }),
    ...(named.length === 0 ? {} : { request_id: z.string().meta({ description: "As in X-Request-Id." }) }),
  });
  return codes.includes("call_already_settled")
    ? z.strictObject({ error, receipt: receiptSchema.optional() })
    : z.strictObject({ error });
}

/** The OpenAPI responses for errors that a route may answer, by status, for `describeRoute`. */
export function errorResponses(...codes: ErrorCode[]) {
  const by_status = Map.groupBy(new Set(codes), (code) => ERRORS[code].status);
  return Object.fromEntries([...by_status].map(([status, group]) => [status, errorResponse(group)]));
}

function errorResponse(codes: readonly ErrorCode[]) {
  const headersOf = (code: ErrorCode) => Object.keys((ERRORS[code] as ErrorRow).headers ?? {});
  const headers = new Set(codes.flatMap(headersOf));
  const isInAll = (name: string) => codes.every((code) => headersOf(code).includes(name));
  return {
    description: codes.map((code) => `\`${code}\`: ${ERRORS[code].message}`).join("\n\n"),
    headers: Object.fromEntries(
      [...headers].map((name) => [name, { required: isInAll(name), schema: { type: "string" as const } }]),
    ),
    content: {
      "application/json": {
        schema: resolver(errorSchema(codes)),
        examples: Object.fromEntries(
          codes.map((code) => [code, { value: new ApiError(code).body("req_01k9z3v8qhe1w9m4c7d2x5n6tp") }]),
        ),
      },
    },
  };
}
