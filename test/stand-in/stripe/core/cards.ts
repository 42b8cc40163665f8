/** How a test card behaves. The numbers and what they do are Stripe's own. */
export interface TestCard {
  number: string;
  /** What a person reads beside it. */
  label: string;
  brand: "visa" | "mastercard";
  /** The decline of every charge. */
  decline?: Decline;
  /** The card can be saved, and every charge of the saved card is declined. */
  declines_when_saved?: boolean;
  /** `always`: every payment; `until_set_up`: not once its holder has authenticated it for later payments. */
  authentication?: "always" | "until_set_up";
  /** What becomes of a refund after it was accepted. */
  refund?: "pending" | "fails_later";
  /** The holder disputes every charge a little later, or has their bank inquire. */
  dispute?: "dispute" | "inquire";
}

/** Why a card was declined, in Stripe's words. */
export interface Decline {
  code: string;
  decline_code: string;
  message: string;
}

/** The declines that a test may ask for by their decline code. */
export const DECLINES: Record<string, Decline> = {
  generic_decline: {
    code: "card_declined",
    decline_code: "generic_decline",
    message: "Your card was declined.",
  },
  insufficient_funds: {
    code: "card_declined",
    decline_code: "insufficient_funds",
    message: "Your card has insufficient funds.",
  },
  lost_card: { code: "card_declined", decline_code: "lost_card", message: "Your card was declined." },
  expired_card: { code: "expired_card", decline_code: "expired_card", message: "Your card has expired." },
  processing_error: {
    code: "processing_error",
    decline_code: "processing_error",
    message: "An error occurred while processing your card. Try again in a little bit.",
  },
  authentication_required: {
    code: "authentication_required",
    decline_code: "authentication_required",
    message: "Your card was declined. This transaction requires authentication.",
  },
};

/** What comes of a payment whose holder refused, or failed, to authenticate. */
export const CHALLENGE_FAILED: Decline = {
  code: "payment_intent_authentication_failure",
  decline_code: "",
  message:
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
};

export const TEST_CARDS: readonly TestCard[] = [
  { number: "4242424242424242", label: "Succeeds", brand: "visa" },
  {
    number: "4000000000000002",
    label: "Is declined",
    brand: "visa",
    decline: DECLINES.generic_decline,
  },
  {
    number: "4000000000009995",
    label: "Is declined: insufficient funds",
    brand: "visa",
    decline: DECLINES.insufficient_funds,
  },
  {
    number: "4000002500003155",
    label: "Asks for 3-D Secure until it is saved",
    brand: "visa",
    authentication: "until_set_up",
  },
  {
    number: "4000002760003184",
    label: "Asks for 3-D Secure every time",
    brand: "visa",
    authentication: "always",
  },
  {
    number: "4000000000000341",
    label: "Can be saved, fails when it is charged",
    brand: "visa",
    declines_when_saved: true,
  },
  { number: "4000000000000069", label: "Has expired", brand: "visa", decline: DECLINES.expired_card },
  { number: "5555555555554444", label: "Succeeds (Mastercard)", brand: "mastercard" },
  { number: "4000000000007726", label: "Succeeds, refunds wait", brand: "visa", refund: "pending" },
  { number: "4000000000005126", label: "Succeeds, refunds fail later", brand: "visa", refund: "fails_later" },
  { number: "4000000000000259", label: "Succeeds, is disputed later", brand: "visa", dispute: "dispute" },
  {
    number: "4000000000001976",
    label: "Succeeds, the bank inquires later",
    brand: "visa",
    dispute: "inquire",
  },
];

/** Stripe's ready-made payment methods, as `paymentMethods.attach("pm_card_visa", …)` takes them. */
export const READY_MADE: Record<string, string> = {
  pm_card_visa: "4242424242424242",
  pm_card_mastercard: "5555555555554444",
  pm_card_visa_chargeDeclined: "4000000000000002",
  pm_card_chargeDeclined: "4000000000000002",
  pm_card_chargeDeclinedInsufficientFunds: "4000000000009995",
  pm_card_authenticationRequired: "4000002760003184",
  pm_card_authenticationRequiredOnSetup: "4000002500003155",
  pm_card_threeDSecure2Required: "4000002760003184",
  pm_card_chargeCustomerFail: "4000000000000341",
};

/** The test card with this number, or undefined when Stripe knows no such card. Spaces do not matter. */
export function testCard(number: string): TestCard | undefined {
  const digits = number.replace(/\s/g, "");
  return TEST_CARDS.find((card) => card.number === digits);
}

/** `4242 4242 4242 4242`. */
export function spacedNumber(number: string): string {
  return number.replace(/(\d{4})(?=\d)/g, "$1 ");
}
