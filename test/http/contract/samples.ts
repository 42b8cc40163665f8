import { type ApiRequest, api, type Json } from "../../support/api/api";
import type { Operation } from "../../support/api/openapi";
import { adminKey, authorize, call, give, type TestOrganization } from "../../support/api/organizations";
import { checkUnderWay } from "../../support/ledger/ledger-checks";
import { AMSTERDAM, returnQuery } from "../../support/purchases/buying";
import { cardOf, invoiceOf, mismatchOf, purchaseOf, signedEvent, taxRefundableOf } from "./buying";

/** A request that is right in every part, so that tests can spoil one part of it. */
export interface Sample extends ApiRequest {
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: Json;
}

let made = 0;
const fresh = (what: string) => `${what}-${++made}`;

const parties = { from: "+31201234567", to: "+31207654321" };
const rate = { price_micros_per_minute: 80_000, increments: "60/60", minimum_seconds: 6 };
const ofOrganization = ({ id }: TestOrganization) => ({ params: { id } });
const number = "+31201234599";
const PORTAL_VISITOR = {
  user: { id: "user-42", name: "J. Jansen" },
  role: "owner",
  language: "nl",
  return_url: "https://app.example.com/settings",
  page: "credits",
};

/** For each operation of the document a request that it answers with success, its ground prepared. */
export const SAMPLES: Record<string, (organization: TestOrganization) => Sample | Promise<Sample>> = {
  getHealth: () => ({}),
  getAccount: () => ({}),
  getOrganizations: () => ({}),
  listUsage: () => ({ query: { start_date: "2030-01-01", limit: "10" } }),
  listCalls: () => ({ query: { status: "ended", direction: "inbound", offset: "1" } }),
  getCall: async (organization) => ({ params: { call_id: await liveCall(organization) } }),
  placeOutboundCall: async (organization) => {
    await give(organization, parties.from);
    return {
      body: {
        destination: parties.to,
        to: parties.to,
        number_id: parties.from,
        from: parties.from,
        assistant_id: "asst_1",
        assistant: { llm_config: { provider: "openai" }, max_duration_seconds: 600 },
        assistant_override: { metadata: { order: 7 } },
        first_message: "Good morning",
        max_duration_seconds: 600,
      },
      headers: { "Idempotency-Key": fresh("order") },
    };
  },
  listOwnNumbers: () => ({}),
  listEntries: () => ({ query: { limit: "5", cursor: "3" } }),
  listApiKeys: () => ({}),
  createApiKey: () => ({ body: { label: "test", scopes: ["read"], expires_at: "2040-01-01T00:00:00Z" } }),
  createPortalSession: () => ({ body: PORTAL_VISITOR }),
  revokeApiKey: async (organization) => ({ params: { key_id: await otherKey(organization) } }),

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
  listPurchases: async (organization) => ({
    query: { limit: "5", cursor: (await purchaseOf(organization)).purchase_id },
  }),
  getPurchase: async (organization) => ({
    params: { purchase_id: (await purchaseOf(organization)).purchase_id },
  }),
  returnFromPayment: async (organization) => {
    const { purchase_id, session_id } = await purchaseOf(organization);
    const query = await returnQuery(`purchases/${purchase_id}`);
    return { params: { purchase_id }, query: { ...query, session_id } };
  },
  listInvoices: async (organization) => ({
    query: { limit: "5", cursor: await invoiceOf(organization) },
  }),
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

  getAlerts: () => ({}),
  putAlerts: () => ({
    body: { alerts: [{ minutes: 30 }, { amount_micros: 5_000_000 }, { runway_minutes: 15 }] },
  }),
  ...webhookSamples("", (organization) => ({ key: organization.key, path: "/api/v1" })),
  ...webhookSamples("Operator", async () => ({ key: await adminKey(), path: "/api/v1/admin" })),

  authorizeCall: ({ id }) => ({
    body: {
      call_id: fresh("call"),
      organization_id: id,
      direction: "outbound",
      ...parties,
      rate: "voice",
      byok: ["stt"],
      max_duration_seconds: 600,
      expected_provider_micros_per_minute: 1_000,
    },
  }),
  listNodeCalls: ({ id }) => ({
    query: { node: "edge-1", organization_id: id, limit: "10", cursor: "1700000000000.call" },
  }),
  answerCall: async (organization) => ({
    params: { call_id: await liveCall(organization) },
    body: { organization_id: organization.id, answered_at: new Date().toISOString() },
  }),
  renewCall: async (organization) => ({
    params: { call_id: await liveCall(organization) },
    body: {
      organization_id: organization.id,
      request_number: 1,
      elapsed_seconds: 1,
      provider_cost_micros: 10,
    },
  }),
  settleCall: async (organization) => ({
    params: { call_id: await liveCall(organization) },
    body: {
      organization_id: organization.id,
      duration_ms: 1_000,
      end_reason: "caller_hangup",
      answered_at: new Date().toISOString(),
      ended_at: new Date().toISOString(),
      provider_costs: [{ service: "llm", cost_micros: 5 }],
      direction: "outbound",
      ...parties,
      rate: "voice",
      byok: ["llm"],
    },
  }),
  voidCall: async (organization) => ({
    params: { call_id: await liveCall(organization) },
    body: { organization_id: organization.id, end_reason: "busy" },
  }),
  correctCall: async (organization) => ({
    params: { call_id: await settledCall(organization) },
    body: {
      organization_id: organization.id,
      correction_id: fresh("correction"),
      duration_ms: 2_000,
      reason: "The node's records say so",
    },
  }),
  operate: (organization) => ({
    body: {
      operations: [
        {
          op: "authorize",
          call_id: fresh("call"),
          organization_id: organization.id,
          direction: "inbound",
          ...parties,
        },
      ],
    },
  }),

  createOrganization: () => ({
    body: {
      company_name: "Example Voice B.V.",
      email: "billing@example.com",
      language: "nl",
      location_hint: "weur",
    },
  }),
  listOrganizations: () => ({ query: { limit: "2" } }),
  getOrganization: ofOrganization,
  changeOrganization: ({ id }) => ({
    params: { id },
    body: { company_name: "Other Voice B.V.", email: null, language: "de", state: "active" },
  }),
  postAdjustment: ({ id }) => ({
    params: { id },
    body: { amount_micros: 1_000_000, reason: "Goodwill", kind: "promotion" },
    headers: { "Idempotency-Key": fresh("adjustment") },
  }),
  listEntriesOf: ({ id }) => ({ params: { id }, query: { limit: "5", cursor: "3" } }),
  verifyLedger: ofOrganization,
  getVerification: async ({ id }) => ({ params: { id, report_id: (await checkUnderWay(id)).id } }),
  listParkedCalls: ofOrganization,
  releaseCall: async (organization) => ({
    params: { id: organization.id, call_id: await settledCall(organization) },
  }),
  beginEpoch: ({ id }) => ({ params: { id }, body: { epoch: 2 } }),
  createOrganizationPortalSession: (organization) => ({
    ...ofOrganization(organization),
    body: PORTAL_VISITOR,
  }),
  listAudit: ({ id }) => ({ params: { id }, query: { limit: "5" } }),
  listPurchasesOf: ({ id }) => ({ params: { id }, query: { limit: "5" } }),
  refundPurchase: async (organization) => ({
    params: { id: organization.id, purchase_id: (await purchaseOf(organization)).purchase_id },
    body: { net_cents: 1, reason: "Bought by mistake" },
    headers: { "Idempotency-Key": fresh("refund") },
  }),
  resolvePurchase: async (organization) => ({
    params: { id: organization.id, purchase_id: await mismatchOf(organization) },
    body: { resolution: "close", reason: "Settled by bank transfer" },
  }),
  refundTaxOfPurchase: async (organization) => ({
    params: { id: organization.id, purchase_id: await taxRefundableOf(organization) },
    body: { reason: "The register has confirmed the VAT ID" },
  }),
  reconcile: () => ({}),
  adoptStripeObject: async (organization) => ({
    body: {
      object_id: (await purchaseOf(organization)).session_id,
      reason: "Lost when records were restored",
    },
  }),
  getReconciliation: async () => {
    await api("POST", "/api/v1/admin/reconciliation", { key: await adminKey() });
    return {};
  },
  listRates: () => ({}),
  putRate: () => ({
    params: { name: fresh("rate") },
    body: { ...rate, effective_from: "2040-01-01T00:00:00Z" },
  }),
  listOwnRates: ofOrganization,
  putOwnRate: ({ id }) => ({ params: { id, name: fresh("rate") }, body: rate }),
  moveNumber: ({ id }) => ({ params: { e164: number }, body: { organization_id: id, is_default: true } }),
  freeNumber: () => ({ params: { e164: number } }),
  listNumbers: ofOrganization,
  createPlatformKey: ({ id }) => ({
    body: {
      kind: "edge",
      label: "node ams-1",
      organization_ids: [id],
      scopes: ["calls"],
      expires_at: "2040-01-01T00:00:00Z",
    },
  }),
  listPlatformKeys: () => ({}),
  revokePlatformKey: async () => ({ params: { key_id: await platformKeyId() } }),
  listApiKeysOf: ofOrganization,
  createApiKeyOf: ({ id }) => ({ params: { id }, body: { label: "test", scopes: ["read", "calls"] } }),
  revokeApiKeyOf: async (organization) => ({
    params: { id: organization.id, key_id: await otherKey(organization) },
  }),
};

