import { AMSTERDAM, returnQuery } from "../../../support/purchases/buying";
import { cardOf, invoiceOf, purchaseOf, signedEvent } from "../buying";

import { fresh, type Samples } from "./sample";

/** Of buying credit: profile, purchases, invoices, card, auto top-up. */
export const purchaseSamples: Samples = {
  getBillingProfile: async (organization) => {
    await purchaseOf(organization);
    return {};
  },
  putBillingProfile: () => ({ body: { ...AMSTERDAM, vat_id: "NL000099998B57" } }),
  getPurchaseOptions: () => ({}),
  previewPurchase: async (organization) => {
    await purchaseOf(organization);
    return { body: { net_cents: 5_000 } };
  },
  createPurchase: async (organization) => {
    await purchaseOf(organization);
    return {
      body: { net_cents: 5_000, save_card: true, return_url: "https://app.example.com/billing" },
      headers: { "Idempotency-Key": fresh("purchase") },
    };
  },
  listPurchases: async (organization) => {
    await purchaseOf(organization);
    return { query: { limit: "5" } };
  },
  getPurchase: async (organization) => ({
    params: { purchase_id: (await purchaseOf(organization)).purchase_id },
  }),
  returnFromPayment: async (organization) => {
    const { purchase_id, session_id } = await purchaseOf(organization);
    const query = await returnQuery(`purchases/${purchase_id}`);
    return { params: { purchase_id }, query: { ...query, session_id } };
  },
  listInvoices: async (organization) => {
    await invoiceOf(organization);
    return { query: { limit: "5" } };
  },
  getInvoice: async (organization) => ({ params: { invoice_id: await invoiceOf(organization) } }),
  getInvoicePdf: async (organization) => ({ params: { invoice_id: await invoiceOf(organization) } }),
  getPaymentMethod: async (organization) => {
    await cardOf(organization);
    return {};
  },
  setUpPaymentMethod: async (organization) => {
    await purchaseOf(organization);
    return { body: { return_url: "https://app.example.com/billing" } };
  },
  removePaymentMethod: async (organization) => {
    await cardOf(organization);
    return {};
  },
  openBillingPortal: async (organization) => {
    await purchaseOf(organization);
    return { body: { return_url: "https://app.example.com/billing" } };
  },
  returnFromCardSetup: async ({ id }) => ({
    query: { ...(await returnQuery(`payment_method/${id}`)), cancelled: "true" },
  }),
  getAutoTopUp: () => ({}),
  putAutoTopUp: async (organization) => {
    await cardOf(organization);
    return {
      body: {
        enabled: true,
        threshold_micros: 5_000_000,
        net_cents: 2_000,
        max_per_day: 2,
        monthly_cap_cents: 10_000,
        consent: true,
      },
    };
  },
  takeStripeEvent: () => signedEvent(),
};
