import { api } from "../../../support/api/api";
import type { TestOrganization } from "../../../support/api/organizations";
import { adminKey } from "../../../support/api/organizations";
import { onlyEndpoint } from "../samples/webhooks";

import { type Case, changed, usedKey } from "./case";

/** Requests about webhook endpoints, of organizations and operators, that are refused for what was there before them. */
export const webhooksOutOfTurn: Case[] = [
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
      usedKey(name("createWebhookEndpoint")),
      usedKey(name("rotateWebhookSecret")),
      usedKey(name("resendFailedWebhookDeliveries")),
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
];
