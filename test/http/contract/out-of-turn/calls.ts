import { api } from "../../../support/api/api";
import type { TestOrganization } from "../../../support/api/organizations";
import {
  adminKey,
  authorize,
  call,
  newOrganization,
  newPlatformKey,
  node,
} from "../../../support/api/organizations";

import { type Case, changed } from "./case";

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

/** Calls and reports of calls that are refused for what was there before them. */
export const callsOutOfTurn: Case[] = [
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
];
