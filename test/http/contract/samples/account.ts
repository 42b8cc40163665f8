import { newSessionId, otherKey, PORTAL_VISITOR, type Samples } from "./sample";

/** Of what an organization asks about itself: account, usage, keys, alerts. */
export const accountSamples: Samples = {
  getHealth: () => ({}),
  getAccount: () => ({}),
  getOwnOrganization: () => ({}),
  getUsageCsv: () => ({ query: { start_date: "2030-01-01" } }),
  listUsage: () => ({ query: { start_date: "2030-01-01", limit: "10" } }),
  listNumbers: () => ({}),
  listEntries: () => ({ query: { limit: "5" } }),
  listApiKeys: () => ({}),
  createApiKey: () => ({ body: { label: "test", scopes: ["read"], expires_at: "2040-01-01T00:00:00Z" } }),
  createPortalSession: () => ({ body: PORTAL_VISITOR }),
  listPortalSessions: () => ({ query: { limit: "5", status: "active" } }),
  endPortalSession: async (organization) => ({ params: { session_id: await newSessionId(organization) } }),
  endPortalSessionsOfUser: () => ({ query: { user_id: PORTAL_VISITOR.user.id } }),
  revokeApiKey: async (organization) => ({ params: { key_id: await otherKey(organization) } }),
  getAlerts: () => ({}),
  putAlerts: () => ({
    body: { alerts: [{ minutes: 30 }, { amount_micros: 5_000_000 }, { runway_minutes: 15 }] },
  }),
};
