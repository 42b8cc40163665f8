import type Stripe from "stripe";
import type { World } from "../core/account.ts";
import { invalid } from "../core/errors.ts";
import { type Metadata, merged } from "../core/metadata.ts";
import { idOf } from "../core/store.ts";
import { missingParameter } from "../core/validate.ts";
import { moneyText } from "../documents/invoice-document.ts";
import { cardBehind } from "./payment-methods.ts";

/** How long a refund waits with the cards whose refunds wait. */
const REFUND_MS = 5_000;

export interface NewRefund {
  payment_intent: string;
  amount_cents?: number | undefined;
  reason: Stripe.Refund["reason"];
  metadata: Metadata;
  /** Instead of what the card does. */
  status?: "succeeded" | "pending" | undefined;
}

/** `refunds.create`: by payment intent or charge, the whole rest unless an amount is given. */
export function createRefund(world: World, parameters: Stripe.RefundCreateParams): Stripe.Refund {
  const { payment_intent, charge, amount, reason, metadata } = parameters;
  if (!payment_intent && !charge) throw missingParameter("payment_intent");
  const intent_id =
    payment_intent ?? idOf(world.referred("charge", charge as string, "charge").payment_intent);
  const intent = world.referred("payment_intent", intent_id ?? "", "payment_intent");
  return refund(world, {
    payment_intent: intent.id,
    amount_cents: amount,
    reason: (reason as Stripe.Refund["reason"]) ?? null,
    metadata: metadata as Metadata,
  });
}

/** Gives money back. Never more than is left of the payment, and nothing while a dispute holds it. */
export function refund(world: World, asked: NewRefund): Stripe.Refund {
  const charge = refundableCharge(world, asked.payment_intent);
  const left_cents = charge.amount - charge.amount_refunded;
  const amount = asked.amount_cents ?? left_cents;
  if (amount < 1) throw invalid("Invalid positive integer", { param: "amount" });
  if (amount > left_cents)
    throw invalid(
      `Refund amount (${moneyText(amount, charge.currency)}) is greater than unrefunded amount on charge (${moneyText(left_cents, charge.currency)})`,
      { param: "amount" },
    );
  return carryOut(world, asked, charge, amount);
}

function refundableCharge(world: World, payment_intent: string): Stripe.Charge {
  const intent = world.store.get("payment_intent", payment_intent);
  if (intent.status !== "succeeded")
    throw invalid(`This PaymentIntent (${intent.id}) does not have a successful charge to refund.`, {
      param: "payment_intent",
    });
  const charge = world.store.get("charge", intent.latest_charge);
  if (charge.disputed && !isOnlyAsked(world, charge))
    throw invalid(`Charge ${charge.id} has been charged back; cannot issue a refund.`, {
      code: "charge_disputed",
    });
  if (charge.refunded)
    throw invalid(`Charge ${charge.id} has already been refunded.`, { code: "charge_already_refunded" });
  return charge;
}

/** Whether the charge's disputes are inquiries, which hold no money. */
function isOnlyAsked(world: World, charge: Stripe.Charge): boolean {
  const of_charge = world.store.all("dispute").filter((dispute) => dispute.charge === charge.id);
  return of_charge.every(({ status }) => status.startsWith("warning_"));
}

function carryOut(world: World, asked: NewRefund, charge: Stripe.Charge, amount: number): Stripe.Refund {
  const card = cardBehind(world, charge.payment_method as string);
  const status = asked.status ?? (card.refund === "pending" ? "pending" : "succeeded");
  const made = world.add("refund", newRefund(world, { ...asked, amount, status }, charge));
  charge.amount_refunded += amount;
  charge.refunded = charge.amount_refunded === charge.amount;
  world.emit("refund.created", made);
  world.emit("charge.refunded", charge);
  const at_ms = world.now_ms() + REFUND_MS;
  if (card.refund === "fails_later") world.schedule("fail_refund", made.id, at_ms);
  else if (status === "pending" && asked.status === undefined)
    world.schedule("settle_refund", made.id, at_ms);
  return made;
}

/** A refund that waited has reached the buyer. */
export function settleRefund(world: World, id: string): Stripe.Refund {
  const found = world.store.get("refund", id);
  if (found.status !== "pending") return found;
  found.status = "succeeded";
  world.emit("refund.updated", found, { status: "pending" });
  world.emit("charge.refund.updated", found, { status: "pending" });
  return found;
}

/** The buyer's bank did not take it: the money is with the seller again. */
export function failRefund(world: World, id: string): Stripe.Refund {
  const found = world.store.get("refund", id);
  if (found.status === "failed" || found.status === "canceled") return found;
  found.failure_reason = "expired_or_canceled_card";
  found.failure_balance_transaction = world.newId("txn");
  takeAgain(world, found, "failed");
  world.emit("refund.failed", found);
  return found;
}

/** A refund that waited was called off before it left. */
export function cancelRefund(world: World, id: string): Stripe.Refund {
  const found = world.store.get("refund", id);
  if (found.status === "pending") takeAgain(world, found, "canceled");
  return found;
}

function takeAgain(world: World, found: Stripe.Refund, status: "failed" | "canceled"): void {
  const previous = { status: found.status };
  const charge = world.store.get("charge", found.charge);
  charge.amount_refunded -= found.amount;
  charge.refunded = false;
  found.status = status;
  world.emit("refund.updated", found, previous);
  world.emit("charge.refund.updated", found, previous);
}

function newRefund(
  world: World,
  { reason, metadata, amount, status }: NewRefund & { amount: number; status: "succeeded" | "pending" },
  charge: Stripe.Charge,
): Stripe.Refund {
  return {
    id: world.newId("re"),
    object: "refund",
    amount,
    balance_transaction: world.newId("txn"),
    charge: charge.id,
    created: world.seconds(),
    currency: charge.currency,
    customer: idOf(charge.customer as string | null),
    customer_account: null,
    destination_details: { card: { type: "refund" }, type: "card" },
    metadata: merged({}, metadata),
    payment_intent: idOf(charge.payment_intent),
    payment_method: charge.payment_method,
    reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status,
    transfer_reversal: null,
  };
}
