import type { ContentfulStatusCode } from "hono/utils/http-status";

/** What a page can say instead of itself, with the status that it says it with. */
const PAGE_ERRORS = {
  left: 200,
  link_unknown: 404,
  link_used: 410,
  link_expired: 410,
  signed_out: 401,
  session_ended: 401,
  not_allowed: 403,
  not_found: 404,
  cross_site: 403,
  malformed: 400,
  too_large: 413,
  too_many_sign_ins: 429,
  too_many_requests: 429,
  too_many_exports: 429,
  unavailable: 503,
  fault: 500,
} as const satisfies Record<string, ContentfulStatusCode>;

export type PageErrorCode = keyof typeof PAGE_ERRORS;

/** The period in which each limit counts. */
const RETRY_AFTER_SECONDS: { [code in PageErrorCode]?: number } = {
  too_many_sign_ins: 60,
  too_many_requests: 10,
  too_many_exports: 60,
};

/** Ends a request with a page that says what is wrong and what to do. */
export class PageError extends Error {
  constructor(
    readonly code: PageErrorCode,
    readonly detail: { return_url?: string | null } = {},
  ) {
    super(code);
  }

  get status(): ContentfulStatusCode {
    return PAGE_ERRORS[this.code];
  }

  /** When to come again; undefined where waiting does not help. */
  get retry_after_seconds(): number | undefined {
    return RETRY_AFTER_SECONDS[this.code];
  }
}
