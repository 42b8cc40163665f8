import type Stripe from "stripe";
import { createSession, expireSession, sessionLines } from "./checkout/sessions.ts";
import { listEvents } from "./core/events.ts";
import { type ListParameters, pageInOrder, pageOf } from "./core/list.ts";
import { is, isPaidBy, list, type Route, retrieve, route } from "./core/route.ts";
import { registrations, taxSettings } from "./core/tax-account.ts";
import { adjustBalance, movesOf } from "./customers/balances.ts";
import { createCustomer, updateCustomer } from "./customers/customers.ts";
import { createPortalSession } from "./customers/portal.ts";
import { createTaxId, deleteTaxId, listTaxIds, taxIdOf } from "./customers/tax-ids.ts";
import { createCreditNote, previewCreditNote, voidCreditNote } from "./invoices/credit-notes.ts";
import { createInvoice, deleteInvoice, previewInvoice } from "./invoices/invoices.ts";
import { createInvoiceItem } from "./invoices/items.ts";
import { payInvoice } from "./invoices/payment.ts";
import { finalizeInvoice, markUncollectible, voidInvoice } from "./invoices/states.ts";
import { attachPaymentMethod, detachPaymentMethod, savedCards } from "./payments/payment-methods.ts";
import { createRefund } from "./payments/refunds.ts";

const CUSTOMERS = [
  route("POST", "/customers", "customer_create", createCustomer),
  route<Stripe.CustomerUpdateParams>("POST", "/customers/:id", "customer_update", (world, parameters, [id]) =>
    updateCustomer(world, id, parameters),
  ),
  retrieve("/customers", "customer_retrieve", "customer"),
  list("/customers", "customer_list", "customer", { email: is("email") }),
  route<Stripe.CustomerCreateBalanceTransactionParams>(
    "POST",
    "/customers/:id/balance_transactions",
    "customer_balance_transaction_create",
    (world, parameters, [id]) => adjustBalance(world, id, parameters),
  ),
  route<ListParameters>(
    "GET",
    "/customers/:id/balance_transactions",
    "customer_balance_transaction_list",
    (world, parameters, [id]) =>
      pageOf(`/v1/customers/${id}/balance_transactions`, movesOf(world, id), parameters),
  ),
  route<Stripe.CustomerCreateTaxIdParams>(
    "POST",
    "/customers/:id/tax_ids",
    "tax_id_create",
    (world, parameters, [id]) => createTaxId(world, id, parameters),
  ),
  route<ListParameters>("GET", "/customers/:id/tax_ids", "tax_id_list", (world, parameters, [id]) =>
    listTaxIds(world, id, parameters),
  ),
  route("GET", "/customers/:id/tax_ids/:id", "tax_id_retrieve", (world, _, [id, tax_id]) =>
    taxIdOf(world, id, tax_id),
  ),
  route("DELETE", "/customers/:id/tax_ids/:id", "tax_id_delete", (world, _, [id, tax_id]) =>
    deleteTaxId(world, id, tax_id),
  ),
];

const CARDS = [
  route<Stripe.PaymentMethodAttachParams>(
    "POST",
    "/payment_methods/:id/attach",
    "payment_method_attach",
    (world, { customer = "" }, [id]) => attachPaymentMethod(world, id, customer),
  ),
  route("POST", "/payment_methods/:id/detach", "payment_method_detach", (world, _, [id]) =>
    detachPaymentMethod(world, id),
  ),
  retrieve("/payment_methods", "payment_method_retrieve", "payment_method"),
  route<Stripe.PaymentMethodListParams>(
    "GET",
    "/payment_methods",
    "payment_method_list",
    (world, parameters) =>
      pageOf(
        "/v1/payment_methods",
        savedCards(world, parameters.customer ?? "", parameters.type),
        parameters,
      ),
  ),
  route<Stripe.CustomerListPaymentMethodsParams>(
    "GET",
    "/customers/:id/payment_methods",
    "customer_payment_methods",
    (world, parameters, [id]) => {
      const cards = savedCards(world, world.named("customer", id).id, parameters.type);
      return pageOf(`/v1/customers/${id}/payment_methods`, cards, parameters);
    },
  ),
  retrieve("/setup_intents", "setup_intent_retrieve", "setup_intent"),
  list("/setup_intents", "setup_intent_list", "setup_intent", {
    customer: is("customer"),
    payment_method: is("payment_method"),
  }),
];

const CHECKOUT = [
  route("POST", "/checkout/sessions", "checkout_session_create", createSession),
  route("POST", "/checkout/sessions/:id/expire", "checkout_session_expire", (world, _, [id]) =>
    expireSession(world, id),
  ),
  route<ListParameters>(
    "GET",
    "/checkout/sessions/:id/line_items",
    "checkout_session_line_items",
    (world, parameters, [id]) =>
      pageInOrder(`/v1/checkout/sessions/${id}/line_items`, sessionLines(world, id), parameters),
  ),
  retrieve("/checkout/sessions", "checkout_session_retrieve", "checkout.session"),
  list("/checkout/sessions", "checkout_session_list", "checkout.session", {
    customer: is("customer"),
    payment_intent: is("payment_intent"),
    status: is("status"),
  }),
];

