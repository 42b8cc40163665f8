import { html } from "hono/html";
import type Stripe from "stripe";
import type { World } from "../core/account.ts";
import { moneyText } from "../documents/invoice-document.ts";
import { closeDispute, openDispute } from "../payments/disputes.ts";
import { refund } from "../payments/refunds.ts";
import { type Html, page, seeOther } from "./layout.ts";
import type { Pages } from "./pages.ts";

/** What the seller sees at Stripe. */
export const overviewPages: Pages = {
  "GET /": async (world) => page("Payments", paymentsTable(world), { is_wide: true }),
  "POST /payments/:id/refund": async (world, id) => {
    world.named("payment_intent", id);
    refund(world, { payment_intent: id, reason: "requested_by_customer", metadata: {} });
    return seeOther("/");
  },
  "POST /payments/:id/dispute": async (world, id) => {
    world.named("payment_intent", id);
    openDispute(world, id);
    return seeOther("/");
  },
  "POST /disputes/:id": async (world, id, form) => {
    world.named("dispute", id);
    closeDispute(world, id, form.get("outcome") === "won" ? "won" : "lost");
    return seeOther("/");
  },
};

function paymentsTable(world: World): Html {
  const rows = world.store.all("payment_intent").filter(({ latest_charge }) => latest_charge);
  return html`<h1>Payments</h1>
    <p class="soft">As the seller sees them: give money back, or play a customer who disputes a payment.</p>
    <section class="scroll" tabindex="0" aria-label="Payments">
      <table>
        <thead>
          <tr><th>When (UTC)</th><th>Amount</th><th>Status</th><th>Payment</th><th>Do</th></tr>
        </thead>
        <tbody>
          ${rows.length === 0 ? html`<tr><td colspan="5">Nothing was paid yet.</td></tr>` : ""}
          ${rows.reverse().map((intent) => paymentRow(world, intent))}
        </tbody>
      </table>
    </section>`;
}

function paymentRow(world: World, intent: Stripe.PaymentIntent): Html {
  const charge = world.store.get("charge", intent.latest_charge);
  const dispute = world.store.all("dispute").find(({ payment_intent }) => payment_intent === intent.id);
  const state = dispute ? `dispute: ${dispute.status}` : charge.refunded ? "refunded" : intent.status;
  const is_whole = charge.paid && !charge.refunded && !dispute;
  return html`<tr>
    <td>${new Date(intent.created * 1_000).toISOString().slice(0, 16).replace("T", " ")}</td>
    <td>${moneyText(intent.amount, intent.currency)}</td>
    <td>${state.replaceAll("_", " ")}</td>
    <td><code>${intent.id}</code></td>
    <td>
      ${is_whole ? html`${action(intent.id, "refund", "Refund")}${action(intent.id, "dispute", "Dispute")}` : ""}
      ${dispute?.status === "needs_response" ? outcomeButtons(dispute.id) : ""}
    </td>
  </tr>`;
}

function action(id: string, name: string, label: string): Html {
  return html`<form method="post" action="/payments/${id}/${name}"><button class="plain small">${label}</button></form>`;
}

function outcomeButtons(dispute_id: string): Html {
  return html`<form method="post" action="/disputes/${dispute_id}">
    <button class="plain small" name="outcome" value="won">Seller wins</button>
    <button class="plain small" name="outcome" value="lost">Seller loses</button>
  </form>`;
}
