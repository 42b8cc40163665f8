import type { LinkRefusal } from "../access/portal-sessions";
import type { KeyRefusal } from "../ledger/core/account/api-keys";
import type { NoSuchOrganization } from "../ledger/core/refusals";
import { type Accepted, isRefused, type Refusal } from "../units/refusal";
import { PageError, type PageErrorCode } from "./page-error";

/**
 * The code of every refusal that a page has no words of its own for. The others are answered by their page: `unwrap` and
 * `refusalError` take no answer that may still have one of them.
 */
type RefusalCode = (KeyRefusal | NoSuchOrganization | LinkRefusal | Refusal<"not_found">)["code"];

/** Any of them; `return_url` comes with those of a link. */
type PageRefusal = Refusal<RefusalCode, { return_url?: string | null }>;

/** The page that is shown for each: one line a code, and no code without its line. */
const REFUSAL_PAGES = {
  // What a page is about is gone, or never was
  not_found: "not_found",
  no_such_organization: "not_found",
  // A page asks the ledger without a key, so that it hears none of these
  unauthorized: "signed_out",
  api_key_revoked: "signed_out",
  api_key_expired: "signed_out",
  forbidden: "not_allowed",
  rate_limit_exceeded: "unavailable",
  // Of the links that sign people in
  link_unknown: "link_unknown",
  link_used: "link_used",
  link_expired: "link_expired",
} as const satisfies Record<RefusalCode, PageErrorCode>;

/** A refusal as the page that says it. */
export function refusalError({ code, return_url }: PageRefusal): PageError {
  return new PageError(REFUSAL_PAGES[code], { return_url });
}

/** An answer that may be a refusal which no page has words of its own for. */
interface Answer {
  outcome: string;
  code?: RefusalCode;
}

/**
 * The answer when it is not a refusal.
 * @throws PageError when it is one
 */
export function unwrap<Given extends Answer>(answer: Given): Accepted<Given>;
export function unwrap(answer: Answer | PageRefusal) {
  if (isRefused(answer)) throw refusalError(answer);
  return answer;
}
