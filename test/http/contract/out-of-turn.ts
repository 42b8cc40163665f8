import { env } from "cloudflare:workers";
import { newId } from "../../../src/units/id";
import { api, theContract } from "../../support/api/api";
import type { TestOrganization } from "../../support/api/organizations";
import {
  adminKey,
  authorize,
  call,
  newOrganization,
  newPlatformKey,
  node,
} from "../../support/api/organizations";
import { giveEveryNumber } from "../../support/ledger/fill-ledger";
import { checkUnderWay } from "../../support/ledger/ledger-checks";
import { AMSTERDAM, GOOD_CARD, returnQuery, sessionOf } from "../../support/purchases/buying";
import { purchaseOf, signedEvent, stripe } from "./buying";
import { onlyEndpoint, type Sample, sampleOf } from "./samples";

type Clock = { pass(ms: number): void };
type Case = [
  operationId: string,
  status: number,
  why: string,
  request: (organization: TestOrganization, clock: Clock) => Promise<Sample>,
];

/** A right request with other parts. */
async function changed(
  operationId: string,
  organization: TestOrganization,
  changes: Partial<Sample>,
): Promise<Sample> {
  const sample = await sampleOf((await theContract()).operation(operationId), organization);
  const body = changes.body ? { ...sample.body, ...changes.body } : sample.body;
  return { ...sample, ...changes, body };
}

async function ended(organization: TestOrganization, call_id: string): Promise<string> {
  await call(organization, call_id, 1_000);
  return call_id;
}

const UNAUTHORIZED_AN_HOUR = 1_000;

/** The report of a call that its node ran without asking. */
function neverAuthorized({ id }: TestOrganization, call_id: string) {
  const parties = { direction: "outbound", from: "+31201234567", to: "+31207654321" };
  const ended_at = new Date().toISOString();
  return {
    op: "settle",
    call_id,
    organization_id: id,
    duration_ms: 1_000,
    end_reason: "hangup",
    ended_at,
    ...parties,
  };
}

