import type Stripe from "stripe";
import type { World } from "../core/account.ts";
import { invalid } from "../core/errors.ts";
import { type Metadata, merged } from "../core/metadata.ts";

type Moved = Pick<Stripe.CustomerBalanceTransaction, "type"> &
  Partial<
    Pick<Stripe.CustomerBalanceTransaction, "invoice" | "credit_note" | "description"> & {
      metadata: Metadata;
    }
  >;

/** Stripe charges no less than this; what is owed below it waits for the next invoice. */
const LEAST_CHARGE_CENTS = 50;

/**
 * Moves a customer's balance: below zero is credit that their next invoices use up, above zero is owed with the next one.
 * The balances of the API's several currencies are played as the one in euros.
 */
export function moveBalance(
  world: World,
  customer: Stripe.Customer,
  amount: number,
  { type, invoice = null, credit_note = null, description = null, metadata }: Moved,
): Stripe.CustomerBalanceTransaction {
  const previous = { balance: customer.balance };
  customer.balance += amount;
  customer.currency ??= "eur";
  const moved = world.add("customer_balance_transaction", {
    id: world.newId("cbtxn"),
    object: "customer_balance_transaction",
    amount,
    checkout_session: null,
    created: world.seconds(),
    credit_note,
    currency: "eur",
    customer: customer.id,
    customer_account: null,
    description,
    ending_balance: customer.balance,
    invoice,
    livemode: false,
    metadata: merged({}, metadata),
    type,
  });
  world.emit("customer.updated", customer, previous);
  return moved;
}

/** `customers.createBalanceTransaction`: somebody adjusts the balance. */
export function adjustBalance(
  world: World,
  customer_id: string,
  { amount, currency, description, metadata }: Stripe.CustomerCreateBalanceTransactionParams,
): Stripe.CustomerBalanceTransaction {
  if (currency !== "eur")
    throw invalid(`The customer's currency is eur, not ${currency}.`, { param: "currency" });
  const customer = world.named("customer", customer_id);
  return moveBalance(world, customer, amount, {
    type: "adjustment",
    description: description ?? null,
    metadata: metadata as Metadata,
  });
}

/** What has moved a customer's balance, oldest first. */
export function movesOf(world: World, customer_id: string): Stripe.CustomerBalanceTransaction[] {
  const { id } = world.named("customer", customer_id);
  return world.store.all("customer_balance_transaction").filter(({ customer }) => customer === id);
}

/** Finalizing uses the customer's credit for the invoice, or adds to it what they owe. */
export function applyBalance(world: World, invoice: Stripe.Invoice): void {
  const customer = world.store.get("customer", invoice.customer as string);
  invoice.starting_balance = customer.balance;
  const applied_cents = Math.max(-invoice.total, customer.balance);
  if (applied_cents !== 0) {
    moveBalance(world, customer, -applied_cents, { type: "applied_to_invoice", invoice: invoice.id });
    oweOn(invoice, invoice.total + applied_cents);
  }
  if (invoice.amount_due > 0 && invoice.amount_due < LEAST_CHARGE_CENTS) {
    moveBalance(world, customer, invoice.amount_due, { type: "invoice_too_small", invoice: invoice.id });
    oweOn(invoice, 0);
  }
  invoice.ending_balance = customer.balance;
}

function oweOn(invoice: Stripe.Invoice, amount_due: number): void {
  invoice.amount_due = amount_due;
  invoice.amount_remaining = amount_due;
}

/** A void invoice gives the customer back what it has used of their balance. */
export function returnBalance(world: World, invoice: Stripe.Invoice): void {
  const used_cents = (invoice.ending_balance ?? 0) - invoice.starting_balance;
  if (used_cents === 0) return;
  const customer = world.store.get("customer", invoice.customer as string);
  moveBalance(world, customer, -used_cents, { type: "unapplied_from_invoice", invoice: invoice.id });
}
