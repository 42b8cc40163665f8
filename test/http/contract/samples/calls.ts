import { give } from "../../../support/api/organizations";

import { fresh, liveCall, parties, type Samples, settledCall } from "./sample";

/** Of calls, by customers and by nodes. */
export const callSamples: Samples = {
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
  authorizeCall: ({ id }) => ({
    body: {
      call_id: fresh("call"),
      organization_id: id,
      direction: "outbound",
      ...parties,
      rate: "voice",
      byok: ["stt"],
      max_duration_seconds: 600,
      quota_seconds: 300,
      expected_provider_micros_per_minute: 1_000,
    },
  }),
  listNodeCalls: ({ id }) => ({
    query: { node: "edge-1", organization_id: id, limit: "10" },
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
  runOperations: (organization) => ({
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
};
