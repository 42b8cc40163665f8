import { env } from "cloudflare:workers";
import { newId } from "../../../../src/units/id";
import { api } from "../../../support/api/api";
import { newOrganization } from "../../../support/api/organizations";
import { giveEveryNumber } from "../../../support/ledger/fill-ledger";
import { checkUnderWay } from "../../../support/ledger/ledger-checks";
import { stripe } from "../buying";

import { type Case, changed, usedKey } from "./case";

/** Requests for keys, rates, numbers and ledgers that are refused for what was there before them. */
export const adminOutOfTurn: Case[] = [
  ...[
    "createOrganization",
    "createPlatformKey",
    "createOrganizationApiKey",
    "createOrganizationPortalSession",
    "createApiKey",
    "createPortalSession",
  ].map(usedKey),
  [
    "createOrganization",
    409,
    "with the external_id of another one",
    async (organization) => {
      const external_id = newId("org");
      await newOrganization(0, { external_id });
      return changed("createOrganization", organization, { body: { external_id } });
    },
  ],
  [
    "changeOrganization",
    409,
    "to the external_id of another one",
    async (organization) => {
      const external_id = newId("org");
      await newOrganization(0, { external_id });
      return changed("changeOrganization", organization, { body: { external_id } });
    },
  ],
  [
    "createApiKey",
    422,
    "that has expired",
    async (organization) =>
      changed("createApiKey", organization, { body: { expires_at: "2020-01-01T00:00:00Z" } }),
  ],
  [
    "createOrganizationApiKey",
    422,
    "that has expired",
    async (organization) =>
      changed("createOrganizationApiKey", organization, { body: { expires_at: "2020-01-01T00:00:00Z" } }),
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
    "putOrganizationRate",
    422,
    "in the past",
    async (organization) =>
      changed("putOrganizationRate", organization, { body: { effective_from: "2020-01-01T00:00:00Z" } }),
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
