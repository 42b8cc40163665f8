import { api } from "../../../support/api/api";
import { adminKey, newOrganization } from "../../../support/api/organizations";
import { AMSTERDAM, GOOD_CARD, returnQuery, sessionOf } from "../../../support/purchases/buying";
import { purchaseOf, signedEvent, stripe } from "../buying";

import { type Case, changed } from "./case";

/** Purchases, cards and returns from payment that are refused for what was there before them. */
export const purchasesOutOfTurn: Case[] = [
  [
    "getBillingProfile",
    404,
    "before one was saved",
    async (organization) => ({
      ...(await changed("getBillingProfile", organization, {})),
      key: (await newOrganization()).key,
    }),
  ],
  ...(["previewPurchase", "createPurchase", "setUpPaymentMethod", "openBillingPortal"] as const).map(
    (operationId): Case => [
      operationId,
      409,
      "without a billing profile",
      async (organization) => ({
        ...(await changed(operationId, organization, {})),
        key: (await newOrganization()).key,
      }),
    ],
  ),
  [
    "createPurchase",
    403,
    "of a closed organization",
    async () => {
      const organization = await newOrganization();
      const sample = await changed("createPurchase", organization, {});
      const path = `/api/v1/admin/organizations/${organization.id}`;
      await api("PATCH", path, { key: await adminKey(), body: { state: "closed" } });
      return sample;
    },
  ],
  ...(["previewPurchase", "createPurchase"] as const).map(
    (operationId): Case => [
      operationId,
      422,
      "of less than can be bought",
      async (organization) => changed(operationId, organization, { body: { net_cents: 1 } }),
    ],
  ),
  [
    "putAutoTopUp",
    409,
    "without a card",
    async (organization) => ({
      ...(await changed("putAutoTopUp", organization, {})),
      key: (await newOrganization()).key,
    }),
  ],
  [
    "refundPurchase",
    422,
    "of more than was bought",
    async (organization) => changed("refundPurchase", organization, { body: { net_cents: 100_000_000 } }),
  ],
  [
    "refundPurchase",
    409,
    "with the key of another refund",
    async (organization) => {
      const headers = { "Idempotency-Key": "used" };
      const sample = await changed("refundPurchase", organization, { headers });
      const { organization_id, purchase_id } = sample.params ?? {};
      const path = `/api/v1/admin/organizations/${organization_id}/purchases/${purchase_id}/refunds`;
      await api("POST", path, { key: sample.key, headers, body: { ...sample.body, net_cents: 2 } });
      return sample;
    },
  ],
  [
    "refundPurchaseTax",
    409,
    "of a sale at home",
    async (organization) => {
      const { id } = organization;
      const { purchase_id } = await purchaseOf(organization);
      return {
        ...(await changed("refundPurchaseTax", organization, {})),
        params: { organization_id: id, purchase_id },
      };
    },
  ],
  [
    "resolvePurchase",
    409,
    "otherwise than it was resolved before",
    async (organization) => {
      const sample = await changed("resolvePurchase", organization, {});
      const { organization_id, purchase_id } = sample.params ?? {};
      const path = `/api/v1/admin/organizations/${organization_id}/purchases/${purchase_id}/resolve`;
      await api("POST", path, { key: sample.key, body: { ...sample.body, resolution: "accept" } });
      return sample;
    },
  ],
  [
    "resolvePurchase",
    422,
    "of what is no mismatch",
    async (organization) => {
      const { id } = organization;
      const { purchase_id } = await purchaseOf(organization);
      return {
        ...(await changed("resolvePurchase", organization, {})),
        params: { organization_id: id, purchase_id },
      };
    },
  ],
  ...(["createPurchase", "setUpPaymentMethod", "openBillingPortal"] as const).map(
    (operationId): Case => [
      operationId,
      422,
      "from where nobody can say what the tax is",
      async (organization) => {
        const sample = await changed(operationId, organization, {});
        const { key } = await newOrganization();
        const address = { ...AMSTERDAM.address, country: "AQ" };
        await api("PUT", "/api/v1/billing_profile", { key, body: { ...AMSTERDAM, address } });
        return { ...sample, key };
      },
    ],
  ),
  [
    "putAutoTopUp",
    422,
    "of less than can be bought",
    async (organization) => changed("putAutoTopUp", organization, { body: { net_cents: 1 } }),
  ],
  [
    "returnFromPayment",
    303,
    "with an address to go on to",
    async (organization) => {
      const sample = await changed("createPurchase", organization, {});
      const { body } = await api("POST", "/api/v1/purchases", sample);
      const session_id = sessionOf(stripe, body.id).id;
      stripe.controls.payCheckout(session_id, { card: GOOD_CARD });
      const query = await returnQuery(`purchases/${body.id}`);
      return { params: { purchase_id: body.id }, query: { ...query, session_id } };
    },
  ],
  ["returnFromPayment", 400, "with what is no id", async () => ({ params: { purchase_id: "pur_nothing" } })],
  ...(["returnFromPayment", "returnFromCardSetup"] as const).map(
    (operationId): Case => [
      operationId,
      503,
      "while the records cannot be read",
      async (organization) => ({
        ...(await changed("returnFromPayment", organization, {})),
        ...(operationId === "returnFromCardSetup"
          ? {
              query: {
                ...(await returnQuery(`payment_method/${organization.id}`)),
                session_id: "cs_test_page",
              },
            }
          : {}),
        bindings: {
          DB: brokenDatabase,
          ...(operationId === "returnFromCardSetup" ? { STRIPE_SECRET_KEY: "" } : {}),
        },
      }),
    ],
  ),
  [
    "returnFromCardSetup",
    303,
    "with an address to go on to",
    async (organization) => {
      const sample = await changed("setUpPaymentMethod", organization, {});
      const { body } = await api("POST", "/api/v1/payment_method/setup", sample);
      const session_id = /cs_\w+/.exec(body.url)?.[0] ?? "";
      stripe.controls.payCheckout(session_id, { card: GOOD_CARD });
      return { query: { ...(await returnQuery(`payment_method/${organization.id}`)), session_id } };
    },
  ],
  ["returnFromCardSetup", 400, "with what is no id", async () => ({ query: { session_id: "nothing" } })],
  [
    "returnFromCardSetup",
    404,
    "from a page that is not there",
    async ({ id }) => ({
      query: { ...(await returnQuery(`payment_method/${id}`)), session_id: "cs_test_nothing" },
    }),
  ],
  ["takeStripeEvent", 400, "without a signature", async () => ({ raw: "{}", headers: {} })],
  [
    "takeStripeEvent",
    413,
    "that is larger than any",
    async () => ({ raw: "x".repeat(600_000), headers: {} }),
  ],
  [
    "takeStripeEvent",
    500,
    "without a secret for its key",
    async () => ({ ...(await signedEvent()), bindings: { STRIPE_WEBHOOK_SECRET: "" } }),
  ],
  [
    "takeStripeEvent",
    503,
    "where nothing is sold",
    async () => ({ ...(await signedEvent()), bindings: { STRIPE_SECRET_KEY: "" } }),
  ],
];

const brokenDatabase = new Proxy({} as D1Database, {
  get() {
    throw new Error("D1_ERROR: away");
  },
});
