import type Stripe from "stripe";

/** The inside of `{"error": …}` as Stripe answers it. */
export interface ErrorBody {
  type: "api_error" | "card_error" | "idempotency_error" | "invalid_request_error";
  message: string;
  code?: string;
  decline_code?: string;
  param?: string;
  doc_url?: string;
  charge?: string;
  payment_intent?: Stripe.PaymentIntent;
  payment_method?: Stripe.PaymentMethod;
}

/**
 * A request that is refused before it changed anything. Handlers throw it, from any depth, and only before their first
 * write: so a refusal never leaves half a change. It is not kept under the idempotency key, as with Stripe.
 */
export class Refusal extends Error {
  readonly status: number;
  readonly body: ErrorBody;

  constructor(status: number, body: ErrorBody) {
    super(body.message);
    this.status = status;
    this.body = body;
  }
}

/** 400 `invalid_request_error`. */
export function invalid(message: string, detail: { code?: string; param?: string } = {}): Refusal {
  return new Refusal(400, {
    type: "invalid_request_error",
    message,
    ...detail,
    ...(detail.code && {
      doc_url: `https://stripe.com/docs/error-codes/${detail.code.replaceAll("_", "-")}`,
    }),
  });
}

/** An id that names nothing: 404 when it stands in the path, 400 with the parameter's name when it does not. */
export function missing(kind: string, id: string, param?: string): Refusal {
  const refusal = invalid(`No such ${kind}: '${id}'`, { code: "resource_missing", param: param ?? "id" });
  return new Refusal(param ? 400 : 404, refusal.body);
}

/** What Stripe would take and the stand-in has no part for: better said than taken without effect. */
export function notPlayed(what: string, param?: string): Refusal {
  const body: ErrorBody = {
    type: "invalid_request_error",
    code: "stand_in_cannot",
    message: `The stand-in of Stripe does not play ${what}. Stripe itself does.`,
  };
  return new Refusal(400, param === undefined ? body : { ...body, param });
}

/** An answer of the API: its status and what becomes its JSON. */
export interface Answer {
  status: number;
  body: unknown;
}

/** The answer to a refused request. */
export function answerOf({ status, body }: Refusal | Failure): Answer {
  return { status, body: { error: body } };
}

/**
 * A request that was carried out and ended in an error, such as a declined card: what it changed stays changed, and the
 * answer is kept under its idempotency key. Handlers return it.
 */
export class Failure {
  readonly status: number;
  readonly body: ErrorBody;

  constructor(status: number, body: ErrorBody) {
    this.status = status;
    this.body = body;
  }
}
