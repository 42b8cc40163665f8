import type { OwnKeyRefusal } from "../access/api-keys";
import type { ExternalIdTaken } from "../admin/organizations";
import type { EdgeRefusal } from "../calls/edge-operation";
import type { PortalAnswer } from "../customers/billing-portal";
import type { ProfileRefusal } from "../customers/billing-profile";
import type { KeyRefusal, NoSuchKey, RateLimit } from "../ledger/core/account/api-keys";
import type { Receipt } from "../ledger/core/calls/call";
import type { LedgerRefusal, TooMany } from "../ledger/core/refusals";
import type { EndpointRefusal } from "../notifications/endpoints";
import type { InProgress } from "../organizations/request-lock";
import type { AdoptRefusal } from "../purchases/adopt";
import type { TopUpSettingsAnswer } from "../purchases/auto-top-up/configure";
import type { CardReturn } from "../purchases/cards/finish-setup";
import type { CardRemoval } from "../purchases/cards/remove-card";
import type { CardSetupAnswer } from "../purchases/cards/start-setup";
import type { RefundAnswer } from "../purchases/refunds/refund";
import type { TaxRefundAnswer } from "../purchases/refunds/refund-tax";
import type { ResolutionAnswer } from "../purchases/refunds/resolve";
import type { PurchaseRefusal } from "../purchases/start-checkout";
import { SECOND_MS } from "../units/duration";
import { type Accepted, isRefused, type Refusal, type Refused } from "../units/refusal";
import { receiptBody } from "./calls/present";
import { ApiError, ERRORS, type ErrorCode, type ErrorDetail } from "./errors";

/** What the ledger says no with. */
type FromLedger = LedgerRefusal | KeyRefusal | NoSuchKey | TooMany;

/** What the capabilities above it say no with. */
type FromCapabilities =
  | EdgeRefusal
  | ExternalIdTaken
  | OwnKeyRefusal
  | EndpointRefusal
  | InProgress
  | ProfileRefusal
  | PurchaseRefusal
  | AdoptRefusal
  | Refused<
      | CardRemoval
      | CardReturn
      | CardSetupAnswer
      | PortalAnswer
      | RefundAnswer
      | ResolutionAnswer
      | TaxRefundAnswer
      | TopUpSettingsAnswer
    >;

/** The code of every refusal that may reach the API. `unwrap` takes no answer that has another. */
export type RefusalCode = (FromLedger | FromCapabilities)["code"];

/** Any of them. */
type ApiRefusal = Refusal<RefusalCode, { receipt?: Receipt; rate_limit?: RateLimit }>;

/** The error by which the API answers each: one line a code, and no code without its line. */
const REFUSAL_ERRORS = {
  // Of the ledger
  not_found: "not_found",
  no_such_organization: "not_found",
  no_such_key: "not_found",
  invalid: "unprocessable",
  missing_field: "missing_field",
  too_many: "unprocessable",
  too_soon: "ledger_unavailable",
  failed: "ledger_unavailable",
  idempotency_conflict: "idempotency_conflict",
  stale_request: "stale_request",
  call_answered: "call_answered",
  call_not_settled: "call_not_settled",
  call_already_settled: "call_already_settled",
  external_id_taken: "external_id_taken",
  // Of keys
  unauthorized: "unauthorized",
  api_key_revoked: "api_key_revoked",
  api_key_expired: "api_key_expired",
  forbidden: "forbidden",
  rate_limit_exceeded: "rate_limit_exceeded",
  expires_in_the_past: "unprocessable",
  outlives_maker: "unprocessable",
  exceeds_maker: "forbidden",
  // Of purchases
  request_in_progress: "request_in_progress",
  organization_closed: "organization_closed",
  billing_profile_incomplete: "billing_profile_incomplete",
  billing_address_invalid: "billing_address_invalid",
  card_missing: "card_missing",
  out_of_bounds: "unprocessable",
  payment_refused: "unprocessable",
  purchases_unavailable: "purchases_unavailable",
  payments_unavailable: "payments_unavailable",
  // Of refunds, mismatches and lost objects
  not_credited: "unprocessable",
  too_much: "unprocessable",
  tax_not_refundable: "tax_not_refundable",
  not_a_mismatch: "unprocessable",
  nothing_paid: "unprocessable",
  not_creditable: "unprocessable",
  already_resolved: "already_resolved",
  not_ours: "unprocessable",
  owner_unknown: "unprocessable",
  // Of webhooks
  address_refused: "unprocessable",
  too_many_endpoints: "unprocessable",
  rotation_under_way: "rotation_under_way",
  endpoint_disabled: "endpoint_disabled",
} as const satisfies Record<RefusalCode, ErrorCode>;

/** What the API says instead of the refusal itself, where that is for operators only, or comes from an object without. */
const API_WORDS: { [code in RefusalCode]?: Pick<ErrorDetail, "message" | "param"> } = {
  failed: { message: ERRORS.ledger_unavailable.message },
  no_such_key: { param: "key_id" },
  too_many_endpoints: { message: "There are 10 endpoints already: delete one first." },
};

/** A refusal as the error that the API answers; `organization_id` is whose call it is about, for its receipt. */
export function refusalError(refusal: ApiRefusal, organization_id?: string): ApiError {
  const { code, message, param, receipt, rate_limit } = refusal;
  return new ApiError(REFUSAL_ERRORS[code], {
    message,
    param,
    ...API_WORDS[code],
    ...(receipt &&
      organization_id !== undefined && { extra: { receipt: receiptBody(receipt, organization_id) } }),
    ...(code === "rate_limit_exceeded" && rate_limit && { headers: retryAfter(rate_limit) }),
  });
}

function retryAfter({ reset_at_ms }: RateLimit): Record<string, string> {
  const seconds = Math.max(1, Math.ceil((reset_at_ms - Date.now()) / SECOND_MS));
  return { "Retry-After": String(seconds) };
}

/** An answer that may be a refusal with one of these codes. */
interface Answer<Code extends RefusalCode> {
  outcome: string;
  code?: Code;
}

/**
 * The answer when it is not a refusal. `organization_id` is needed where it may be that of a settled call, with its receipt.
 * @throws ApiError when it is one
 */
export function unwrap<Given extends Answer<Exclude<RefusalCode, "call_already_settled">>>(
  answer: Given,
): Accepted<Given>;
export function unwrap<Given extends Answer<RefusalCode>>(
  answer: Given,
  organization_id: string,
): Accepted<Given>;
export function unwrap(answer: Answer<RefusalCode> | ApiRefusal, organization_id?: string) {
  if (isRefused(answer)) throw refusalError(answer, organization_id);
  return answer;
}
