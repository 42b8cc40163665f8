/**
 * Codes of failed payments that say something about the card; every other one does not count against it.
 * `card_declined` may be different the next time, `card_unusable` never will be.
 */
export const CARD_DECLINED = "card_declined";

/** Never to be charged again. */
export const CARD_UNUSABLE = "card_unusable";
/** Waits for the card's holder. */
export const AUTHENTICATION_REQUIRED = "authentication_required";
/** Says nothing about the card: a balance of the customer at Stripe would have paid, or raised, the amount. */
export const CUSTOMER_BALANCE = "customer_balance";
/** Says nothing about the card: auto top-up was stopped before it was charged. */
export const TOP_UP_STOPPED = "auto_top_up_stopped";
