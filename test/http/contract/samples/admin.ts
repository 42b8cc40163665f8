import { api } from "../../../support/api/api";
import { adminKey, give, type TestOrganization } from "../../../support/api/organizations";
import { checkUnderWay } from "../../../support/ledger/ledger-checks";
import { mismatchOf, purchaseOf, taxRefundableOf } from "../buying";

import {
  fresh,
  newSessionId,
  otherKey,
  PORTAL_VISITOR,
  platformKeyId,
  type Samples,
  settledCall,
} from "./sample";

const rate = { price_micros_per_minute: 80_000, increments: "60/60", minimum_seconds: 6 };
const ofOrganization = ({ id }: TestOrganization) => ({ params: { organization_id: id } });
const number = "+31201234599";

/** Of what operators ask. */
export const adminSamples: Samples = {
  createOrganization: () => ({
    body: {
      company_name: "Example Voice B.V.",
      email: "billing@example.com",
      language: "nl",
      location_hint: "weur",
      external_id: fresh("customer"),
    },
  }),
  listOrganizations: () => ({ query: { limit: "2" } }),
  getOrganization: ofOrganization,
  changeOrganization: ({ id }) => ({
    params: { organization_id: id },
    body: {
      company_name: "Other Voice B.V.",
      email: null,
      language: "de",
      state: "active",
      external_id: "customer-42",
    },
  }),
  postAdjustment: ({ id }) => ({
    params: { organization_id: id },
    body: { amount_micros: 1_000_000, reason: "Goodwill", kind: "promotion" },
    headers: { "Idempotency-Key": fresh("adjustment") },
  }),
  listOrganizationEntries: ({ id }) => ({
    params: { organization_id: id },
    query: { limit: "5" },
  }),
  verifyLedger: ofOrganization,
  rebuildProjection: ofOrganization,
  getProjection: ofOrganization,
  getVerification: async ({ id }) => ({
    params: { organization_id: id, report_id: (await checkUnderWay(id)).id },
  }),
  listParkedCalls: ofOrganization,
  releaseCall: async (organization) => ({
    params: { organization_id: organization.id, call_id: await settledCall(organization) },
  }),
  beginEpoch: ({ id }) => ({ params: { organization_id: id }, body: { epoch: 2 } }),
  createOrganizationPortalSession: (organization) => ({
    ...ofOrganization(organization),
    body: PORTAL_VISITOR,
  }),
  listOrganizationPortalSessions: ({ id }) => ({
    params: { organization_id: id },
    query: { user_id: PORTAL_VISITOR.user.id },
  }),
  endOrganizationPortalSession: async (organization) => ({
    params: { organization_id: organization.id, session_id: await newSessionId(organization) },
  }),
  endOrganizationPortalSessionsOfUser: ({ id }) => ({
    params: { organization_id: id },
    query: { user_id: PORTAL_VISITOR.user.id },
  }),
  listAudit: ({ id }) => ({ query: { organization_id: id, limit: "5" } }),
  verifyAudit: () => ({}),
  listOrganizationAudit: ({ id }) => ({ params: { organization_id: id }, query: { limit: "5" } }),
  listOrganizationPurchases: ({ id }) => ({ params: { organization_id: id }, query: { limit: "5" } }),
  refundPurchase: async (organization) => ({
    params: { organization_id: organization.id, purchase_id: (await purchaseOf(organization)).purchase_id },
    body: { net_cents: 1, reason: "Bought by mistake" },
    headers: { "Idempotency-Key": fresh("refund") },
  }),
  resolvePurchase: async (organization) => ({
    params: { organization_id: organization.id, purchase_id: await mismatchOf(organization) },
    body: { resolution: "close", reason: "Settled by bank transfer" },
  }),
  refundPurchaseTax: async (organization) => ({
    params: { organization_id: organization.id, purchase_id: await taxRefundableOf(organization) },
    body: { reason: "The register has confirmed the VAT ID" },
  }),
  runReconciliation: () => ({}),
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
  listOrganizationRates: ofOrganization,
  putOrganizationRate: ({ id }) => ({ params: { organization_id: id, name: fresh("rate") }, body: rate }),
  moveNumber: ({ id }) => ({ params: { e164: number }, body: { organization_id: id, is_default: true } }),
  getNumber: async (organization) => {
    await give(organization, number);
    return { params: { e164: number } };
  },
  freeNumber: () => ({ params: { e164: number } }),
  listOrganizationNumbers: ofOrganization,
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
  getKeySecrets: () => ({}),
  revokePlatformKey: async () => ({ params: { key_id: await platformKeyId() } }),
  listOrganizationApiKeys: ofOrganization,
  createOrganizationApiKey: ({ id }) => ({
    params: { organization_id: id },
    body: { label: "test", scopes: ["read", "calls"] },
  }),
  revokeOrganizationApiKey: async (organization) => ({
    params: { organization_id: organization.id, key_id: await otherKey(organization) },
  }),
};
