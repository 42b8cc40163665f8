import { api } from "../../../support/api/api";
import { adminKey, type TestOrganization } from "../../../support/api/organizations";

import type { Sample, Samples } from "./sample";

type Way = { key: string; path: string };
type WayOf = (organization: TestOrganization) => Way | Promise<Way>;

/** The samples of webhooks, which organizations and operators have alike. */
function webhookSamples(prefix: "" | "Operator", wayOf: WayOf): Samples {
  const about = async (organization: TestOrganization): Promise<Sample> => ({
    params: { endpoint_id: await onlyEndpoint(await wayOf(organization)) },
  });
  const samples: Samples = {
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
    rotateWebhookSecret: async (organization) => ({
      ...(await about(organization)),
      body: { keep_previous_seconds: 60 },
    }),
    endPreviousWebhookSecret: about,
    testWebhookEndpoint: about,
    listWebhookDeliveries: async (organization) => {
      const { endpoint_id } = await aDelivery(await wayOf(organization));
      return { query: { endpoint_id, state: "failed", limit: "5" } };
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

/** Of webhook endpoints and deliveries, of organizations and operators. */
export const allWebhookSamples: Samples = {
  ...webhookSamples("", (organization) => ({ key: organization.key, path: "/api/v1" })),
  ...webhookSamples("Operator", async () => ({ key: await adminKey(), path: "/api/v1/admin" })),
};