const INVOICES = [
  route("POST", "/invoices", "invoice_create", createInvoice),
  route("POST", "/invoices/create_preview", "invoice_create_preview", previewInvoice),
  route<Stripe.InvoiceFinalizeInvoiceParams>(
    "POST",
    "/invoices/:id/finalize",
    "invoice_finalize",
    (world, { auto_advance }, [id]) => finalizeInvoice(world, world.named("invoice", id), auto_advance),
  ),
  route<Stripe.InvoicePayParams>("POST", "/invoices/:id/pay", "invoice_pay", (world, parameters, [id]) =>
    payInvoice(world, id, parameters),
  ),
  route("POST", "/invoices/:id/void", "invoice_void", (world, _, [id]) =>
    voidInvoice(world, world.named("invoice", id)),
  ),
  route("POST", "/invoices/:id/mark_uncollectible", "invoice_mark_uncollectible", (world, _, [id]) =>
    markUncollectible(world, world.named("invoice", id)),
  ),
  route("DELETE", "/invoices/:id", "invoice_delete", (world, _, [id]) => deleteInvoice(world, id)),
  route<ListParameters>("GET", "/invoices/:id/lines", "invoice_lines", (world, parameters, [id]) =>
    pageInOrder(`/v1/invoices/${id}/lines`, world.named("invoice", id).lines.data, parameters),
  ),
  retrieve("/invoices", "invoice_retrieve", "invoice"),
  list("/invoices", "invoice_list", "invoice", {
    collection_method: is("collection_method"),
    customer: is("customer"),
    status: is("status"),
  }),
  route("POST", "/invoiceitems", "invoice_item_create", createInvoiceItem),
  retrieve("/invoice_payments", "invoice_payment_retrieve", "invoice_payment"),
  list("/invoice_payments", "invoice_payment_list", "invoice_payment", {
    invoice: is("invoice"),
    status: is("status"),
    payment: isPaidBy,
  }),
];

const PAYMENTS = [
  retrieve("/payment_intents", "payment_intent_retrieve", "payment_intent"),
  list("/payment_intents", "payment_intent_list", "payment_intent", { customer: is("customer") }),
  retrieve("/charges", "charge_retrieve", "charge"),
  list("/charges", "charge_list", "charge", {
    customer: is("customer"),
    payment_intent: is("payment_intent"),
  }),
];

const MONEY_BACK = [
  route("POST", "/refunds", "refund_create", createRefund),
  retrieve("/refunds", "refund_retrieve", "refund"),
  list("/refunds", "refund_list", "refund", { charge: is("charge"), payment_intent: is("payment_intent") }),
  route("POST", "/credit_notes", "credit_note_create", createCreditNote),
  route("GET", "/credit_notes/preview", "credit_note_preview", previewCreditNote),
  route("POST", "/credit_notes/:id/void", "credit_note_void", (world, _, [id]) => voidCreditNote(world, id)),
  route<ListParameters>("GET", "/credit_notes/:id/lines", "credit_note_lines", (world, parameters, [id]) =>
    pageInOrder(`/v1/credit_notes/${id}/lines`, world.named("credit_note", id).lines.data, parameters),
  ),
  retrieve("/credit_notes", "credit_note_retrieve", "credit_note"),
  list("/credit_notes", "credit_note_list", "credit_note", {
    customer: is("customer"),
    invoice: is("invoice"),
  }),
  retrieve("/disputes", "dispute_retrieve", "dispute"),
  list("/disputes", "dispute_list", "dispute", {
    charge: is("charge"),
    payment_intent: is("payment_intent"),
  }),
];

const ACCOUNT = [
  retrieve("/events", "event_retrieve", "event"),
  route("GET", "/events", "event_list", listEvents),
  route("POST", "/billing_portal/sessions", "billing_portal_session_create", createPortalSession),
  route("GET", "/tax/settings", "tax_settings_retrieve", taxSettings),
  route<Stripe.Tax.RegistrationListParams>(
    "GET",
    "/tax/registrations",
    "tax_registration_list",
    (world, parameters) =>
      pageOf("/v1/tax/registrations", registrations(world, parameters.status), parameters),
  ),
];

const ROUTES: readonly Route[] = [
  ...CUSTOMERS,
  ...CARDS,
  ...CHECKOUT,
  ...INVOICES,
  ...PAYMENTS,
  ...MONEY_BACK,
  ...ACCOUNT,
];

/** The route of a request and what varies in its path, null when there is none. */
export function findRoute(method: string, path: string): { route: Route; ids: string[] } | null {
  for (const route of ROUTES) {
    if (route.method !== method) continue;
    const found = route.pattern.exec(path);
    if (found) return { route, ids: found.slice(1).map(decodeURIComponent) };
  }
  return null;
}
