/** How a purchase stands at Stripe, read each time: no event is trusted for it. */
export type PaymentState =
  /** Nothing was made for it at Stripe, as far as can be found. */
  | { state: "none" }
  /** Waits for the buyer, or for Stripe. */
  | { state: "open"; pay_url: string | null }
  /** Waits for the card's holder to confirm. */
  | { state: "requires_action"; pay_url: string | null }
  | { state: "paid"; payment: Payment }
  | { state: "expired" }
  | { state: "failed"; code: string; message: string }
  /** Money came, but not as it was asked for: a person must look. `what` names the fields. */
  | { state: "mismatch"; what: string };

/** What was paid, in cents, with Stripe's ids of it. */
export interface Payment {
  tax_cents: number;
  gross_cents: number;
  payment_intent_id: string;
  /** May come later than the payment. */
  invoice_id: string | null;
  payment_method_id: string | null;
}