type Way = { key: string; path: string };
type WayOf = (organization: TestOrganization) => Way | Promise<Way>;

/** The samples of webhooks, which organizations and operators have alike. */
function webhookSamples(prefix: "" | "Operator", wayOf: WayOf): typeof SAMPLES {
  const about = async (organization: TestOrganization): Promise<Sample> => ({
    params: { endpoint_id: await onlyEndpoint(await wayOf(organization)) },
  });
  const samples: typeof SAMPLES = {
    listWebhookEndpoints: () => ({}),
    createWebhookEndpoint: async (organization) => {
      await onlyEndpoint(await wayOf(organization));
      const events = [prefix === "" ? "balance.low" : "ops.call_lost"];
      return { body: { url: "https://hooks.example.com/", description: "Alerts", events } };
    },
    changeWebhookEndpoint: async (organization) => ({
      ...(await about(organization)),
      body: { url: "https://other.example.com/", description: "Other", events: null, enabled: true },
    }),
    deleteWebhookEndpoint: about,
    rotateWebhookSecret: about,
    testWebhookEndpoint: about,
    listWebhookDeliveries: async (organization) => {
      const { endpoint_id, event_id } = await aDelivery(await wayOf(organization));
      return { query: { endpoint_id, state: "failed", limit: "5", cursor: `${event_id}.${endpoint_id}` } };
    },
    resendWebhookDelivery: async (organization) => ({ params: await aDelivery(await wayOf(organization)) }),
    resendFailedWebhookDeliveries: async (organization) => ({
      ...(await about(organization)),
      body: { since: "2026-11-20T00:00:00Z" },
    }),
  };
  return Object.fromEntries(
    Object.entries(samples).map(([name, sample]) => [name.replace("Webhook", `${prefix}Webhook`), sample]),
  );
}

