import type Stripe from "stripe";
import { invalid, notPlayed } from "../core/errors.ts";
import { isLocated } from "../core/tax.ts";
import { missingParameter } from "../core/validate.ts";
import { moneyText } from "../documents/invoice-document.ts";

type Parameters = Stripe.Checkout.SessionCreateParams;

const SHORTEST_SECONDS = 30 * 60;
const LONGEST_SECONDS = 24 * 60 * 60;
/** What Stripe charges at least, in the currencies that the stand-in is used with. */
const MIN_CHARGE_CENTS = 50;
const MAX_CHARGE_CENTS = 99_999_999;

/** Refuses what no session of this mode can be asked for. */
export function requireShape(parameters: Parameters): void {
  const { mode, line_items, invoice_creation, success_url, currency, allowed_payment_method_types } =
    parameters;
  if (!mode) throw missingParameter("mode");
  if (mode === "subscription") throw notPlayed("subscriptions", "mode");
  if (!success_url) throw missingParameter("success_url");
  if (mode === "payment" && !line_items?.length) throw missingParameter("line_items");
  if (mode !== "payment" && invoice_creation)
    throw invalid("You can only enable invoice creation when `mode` is set to `payment`.", {
      param: "invoice_creation",
    });
  if (mode === "setup" && line_items)
    throw invalid("You can not pass `line_items` in `setup` mode.", { param: "line_items" });
  if (mode === "setup" && !currency && !allowed_payment_method_types)
    throw invalid("You must provide `currency` when `mode` is `setup` and payment methods are dynamic.", {
      code: "parameter_missing",
      param: "currency",
    });
}

/** Refuses what does not go with the customer, in Stripe's words. Only sessions of a known customer are played. */
export function requireCustomer(parameters: Parameters, customer: Stripe.Customer | null): Stripe.Customer {
  const { customer_update, tax_id_collection, automatic_tax } = parameters;
  if (customer_update && !customer)
    throw invalid("`customer_update` can only be used with `customer`.", { param: "customer_update" });
  if (!customer) throw notPlayed("sessions without `customer`", "customer");
  if (tax_id_collection?.enabled && customer_update?.name !== "auto")
    throw invalid(
      "Tax ID collection requires updating business name on the customer. To enable tax ID collection for an existing customer, please set `customer_update[name]` to `auto`.",
      { param: "customer_update[name]" },
    );
  if (tax_id_collection?.enabled) throw notPlayed("the collection of tax IDs", "tax_id_collection");
  if (automatic_tax?.enabled && customer_update?.address !== "auto" && !isLocated(customer.address))
    throw invalid(
      "Automatic tax calculation in Checkout requires a valid address on the Customer. Add a valid address to the Customer or set either `customer_update[address]` to 'auto' or `customer_update[shipping]` to 'auto' to save the address entered in Checkout to the Customer.",
      { code: "customer_tax_location_invalid", param: "automatic_tax" },
    );
  if (customer_update) throw notPlayed("changes of the customer by Checkout", "customer_update");
  return customer;
}

/** When the page closes, in Unix seconds: a day from now unless said, and never within half an hour. */
export function expiryOf({ expires_at }: Parameters, now_seconds: number): number {
  if (expires_at === undefined) return now_seconds + LONGEST_SECONDS;
  if (expires_at < now_seconds + SHORTEST_SECONDS)
    throw invalid("The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.", {
      param: "expires_at",
    });
  if (expires_at > now_seconds + LONGEST_SECONDS)
    throw invalid("The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.", {
      param: "expires_at",
    });
  return expires_at;
}

/** Refuses totals that cannot be charged. */
export function requireChargeable(total_cents: number, currency: string): void {
  if (total_cents < MIN_CHARGE_CENTS)
    throw invalid(
      `The Checkout Session's total amount due must add up to at least ${moneyText(MIN_CHARGE_CENTS, currency)} ${currency}`,
      { code: "amount_too_small" },
    );
  if (total_cents > MAX_CHARGE_CENTS)
    throw invalid(
      `The Checkout Session's total amount must be no more than ${moneyText(MAX_CHARGE_CENTS, currency)}`,
      { code: "amount_too_large" },
    );
}
