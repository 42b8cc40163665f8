import type Stripe from "stripe";
import type { World } from "../core/account.ts";
import { idOf } from "../core/store.ts";

export interface DisputeOptions {
  /** Less than the payment, when the holder disputes a part. */
  amount_cents?: number | undefined;
  /** The bank only asks: `warning_needs_response`, and no money moves. */
  is_inquiry?: boolean;
}

const RESPONSE_SECONDS = 9 * 24 * 60 * 60;
const FEE_CENTS = 2_000;

/** The holder disputes a payment. Unless it is an inquiry the money is withdrawn at once. */
export function openDispute(
  world: World,
  payment_intent: string,
  { amount_cents, is_inquiry = false }: DisputeOptions = {},
): Stripe.Dispute {
  const intent = world.store.get("payment_intent", payment_intent);
  const charge = world.store.get("charge", intent.latest_charge);
  const dispute: Stripe.Dispute = {
    id: world.newId("du"),
    object: "dispute",
    amount: amount_cents ?? charge.amount - charge.amount_refunded,
    balance_transactions: [],
    charge: charge.id,
    created: world.seconds(),
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: NO_EVIDENCE,
    evidence_details: {
      due_by: world.seconds() + RESPONSE_SECONDS,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
    } as Stripe.Dispute.EvidenceDetails,
    intended_submission_method: null,
    is_charge_refundable: is_inquiry,
    livemode: false,
    metadata: {},
    network_reason_code: "10.4",
    payment_intent: intent.id,
    payment_method_details: {
      card: {
        brand: "visa",
        case_type: is_inquiry ? "inquiry" : "chargeback",
        network: "visa",
        network_reason_code: "10.4",
      },
      type: "card",
    },
    reason: "fraudulent",
    status: is_inquiry ? "warning_needs_response" : "needs_response",
  };
  charge.disputed = true;
  world.add("dispute", dispute);
  world.emit("charge.dispute.created", dispute);
  if (!is_inquiry) withdraw(world, dispute);
  return dispute;
}

/** An inquiry becomes a dispute: now the money is withdrawn. */
export function escalateDispute(world: World, id: string): Stripe.Dispute {
  const dispute = world.store.get("dispute", id);
  if (!dispute.status.startsWith("warning_")) throw new Error(`Dispute ${id} is no inquiry.`);
  dispute.status = "needs_response";
  dispute.is_charge_refundable = false;
  world.emit("charge.dispute.updated", dispute, { status: "warning_needs_response" });
  withdraw(world, dispute);
  return dispute;
}

/** Ends a dispute. The money comes back when it was won; an inquiry ends as `warning_closed`. */
export function closeDispute(
  world: World,
  id: string,
  status: "won" | "lost" | "warning_closed",
): Stripe.Dispute {
  const dispute = world.store.get("dispute", id);
  if (dispute.status.startsWith("warning_") !== (status === "warning_closed"))
    throw new Error(`Dispute ${id} is ${dispute.status} and cannot become ${status}.`);
  dispute.status = status;
  const charge = world.store.get("charge", dispute.charge);
  if (status !== "lost") charge.disputed = false;
  if (status === "won") {
    dispute.balance_transactions.push(balanceTransaction(world, dispute, dispute.amount));
    world.emit("charge.dispute.funds_reinstated", dispute);
  }
  world.emit("charge.dispute.closed", dispute);
  return dispute;
}

function withdraw(world: World, dispute: Stripe.Dispute): void {
  dispute.balance_transactions.push(balanceTransaction(world, dispute, -dispute.amount));
  world.emit("charge.dispute.funds_withdrawn", dispute);
}

function balanceTransaction(
  world: World,
  dispute: Stripe.Dispute,
  amount: number,
): Stripe.BalanceTransaction {
  const fee = amount < 0 ? FEE_CENTS : -FEE_CENTS;
  return {
    id: world.newId("txn"),
    object: "balance_transaction",
    amount,
    available_on: world.seconds(),
    balance_type: "payments",
    created: world.seconds(),
    currency: dispute.currency,
    description: `Chargeback for ${idOf(dispute.charge)}`,
    exchange_rate: null,
    fee,
    fee_details: [
      {
        amount: fee,
        application: null,
        currency: dispute.currency,
        description: "Dispute fee",
        type: "stripe_fee",
      },
    ],
    net: amount - fee,
    reporting_category: amount < 0 ? "dispute" : "dispute_reversal",
    source: dispute.id,
    status: "available",
    type: "adjustment",
  };
}

const NO_EVIDENCE: Stripe.Dispute.Evidence = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
};