/** A fresh endpoint beside which there is no other: there may be ten. */
export async function onlyEndpoint({ key, path }: Way): Promise<string> {
  const { body } = await api("GET", `${path}/webhook_endpoints`, { key });
  for (const { id } of body.webhook_endpoints)
    await api("DELETE", `${path}/webhook_endpoints/${id}`, { key });
  const made = await api("POST", `${path}/webhook_endpoints`, {
    key,
    body: { url: "https://hooks.example.com/" },
  });
  return made.body.id;
}

async function aDelivery(way: Way): Promise<{ endpoint_id: string; event_id: string }> {
  const endpoint_id = await onlyEndpoint(way);
  const sent = await api("POST", `${way.path}/webhook_endpoints/${endpoint_id}/test`, { key: way.key });
  return { endpoint_id, event_id: sent.body.event_id };
}

async function liveCall(organization: TestOrganization): Promise<string> {
  const call_id = fresh("live");
  await authorize(organization, call_id);
  return call_id;
}

async function settledCall(organization: TestOrganization): Promise<string> {
  const call_id = fresh("settled");
  await call(organization, call_id, 1_000);
  return call_id;
}

async function otherKey(organization: TestOrganization): Promise<string> {
  const path = `/api/v1/admin/organizations/${organization.id}/api_keys`;
  const answer = await api("POST", path, {
    key: await adminKey(),
    body: { label: "other", scopes: ["read"] },
  });
  return answer.body.id;
}

async function platformKeyId(): Promise<string> {
  const answer = await api("POST", "/api/v1/admin/keys", { key: await adminKey(), body: { kind: "edge" } });
  return answer.body.id;
}

/** The key that an operation takes, undefined when it takes none. */
async function keyFor(operation: Operation, organization: TestOrganization): Promise<string | undefined> {
  const [scheme] = operation.security.flatMap(Object.keys);
  if (scheme === "organizationKey") return organization.key;
  if (scheme === "edgeKey") return organization.edge_key;
  return scheme === "adminKey" ? adminKey() : undefined;
}

/** A request to an operation that is right in every part. */
export async function sampleOf(operation: Operation, organization: TestOrganization): Promise<Sample> {
  const sample = SAMPLES[operation.operationId];
  if (!sample) throw new Error(`Give ${operation.operationId} a sample in test/http/contract/samples.ts.`);
  return { key: await keyFor(operation, organization), ...(await sample(organization)) };
}

/** Sends a sample as it stands. */
export function send({ method, path }: Operation, { params = {}, query = {}, ...request }: Sample) {
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(params[name] ?? ""));
  const search = new URLSearchParams(query).toString();
  return api(method, search ? `${filled}?${search}` : filled, request);
}
