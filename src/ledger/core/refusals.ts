import type { Receipt, ResolvedCall } from "./calls/call";
import { receiptOf } from "./calls/receipt";

/** Every "no" of the ledger that is not a decision on credit. `param` names the field that was wrong. */
export type LedgerRefusal =
  | { outcome: "refused"; code: "not_found"; message: string }
  | { outcome: "refused"; code: "invalid"; param: string; message: string }
  /** Not now: the same may be asked again. */
  | { outcome: "refused"; code: "too_soon"; param: string; message: string }
  | { outcome: "refused"; code: "missing_field"; param: string; message: string }
  | { outcome: "refused"; code: "idempotency_conflict"; param: string; message: string }
  | { outcome: "refused"; code: "stale_request"; message: string }
  | { outcome: "refused"; code: "call_answered"; message: string }
  | { outcome: "refused"; code: "call_not_settled"; message: string }
  | { outcome: "refused"; code: "call_already_settled"; message: string; receipt: Receipt }
  | NoSuchOrganization
  | { outcome: "refused"; code: "failed"; message: string };

/** The object was never created by `createOrganization`: a wrong name must not open an empty second ledger. */
export interface NoSuchOrganization {
  outcome: "refused";
  code: "no_such_organization";
  message: string;
}

export function notFound(): LedgerRefusal {
  return {
    outcome: "refused",
    code: "not_found",
    message: "This organization has no call with that call_id.",
  };
}

export function invalid(param: string, message: string): LedgerRefusal {
  return { outcome: "refused", code: "invalid", param, message };
}

export function noSuchRate(name: string): LedgerRefusal {
  return invalid("rate", `There is no rate named ${name}.`);
}

/** Nothing is wrong with the request, but the ledger's clock has not come so far: the same may be asked again. */
export function tooSoon(param: string, message: string): LedgerRefusal {
  return { outcome: "refused", code: "too_soon", param, message };
}

/** The first node to speak of this call_id has to say who calls whom, and when. */
export function missingField(param: string, message: string): LedgerRefusal {
  return { outcome: "refused", code: "missing_field", param, message };
}

export function staleRequest(last_request_number: number): LedgerRefusal {
  return {
    outcome: "refused",
    code: "stale_request",
    message: `This call has already been renewed with request_number ${last_request_number}.`,
  };
}

export function callAnswered(): LedgerRefusal {
  return {
    outcome: "refused",
    code: "call_answered",
    message: "This call was answered. Settle it with its duration instead.",
  };
}

export function callNotSettled(): LedgerRefusal {
  return {
    outcome: "refused",
    code: "call_not_settled",
    message: "Only a settled, voided or lost call can be corrected. Settle this one.",
  };
}

export function conflict(param: string): LedgerRefusal {
  return {
    outcome: "refused",
    code: "idempotency_conflict",
    param,
    message: `The same ${param} was used before with other content. Repeat the request as it was, or use a new ${param}.`,
  };
}

export function alreadySettled(call: ResolvedCall): LedgerRefusal {
  return {
    outcome: "refused",
    code: "call_already_settled",
    message: `This call is resolved (${call.outcome}). A new attempt needs a new call_id.`,
    receipt: receiptOf(call),
  };
}

export function noSuchOrganization(): NoSuchOrganization {
  return { outcome: "refused", code: "no_such_organization", message: "There is no such organization." };
}

/** An organization has as many of something as it may: memory and lists have an end. */
export interface TooMany {
  outcome: "refused";
  code: "too_many";
  message: string;
}

export function tooMany(what: string, limit: number, way_out = ""): TooMany {
  return { outcome: "refused", code: "too_many", message: `There are ${limit} ${what} already.${way_out}` };
}

/** The turn of a request came when nobody waited for its answer any more. */
export function notInTime(): LedgerRefusal {
  return { outcome: "refused", code: "failed", message: "The ledger did not come to it in time." };
}

export function ownLeg() {
  return invalid("parent_call_id", "A call is no leg of itself.");
}
