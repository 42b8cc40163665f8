import type Stripe from "stripe";
import { invalid } from "../core/errors.ts";
import { missingParameter } from "../core/validate.ts";
import { requireTaxBehavior } from "../invoices/items.ts";

type Parameters = Stripe.Checkout.SessionCreateParams;

/** What the creator of a Checkout Session asked for, kept until it is paid. */
export interface Order {
  lines: OrderLine[];
  automatic_tax: boolean;
  invoice: Stripe.Checkout.SessionCreateParams.InvoiceCreation.InvoiceData | null;
  payment: Stripe.Checkout.SessionCreateParams.PaymentIntentData;
  setup: Stripe.Checkout.SessionCreateParams.SetupIntentData;
}

export interface OrderLine {
  description: string;
  currency: string;
  quantity: number;
  unit_cents: number;
}

/** Reads the order from the parameters of a session. Refuses lines that Stripe would not price. */
export function orderOf(parameters: Parameters): Order {
  const automatic_tax = parameters.automatic_tax?.enabled ?? false;
  const { invoice_creation } = parameters;
  const lines = (parameters.line_items ?? []).map((item, index) => lineOf(item, index, automatic_tax));
  const [currency, ...others] = new Set(lines.map((line) => line.currency));
  if (others.length > 0)
    throw invalid(`All prices must use the same currency, not ${currency} and ${others.join(", ")}.`, {
      param: "line_items",
    });
  return {
    lines,
    automatic_tax,
    invoice: invoice_creation?.enabled ? (invoice_creation.invoice_data ?? {}) : null,
    payment: parameters.payment_intent_data ?? {},
    setup: parameters.setup_intent_data ?? {},
  };
}

function lineOf(
  item: Stripe.Checkout.SessionCreateParams.LineItem,
  index: number,
  is_taxed: boolean,
): OrderLine {
  const { price_data, quantity } = item;
  const at = `line_items[${index}]`;
  if (quantity === undefined) throw missingParameter(`${at}[quantity]`);
  if (!price_data) throw missingParameter(`${at}[price_data]`);
  if (price_data.unit_amount === undefined) throw missingParameter(`${at}[price_data][unit_amount]`);
  if (!price_data.product_data) throw missingParameter(`${at}[price_data][product_data]`);
  if (is_taxed) requireTaxBehavior(price_data.tax_behavior, `${at}[price_data][tax_behavior]`);
  return {
    description: price_data.product_data.name,
    currency: price_data.currency,
    quantity,
    unit_cents: price_data.unit_amount,
  };
}

/** Net cents of all lines. */
export function netOf(lines: readonly OrderLine[]): number {
  return lines.reduce((sum, { quantity, unit_cents }) => sum + quantity * unit_cents, 0);
}
