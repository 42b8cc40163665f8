import type Stripe from "stripe";
import { makeInvoice } from "../checkout/invoice.ts";
import { answerChallenge, type PageOutcome, payOnPage } from "../checkout/payment.ts";
import { expireSession } from "../checkout/sessions.ts";
import { API_VERSION, type World } from "../core/account.ts";
import { type TestCard, testCard } from "../core/cards.ts";
import type { Fault, Faults } from "../core/faults.ts";
import type { Kind, Resources } from "../core/store.ts";
import type { Endpoint, EventQueue } from "../core/webhooks.ts";
import { setTaxIdStatus } from "../customers/tax-ids.ts";
import { answerInvoiceChallenge, chargeInvoice } from "../invoices/payment.ts";
import { closeDispute, escalateDispute, openDispute } from "../payments/disputes.ts";
import { newPaymentMethod } from "../payments/payment-methods.ts";
import { cancelRefund, failRefund, refund, settleRefund } from "../payments/refunds.ts";
import { Webhooks } from "./webhooks.ts";

export interface CheckoutVisit {
  /** The number of a test card. */
  card: string;
  /** What its holder answers when their bank asks; they are left with the question when nothing is said. */
  authenticate?: boolean;
  /** They tick that the card be kept, where the page offers it. */
  save?: boolean;
}

/**
 * What tests can make happen: what people do on the pages, what banks and Stripe do, and what goes wrong on the way. All
 * of it has happened when the call returns; the events of it are sent as `webhooks` says.
 */
export class Controls {
  readonly webhooks: Webhooks;
  readonly #world: World;
  readonly #faults: Faults;

  constructor(world: World, events: EventQueue, faults: Faults, endpoint: Endpoint) {
    this.#world = world;
    this.#faults = faults;
    this.webhooks = new Webhooks(world, events, endpoint);
  }

  /** The next request that matches goes wrong. */
  failNext(fault: Fault): void {
    this.#faults.add(fault);
  }

  clearFaults(): void {
    this.#faults.clear();
  }

  /** Lets time pass at Stripe. */
  advance(ms: number): void {
    this.#world.advance(ms);
  }

  /** The next payment is declined so, whatever its card. */
  declineNext(decline_code: string): void {
    this.#world.declineNext(decline_code);
  }

  /** Whether Checkout's invoices come only with `makeInvoices`, after the session is complete. */
  set invoicesWait(wait: boolean) {
    this.#world.invoices_wait = wait;
  }

  makeInvoices(): void {
    for (const session of this.find("checkout.session", ({ payment_status }) => payment_status === "paid"))
      makeInvoice(this.#world, session);
  }

  /** The account collects tax in these countries and no others. */
  collectTaxIn(countries: readonly string[]): void {
    this.#world.collecting = [...countries];
  }

  /** A person pays on a session's page, or has a card saved there. */
  payCheckout(session_id: string, { card, authenticate, save = false }: CheckoutVisit): PageOutcome {
    const outcome = payOnPage(this.#world, session_id, known(card), save);
    if (outcome.status !== "requires_action" || authenticate === undefined) return outcome;
    return this.authenticateCheckout(session_id, authenticate);
  }

  /** The person on a session's page answers their bank. */
  authenticateCheckout(session_id: string, passed: boolean): PageOutcome {
    return answerChallenge(this.#world, session_id, passed);
  }

  /** A session's page closes. */
  expireCheckout(session_id: string): void {
    expireSession(this.#world, session_id);
  }

  /** The holder of the card that an open invoice waits for answers their bank, on the invoice's page. */
  authenticateInvoice(invoice_id: string, passed: boolean): void {
    answerInvoiceChallenge(this.#world, this.#world.named("invoice", invoice_id), passed);
  }

  /** A person pays an open invoice on its page with another card, and answers their bank when it asks. */
  payInvoicePage(invoice_id: string, card: string, authenticate = true): Stripe.Invoice {
    const world = this.#world;
    const invoice = world.named("invoice", invoice_id);
    const customer = world.store.get("customer", invoice.customer as string);
    const outcome = chargeInvoice(world, invoice, newPaymentMethod(world, known(card), customer).id);
    if (outcome.status === "requires_action") answerInvoiceChallenge(world, invoice, authenticate);
    return invoice;
  }

  /** As from Stripe's own dashboard: without a credit note. A pending one waits for `settleRefund`. */
  refund(
    payment_intent_id: string,
    { amount_cents, status }: { amount_cents?: number; status?: "succeeded" | "pending" } = {},
  ): Stripe.Refund {
    return refund(this.#world, {
      payment_intent: payment_intent_id,
      reason: "requested_by_customer",
      metadata: {},
      amount_cents,
      status,
    });
  }

  settleRefund(refund_id: string): void {
    settleRefund(this.#world, refund_id);
  }

  failRefund(refund_id: string): void {
    failRefund(this.#world, refund_id);
  }

  /** A refund that waits is called off. */
  cancelRefund(refund_id: string): void {
    cancelRefund(this.#world, refund_id);
  }

  /** `inquiry`: the bank only asks, and no money moves. */
  openDispute(
    payment_intent_id: string,
    { amount_cents, inquiry = false }: { amount_cents?: number; inquiry?: boolean } = {},
  ): Stripe.Dispute {
    return openDispute(this.#world, payment_intent_id, { is_inquiry: inquiry, amount_cents });
  }

  /** An inquiry becomes a dispute. */
  escalateDispute(dispute_id: string): void {
    escalateDispute(this.#world, dispute_id);
  }

  closeDispute(dispute_id: string, outcome: "won" | "lost" | "warning_closed"): void {
    closeDispute(this.#world, dispute_id, outcome);
  }

  setTaxIdStatus(tax_id: string, status: "pending" | "verified" | "unverified" | "unavailable"): void {
    setTaxIdStatus(this.#world, tax_id, status);
  }

  /** Signs and sends an event of a test's own making. */
  sendEvent(type: string, object: unknown, { livemode = false } = {}): Promise<Response> {
    const event = {
      id: this.#world.newId("evt"),
      object: "event",
      api_version: API_VERSION,
      created: this.#world.seconds(),
      data: { object },
      livemode,
      pending_webhooks: 1,
      request: null,
      type,
    };
    return this.webhooks.send(event as unknown as Stripe.Event);
  }

  /** What Stripe holds, oldest first. */
  find<K extends Kind>(kind: K, where: (resource: Resources[K]) => boolean = () => true): Resources[K][] {
    return this.#world.store.all(kind).filter(where);
  }
}

function known(number: string): TestCard {
  const card = testCard(number);
  if (!card) throw new Error(`There is no test card ${number}.`);
  return card;
}