/** Requests that are well formed and refused (or put off) for what was there before them. */
export const refuseOutOfTurn: Case[] = [
  [
    "placeOutboundCall",
    402,
    "without credit",
    async () => {
      const organization = await newOrganization();
      return changed("placeOutboundCall", organization, {});
    },
  ],
  [
    "placeOutboundCall",
    403,
    "while suspended",
    async () => {
      const organization = await newOrganization(1_000_000);
      const path = `/api/v1/admin/organizations/${organization.id}`;
      await api("PATCH", path, { key: await adminKey(), body: { state: "suspended" } });
      return changed("placeOutboundCall", organization, {});
    },
  ],
  [
    "placeOutboundCall",
    409,
    "with the key of another order",
    async (organization) => {
      const headers = { "Idempotency-Key": "used" };
      const body = { to: "+31200000001", from: "anonymous" };
      await api("POST", "/api/v1/calls/outbound", { key: organization.key, headers, body });
      return changed("placeOutboundCall", organization, { headers });
    },
  ],
  [
    "placeOutboundCall",
    422,
    "from a number that is not its own",
    async (organization) =>
      changed("placeOutboundCall", organization, { body: { number_id: "+31200000009", from: undefined } }),
  ],
  [
    "createApiKey",
    422,
    "that has expired",
    async (organization) =>
      changed("createApiKey", organization, { body: { expires_at: "2020-01-01T00:00:00Z" } }),
  ],
  [
    "createApiKeyOf",
    422,
    "that has expired",
    async (organization) =>
      changed("createApiKeyOf", organization, { body: { expires_at: "2020-01-01T00:00:00Z" } }),
  ],
  [
    "createPlatformKey",
    422,
    "that has expired",
    async (organization) =>
      changed("createPlatformKey", organization, { body: { expires_at: "2020-01-01T00:00:00Z" } }),
  ],
  [
    "putRate",
    422,
    "in the past",
    async (organization) =>
      changed("putRate", organization, { body: { effective_from: "2020-01-01T00:00:00Z" } }),
  ],
  [
    "moveNumber",
    422,
    "to one that has as many as it may",
    async (organization) => {
      const full = await newOrganization();
      await giveEveryNumber(full);
      return changed("moveNumber", organization, { body: { organization_id: full.id } });
    },
  ],
  [
    "putOwnRate",
    422,
    "in the past",
    async (organization) =>
      changed("putOwnRate", organization, { body: { effective_from: "2020-01-01T00:00:00Z" } }),
  ],
  [
    "postAdjustment",
    422,
    "beyond what is counted exactly",
    async () => {
      const organization = await newOrganization(900_000_000_000_000);
      return changed("postAdjustment", organization, { body: { amount_micros: 900_000_000_000_000 } });
    },
  ],
  [
    "postAdjustment",
    409,
    "with the key of another adjustment",
    async (organization) => {
      const headers = { "Idempotency-Key": "used" };
      const sample = await changed("postAdjustment", organization, { headers });
      const path = `/api/v1/admin/organizations/${organization.id}/adjustments`;
      await api("POST", path, { key: sample.key, headers, body: { ...sample.body, amount_micros: 1 } });
      return sample;
    },
  ],
  ["authorizeCall", 402, "without credit", async () => changed("authorizeCall", await newOrganization(), {})],
  [
    "authorizeCall",
    409,
    "of another call under the same id",
    async (organization) => {
      await authorize(organization, "taken", { to: "+31200000001" });
      return changed("authorizeCall", organization, { body: { call_id: "taken" } });
    },
  ],
  [
    "authorizeCall",
    422,
    "at a rate that is on no card",
    async (organization) => changed("authorizeCall", organization, { body: { rate: "no-such-rate" } }),
  ],
  [
    "answerCall",
    409,
    "after its end",
    async (organization) =>
      changed("answerCall", organization, { params: { call_id: await ended(organization, "over-1") } }),
  ],
  [
    "renewCall",
    409,
    "after its end",
    async (organization) =>
      changed("renewCall", organization, { params: { call_id: await ended(organization, "over-2") } }),
  ],
  [
    "renewCall",
    422,
    "with more time than has passed",
    async (organization) => changed("renewCall", organization, { body: { elapsed_seconds: 3_600 } }),
  ],
  [
    "settleCall",
    202,
    "never authorized, too many in an hour",
    async (organization) => {
      const key = await newPlatformKey("edge");
      const reports = Array.from({ length: UNAUTHORIZED_AN_HOUR }, (_, n) =>
        neverAuthorized(organization, `n${n}`),
      );
      while (reports.length > 0)
        await api("POST", "/api/v1/edge/operations", { key, body: { operations: reports.splice(0, 500) } });
      return changed("settleCall", organization, { key, params: { call_id: "one-too-many" } });
    },
  ],
  [
    "settleCall",
    409,
    "otherwise than before",
    async (organization) =>
      changed("settleCall", organization, {
        params: { call_id: await ended(organization, "over-3") },
        body: { duration_ms: 4_000 },
      }),
  ],
  [
    "settleCall",
    422,
    "for longer than it can have lasted",
    async (organization) => changed("settleCall", organization, { body: { duration_ms: 3_600_000 } }),
  ],
  [
    "voidCall",
    409,
    "after its answer",
    async (organization) => {
      await authorize(organization, "answered");
      await node(organization, "answered/answered");
      return changed("voidCall", organization, { params: { call_id: "answered" } });
    },
  ],
  [
    "correctCall",
    409,
    "before its end",
    async (organization) => {
      await authorize(organization, "live");
      return changed("correctCall", organization, { params: { call_id: "live" } });
    },
  ],
  [
    "correctCall",
    422,
    "to longer than it can have lasted",
    async (organization) => changed("correctCall", organization, { body: { duration_ms: 86_400_000 } }),
  ],
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
      const { id, purchase_id } = sample.params ?? {};
      const path = `/api/v1/admin/organizations/${id}/purchases/${purchase_id}/refunds`;
      await api("POST", path, { key: sample.key, headers, body: { ...sample.body, net_cents: 2 } });
      return sample;
    },
  ],
  [
    "refundTaxOfPurchase",
    409,
    "of a sale at home",
    async (organization) => {
      const { id } = organization;
      const { purchase_id } = await purchaseOf(organization);
      return { ...(await changed("refundTaxOfPurchase", organization, {})), params: { id, purchase_id } };
    },
  ],
  [
    "resolvePurchase",
    409,
    "otherwise than it was resolved before",
    async (organization) => {
      const sample = await changed("resolvePurchase", organization, {});
      const { id, purchase_id } = sample.params ?? {};
      const path = `/api/v1/admin/organizations/${id}/purchases/${purchase_id}/resolve`;
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
      return { ...(await changed("resolvePurchase", organization, {})), params: { id, purchase_id } };
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
  ...(["", "Operator"] as const).flatMap((prefix): Case[] => {
    const way = async ({ key }: TestOrganization) =>
      prefix === "" ? { key, path: "/api/v1" } : { key: await adminKey(), path: "/api/v1/admin" };
    const name = (operationId: string) => operationId.replace("Webhook", `${prefix}Webhook`);
    const disabled = async (organization: TestOrganization, operationId: string) => {
      const sample = await changed(name(operationId), organization, {});
      const { key, path } = await way(organization);
      const endpoint = `${path}/webhook_endpoints/${sample.params?.endpoint_id}`;
      await api("PATCH", endpoint, { key, body: { enabled: false } });
      return sample;
    };
    const inside = { url: "https://169.254.169.254/latest" };
    return [
      [
        name("createWebhookEndpoint"),
        422,
        "inside",
        (of) => changed(name("createWebhookEndpoint"), of, { body: inside }),
      ],
      [
        name("changeWebhookEndpoint"),
        422,
        "inside",
        (of) => changed(name("changeWebhookEndpoint"), of, { body: inside }),
      ],
      ...["testWebhookEndpoint", "resendWebhookDelivery", "resendFailedWebhookDeliveries"].map(
        (operationId): Case => [name(operationId), 409, "when disabled", (of) => disabled(of, operationId)],
      ),
      [
        name("rotateWebhookSecret"),
        409,
        "a second time",
        async (organization) => {
          const { key, path } = await way(organization);
          const endpoint_id = await onlyEndpoint({ key, path });
          await api("POST", `${path}/webhook_endpoints/${endpoint_id}/rotate_secret`, { key });
          return { key, params: { endpoint_id } };
        },
      ],
    ];
  }),
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
    "adoptStripeObject",
    422,
    "of another deployment",
    async (organization) => {
      const sample = await changed("adoptStripeObject", organization, {});
      const [session] = stripe.controls.find("checkout.session", ({ id }) => id === sample.body?.object_id);
      Object.assign(session?.metadata ?? {}, { deployment: newId("dep") });
      return sample;
    },
  ],
  [
    "takeStripeEvent",
    503,
    "where nothing is sold",
    async () => ({ ...(await signedEvent()), bindings: { STRIPE_SECRET_KEY: "" } }),
  ],
  [
    "verifyLedger",
    202,
    "that takes longer than a request",
    async (organization) => {
      await checkUnderWay(organization.id);
      return changed("verifyLedger", organization, {});
    },
  ],
  [
    "getReconciliation",
    404,
    "before the first one",
    async (organization) => {
      const sample = await changed("getReconciliation", organization, {});
      await env.DB.exec("DELETE FROM reconciliations");
      return sample;
    },
  ],
];

const brokenDatabase = new Proxy({} as D1Database, {
  get() {
    throw new Error("D1_ERROR: away");
  },
});
