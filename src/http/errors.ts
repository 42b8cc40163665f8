import type { ContentfulStatusCode } from "hono/utils/http-status";

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
  destination_blocked: { status: 403, message: "This destination cannot be called." },
  organization_suspended: { status: 403, message: "This organization is suspended." },
  organization_closed: { status: 403, message: "This organization is closed." },
  billing_profile_incomplete: {
    status: 409,
    message: "Invoices need a name and an address. Please complete the billing profile first.",
  },
  card_missing: { status: 409, message: "Auto top-up needs a saved card. Please save one first." },
  not_found: { status: 404, message: "There is nothing here." },
  method_not_allowed: { status: 405, message: "This path does not take that method." },
  external_id_taken: { status: 409, message: "Another organization has this external_id." },
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
    message: "The previous secret still signs. End it first, or replace both with keep_previous_seconds 0.",
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
    message: "Too many requests. Please retry after 60 seconds.",
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

/** A code of `ERRORS`, as answers have it. */
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

/** Errors whose body must equal its published form to the letter: a code and a message, and the request's id in the header only. */
const AS_PUBLISHED: ReadonlySet<ErrorCode> = new Set(["insufficient_credits", "rate_limit_exceeded"]);

/** The kinds of errors, for callers who tell what to do by the kind: correct the request, the key, or try again later. */
export const ERROR_TYPES = [
  "invalid_request_error",
  "authentication_error",
  "permission_error",
  "conflict_error",
  "api_error",
] as const;

type ErrorType = (typeof ERROR_TYPES)[number];

/** Of the statuses whose kind is not that the request is wrong. */
const TYPE_OF_STATUS: { [status in ContentfulStatusCode]?: ErrorType } = {
  401: "authentication_error",
  403: "permission_error",
  409: "conflict_error",
  500: "api_error",
  503: "api_error",
};

/** What an error says besides its code. */
export interface ErrorDetail {
  /** Instead of the code's own message. */
  message?: string;
  /** The field of the request that is wrong, as a dotted path. */
  param?: string;
  /** Stands beside `error` in the body, such as the receipt of a settled call. */
  extra?: Readonly<Record<string, unknown>>;
  /** Besides those of the code, and instead of those of the same name. */
  headers?: Readonly<Record<string, string>>;
}

/** An answer other than success: `new ApiError(code)`, `(code, message, param)`, or `(code, { … })` where there is more. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly param: string | undefined;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, detail?: ErrorDetail);
  constructor(code: ErrorCode, message: string, param?: string);
  constructor(
    readonly code: ErrorCode,
    said: string | ErrorDetail = {},
    param?: string,
  ) {
    const detail: ErrorDetail = typeof said === "string" ? { message: said, param } : said;
    super(code === "rate_limit_exceeded" ? retryLater(detail) : (detail.message ?? ERRORS[code].message));
    this.param = detail.param;
    this.extra = detail.extra ?? {};
    this.headers = detail.headers ?? {};
  }

  get status(): ContentfulStatusCode {
    return ERRORS[this.code].status;
  }

  /**
   * The body as it is sent; also what stands in an operation's own result in a batch. What is wrong stands both in `error` and
   * beside it, for clients that read it there.
   */
  body(request_id: string) {
    const { code, message, param } = this;
    if (AS_PUBLISHED.has(code)) return { error: { code, message }, ...this.extra };
    const type = TYPE_OF_STATUS[this.status] ?? "invalid_request_error";
    const said = { message, type, ...(param === undefined ? {} : { param }) };
    return { error: { code, ...said, request_id }, ...said, ...this.extra };
  }

  response(request_id: string): Response {
    const row: ErrorRow = ERRORS[this.code];
    return Response.json(this.body(request_id), {
      status: row.status,
      headers: { ...row.headers, ...this.headers },
    });
  }
}

/** Says the same as the header, whoever has counted. */
function retryLater({ headers }: ErrorDetail): string {
  const seconds = headers?.["Retry-After"] ?? ERRORS.rate_limit_exceeded.headers["Retry-After"];
  return `Too many requests. Please retry after ${seconds} seconds.`;
}

/** The answers that routes promise, by the name under which the document has them. */
const documented = new Map<string, readonly ErrorCode[]>();

/** Codes that need not be told in an answer's name, because every key may be told them. */
const COME_ALONG: { [code in ErrorCode]?: readonly ErrorCode[] } = {
  unauthorized: ["api_key_revoked", "api_key_expired"],
  forbidden: ["https_required"],
};

/** The OpenAPI responses for errors that a route may answer, by status, for `describeRoute`. */
export function errorResponses(...codes: ErrorCode[]) {
  const stated = new Set(codes);
  const in_order = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => stated.has(code));
  const by_status = Map.groupBy(in_order, (code) => ERRORS[code].status);
  return Object.fromEntries([...by_status].map(([status, group]) => [status, errorResponse(group)]));
}

function errorResponse(codes: readonly ErrorCode[]) {
  const along = new Set(codes.flatMap((code) => COME_ALONG[code] ?? []));
  const name = either(codes.filter((code) => !along.has(code)).map(pascalCase));
  const known = documented.get(name);
  if (known && known.join() !== codes.join()) throw new Error(`Two answers would be called ${name}.`);
  documented.set(name, codes);
  return { $ref: `#/components/responses/${name}` };
}

/** One or the other, without saying twice what all of them end with: `LedgerOrRecordsUnavailable`. */
function either(names: readonly string[]): string {
  const end = "Unavailable";
  if (!names.every((name) => name.endsWith(end))) return names.join("Or");
  return names.map((name) => name.slice(0, -end.length)).join("Or") + end;
}

/** `not_found` as `NotFound`. */
function pascalCase(code: string): string {
  return code.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The answers that some route promises, with the codes that each may have. */
export function documentedErrors(): ReadonlyMap<string, readonly ErrorCode[]> {
  return documented;
}

/** The headers that answers with these codes have, and whether all of them have it. */
export function headersOfErrors(codes: readonly ErrorCode[]): Map<string, { required: boolean }> {
  const headersOf = (code: ErrorCode) => Object.keys((ERRORS[code] as ErrorRow).headers ?? {});
  const names = new Set(codes.flatMap(headersOf));
  return new Map(
    [...names].map((name) => [name, { required: codes.every((code) => headersOf(code).includes(name)) }]),
  );
}
