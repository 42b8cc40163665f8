import { type Refusal, refuse } from "../../units/refusal";
import type { Receipt, ResolvedCall } from "./calls/call";
import { receiptOf } from "./calls/receipt";

/** Every "no" of the ledger that is not a decision on credit. `param` names the field that was wrong. */
export type LedgerRefusal =
  | Refusal<"not_found" | "stale_request" | "call_answered" | "call_not_settled">
  /** `too_soon` and `failed`: not now, the same may be asked again. */
  | Refusal<"invalid" | "missing_field" | "idempotency_conflict" | "too_soon" | "failed">
  | Refusal<"call_already_settled", { receipt: Receipt }>
  | NoSuchOrganization;

/** The object was never created by `createOrganization`: a wrong name must not open an empty second ledger. */
export type NoSuchOrganization = Refusal<"no_such_organization">;

/** The ledger has no call with that call_id. */
export function notFound(): LedgerRefusal {
  return refuse("not_found", { message: "This organization has no call with that call_id." });
}

/** A field that cannot be; `param` names it, `message` says why. */
export function invalid(param: string, message: string): LedgerRefusal {
  return refuse("invalid", { param, message });
}

/** Neither the organization nor the operator has a rate of this name. */
export function noSuchRate(name: string): LedgerRefusal {
  return invalid("rate", `There is no rate named ${name}.`);
}

/** Nothing is wrong with the request, but the ledger's clock has not come so far: the same may be asked again. */
export function tooSoon(param: string, message: string): LedgerRefusal {
  return refuse("too_soon", { param, message });
}

/** The first node to speak of this call_id has to say who calls whom, and when. */
export function missingField(param: string, message: string): LedgerRefusal {
  return refuse("missing_field", { param, message });
}

/** A renewal that a later one has overtaken. */
export function staleRequest(last_request_number: number): LedgerRefusal {
  return refuse("stale_request", {
    message: `This call has already been renewed with request_number ${last_request_number}.`,
  });
}

/** An answered call is charged: void is too late. */
export function callAnswered(): LedgerRefusal {
  return refuse("call_answered", { message: "This call was answered. Settle it with its duration instead." });
}

/** There is no charge yet to correct. */
export function callNotSettled(): LedgerRefusal {
  return refuse("call_not_settled", {
    message: "Only a settled, voided or lost call can be corrected. Settle this one.",
  });
}

/** The id in `param` was used before with other content. */
export function conflict(param: string): LedgerRefusal {
  return refuse("idempotency_conflict", {
    param,
    message: `The same ${param} was used before with other content. Repeat the request as it was, or use a new ${param}.`,
  });
}

/** A resolved call is never reopened: the refusal carries its receipt. */
export function alreadySettled(call: ResolvedCall): LedgerRefusal {
  return refuse("call_already_settled", {
    message: `This call is resolved (${call.outcome}). A new attempt needs a new call_id.`,
    receipt: receiptOf(call),
  });
}

/** See `NoSuchOrganization`. */
export function noSuchOrganization(): NoSuchOrganization {
  return refuse("no_such_organization", { message: "There is no such organization." });
}

/** An organization has as many of something as it may: memory and lists have an end. */
export type TooMany = Refusal<"too_many">;

/** `way_out` says, after a space, what to do about it. */
export function tooMany(what: string, limit: number, way_out = ""): TooMany {
  return refuse("too_many", { message: `There are ${limit} ${what} already.${way_out}` });
}

/** The request's turn came after the time for which its caller waits. */
export function notInTime(): LedgerRefusal {
  return refuse("failed", { message: "The ledger did not come to it in time." });
}

/** `parent_call_id` names the call itself. */
export function ownLeg(): LedgerRefusal {
  return invalid("parent_call_id", "A call is no leg of itself.");
}
