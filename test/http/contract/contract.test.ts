import { env } from "cloudflare:workers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Bindings, readSettings } from "../../../src/env";
import { clearDirectoryCache } from "../../../src/organizations/directory";
import { mintApiKey } from "../../../src/units/api-key-format";
import { newId } from "../../../src/units/id";
import { dialer } from "../../stand-in/dialer";
import { api, theContract, unseenAnswers } from "../../support/api/api";
import type { Operation } from "../../support/api/openapi";
import {
  adminKey,
  newOrganization,
  newPlatformKey,
  type TestOrganization,
} from "../../support/api/organizations";
import { stopClock } from "../../support/clock";
import { refuseOutOfTurn } from "./out-of-turn";
import { SAMPLES, sampleOf, send } from "./samples";
import type { Sample } from "./samples/sample";
import { spoil } from "./spoil";
import { everyRow } from "./traces";

const clock = stopClock();
const contract = await theContract();
const OPERATIONS = contract.operations.map((operation) => [operation.operationId, operation] as const);
const GUARDED = OPERATIONS.filter(([, { security }]) => security.length > 0);
const WITH_BODY = OPERATIONS.filter(([, { requestBody }]) => requestBody);
/** Their 404 is about the organization itself: see what comes at the wrong time. */
const ABOUT_ITSELF = ["getBillingProfile", "getReconciliation", "returnFromCardSetup"];
const ABOUT_ONE = OPERATIONS.filter(([id, { responses }]) => responses[404] && !ABOUT_ITSELF.includes(id));

let organization: TestOrganization;
let other: TestOrganization;
const standing = dialer();
afterAll(() => standing.hangUp());

beforeAll(async () => {
  organization = await newOrganization(1_000_000_000);
  other = await newOrganization(1_000_000_000);
});

/** Takes a minute, so that the limit of a key never stands in the way of a test about something else. */
const letMinutePass = () => clock.pass(60_000);

it("every operation has a sample, and no sample is left over", () => {
  expect(Object.keys(SAMPLES).sort()).toEqual(OPERATIONS.map(([id]) => id).sort());
});

describe.each(OPERATIONS)("%s", (_, operation) => {
  it("succeeds", async () => {
    letMinutePass();
    const { status } = await send(operation, await sampleOf(operation, organization));
    expect(status).toBeLessThan(300);
  });
});

describe.each(GUARDED)("%s lets in nobody and writes nothing", (_, operation) => {
  let sample: Sample;
  let before: string;
  beforeAll(async () => {
    sample = await sampleOf(operation, organization);
  });
  beforeEach(async () => {
    before = await everyRow(organization);
  });
  const withKey = async (key: string | undefined) => {
    letMinutePass();
    const { status, headers, body } = await send(operation, { ...sample, key });
    return { status, code: body.error.code, challenge: headers.get("WWW-Authenticate") };
  };
  const unauthorized = { status: 401, code: "unauthorized", challenge: "Bearer" };

  it("without a key of ours", async () => {
    const real = sample.key ?? "";
    const forged = real.slice(0, -1) + (real.endsWith("0") ? "1" : "0");
    for (const key of [undefined, "nonsense", forged, `${real}0`, "x".repeat(10_000)])
      expect(await withKey(key)).toEqual(unauthorized);
    expect(await everyRow(organization)).toBe(before);
  });

  it("with a key of ours that nobody ever made", async () => {
    const kind = kindOf(operation);
    const organization_id = kind === "live" ? organization.id : null;
    const { key_secrets } = readSettings(env);
    const { key } = await mintApiKey(kind, { key_id: newId("key"), organization_id }, key_secrets);
    expect(await withKey(key)).toEqual(unauthorized);
    expect(await everyRow(organization)).toBe(before);
  });

  it("with a key of another kind", async () => {
    const keys = { live: organization.key, edge: organization.edge_key, admin: await adminKey() };
    for (const [kind, key] of Object.entries(keys)) {
      if (kind === kindOf(operation)) continue;
      expect(await withKey(key)).toMatchObject({ status: 403, code: "forbidden" });
    }
    expect(await everyRow(organization)).toBe(before);
  });

  it("with a key that was revoked or has expired", async () => {
    const [revoked, expired] = [await voidKey(operation, "revoked"), await voidKey(operation, "expired")];
    before = await everyRow(organization);
    expect(await withKey(revoked)).toMatchObject({ status: 401, code: "api_key_revoked" });
    expect(await withKey(expired)).toMatchObject({ status: 401, code: "api_key_expired" });
    expect(await everyRow(organization)).toBe(before);
  });

  it("while neither the directory nor a ledger can be asked: 503, nothing else", async () => {
    clearDirectoryCache();
    const answer = await send(operation, {
      ...sample,
      bindings: { DB: away, DIRECTORY: away, LEDGER: away },
    });
    expect(answer).toMatchObject({ status: 503, body: { error: { code: "ledger_unavailable" } } });
    expect(await everyRow(organization)).toBe(before);
  });
});

describe("another organization's key", () => {
  it.each([
    ...["getCall", "revokeApiKey", "endPortalSession", "getPurchase", "getInvoice", "getInvoicePdf"],
    ...["changeWebhookEndpoint", "rotateWebhookSecret", "endPreviousWebhookSecret"],
    ...["testWebhookEndpoint", "resendWebhookDelivery"],
  ])("finds nothing with %s", async (operationId) => {
    letMinutePass();
    const operation = contract.operation(operationId);
    const sample = await sampleOf(operation, organization);
    const { status } = await send(operation, { ...sample, key: other.key });
    expect(status).toBe(404);
    expect((await send(operation, sample)).status).toBeLessThan(300);
  });

  it("of a node that is limited to it says nothing about this one", async () => {
    const key = await newPlatformKey("edge", [other.id]);
    const edge = OPERATIONS.filter(([id, { tags }]) => tags.includes("Edge") && id !== "runOperations");
    for (const [, operation] of edge) {
      const { status } = await send(operation, { ...(await sampleOf(operation, organization)), key });
      expect(status).toBe(403);
    }
  });
});

describe.each(OPERATIONS)("%s refuses, names the field and writes nothing", (_, operation) => {
  it("for everything that its document calls wrong", async () => {
    const sample = await sampleOf(operation, organization);
    if (operation.security.length === 0) return;
    const before = await everyRow(organization);
    for (const { what, param, sample: spoilt } of spoil(contract, operation, sample)) {
      clock.pass(1_000);
      const { status, body } = await send(operation, spoilt);
      const named = String(body?.error?.param).split(".")[0];
      expect({ what, status, param: named }).toEqual({ what, status: 400, param });
    }
    expect(await everyRow(organization)).toBe(before);
  }, 60_000);
});

describe.each(WITH_BODY)("%s takes no body", (_, operation) => {
  it("that is no JSON object of a sensible size, and writes nothing", async () => {
    const sample = await sampleOf(operation, organization);
    const before = await everyRow(organization);
    const withBody = async (raw: BodyInit, type = "application/json") => {
      clock.pass(1_000);
      const headers = { ...sample.headers, "Content-Type": type };
      const { status, body } = await send(operation, { ...sample, raw, headers });
      return [status, body.error.code];
    };
    const nothing = operation.requestBody?.required ? [""] : [];
    for (const raw of [...nothing, "{", "[1,", "{'a': 1}", "undefined", "null", "[]", '"text"', "1"])
      expect([raw, ...(await withBody(raw))]).toEqual([raw, 400, "invalid_request"]);
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
      expect(await withBody("{}", type)).toEqual([415, "unsupported_media_type"]);
    const huge = `{"call_id": "${"x".repeat(1_100_000)}"}`;
    expect(await withBody(huge)).toEqual([413, "payload_too_large"]);
    const of_unknown_length = new Blob([huge]).stream();
    expect(await withBody(of_unknown_length)).toEqual([413, "payload_too_large"]);
    expect(await everyRow(organization)).toBe(before);
  });
});

describe.each(ABOUT_ONE)("%s", (_, operation) => {
  it("says not found for what is not there", async () => {
    letMinutePass();
    const sample = await sampleOf(operation, organization);
    const { params = {}, body, query } = sample;
    const nowhere = newId("org");
    const elsewhere = {
      ...params,
      ...("organization_id" in params ? { organization_id: nowhere } : {}),
      ...("call_id" in params ? { call_id: "no-such-call" } : {}),
      ...("key_id" in params ? { key_id: newId("key") } : {}),
      ...("session_id" in params ? { session_id: newId("pse") } : {}),
      ...("e164" in params ? { e164: "+999999999" } : {}),
      ...("purchase_id" in params ? { purchase_id: newId("pur") } : {}),
      ...("endpoint_id" in params ? { endpoint_id: newId("whe") } : {}),
      ...("invoice_id" in params ? { invoice_id: "in_nothing" } : {}),
    };
    const about = {
      ...body,
      ...(body && "organization_id" in body ? { organization_id: nowhere } : {}),
      ...(body && "object_id" in body ? { object_id: "cs_nothing" } : {}),
    };
    const asked = query && "organization_id" in query ? { ...query, organization_id: nowhere } : query;
    const { status } = await send(operation, {
      ...sample,
      params: elsewhere,
      body: body && about,
      query: asked,
    });
    expect(status).toBe(404);
  });
});

describe("too many requests", () => {
  it("are refused for every route of an organization's key", async () => {
    letMinutePass();
    const key = (await newOrganization()).key;
    for (let n = 0; n < 100; n++) await api("GET", "/api/v1/account", { key });
    for (const [, operation] of GUARDED.filter(([, found]) => kindOf(found) === "live"))
      expect((await send(operation, { ...(await sampleOf(operation, organization)), key })).status).toBe(429);
  });

  it("are refused for every route of a node's key", async () => {
    const bindings = { EDGE_REQUESTS_PER_MINUTE: "1" };
    for (const [, operation] of GUARDED.filter(([, found]) => kindOf(found) === "edge")) {
      const sample = { ...(await sampleOf(operation, organization)), bindings };
      await send(operation, sample);
      expect((await send(operation, sample)).status).toBe(429);
    }
  });
});

describe("too many requests from one address", () => {
  it.each(OPERATIONS.filter(([id]) => id !== "takeStripeEvent"))(
    "without a good key are refused: %s",
    async (_, operation) => {
      letMinutePass();
      const sample = await sampleOf(operation, organization);
      const headers = { ...sample.headers, ...FROM_SOMEWHERE };
      const spoilt = { ...sample, key: "nonsense", headers, bindings: FLOODED };
      expect(await send(operation, spoilt)).toMatchObject({
        status: 429,
        body: { error: { code: "rate_limit_exceeded" } },
      });
    },
  );

  it("do not stop Stripe, nor good keys from the same address", async () => {
    letMinutePass();
    for (const id of ["takeStripeEvent", "getAccount", "listOrganizations"]) {
      const operation = contract.operation(id);
      const sample = await sampleOf(operation, organization);
      const headers = { ...sample.headers, ...FROM_SOMEWHERE };
      expect((await send(operation, { ...sample, headers, bindings: FLOODED })).status).toBe(200);
    }
  });
});

describe("what is right in itself and comes at the wrong time", () => {
  it.each(refuseOutOfTurn)("%s: %s %s", async (operationId, status, _, spoilt) => {
    letMinutePass();
    const answer = await send(contract.operation(operationId), await spoilt(organization, clock));
    expect(answer.status).toBe(status);
  });
});

it("every answer that the document promises was given at least once", () => {
  expect(contract.operations.flatMap(unseenAnswers)).toEqual([]);
});

const away = new Proxy({} as never, {
  get() {
    throw new Error("away");
  },
});

function kindOf({ security }: Operation): "live" | "edge" | "admin" {
  const [scheme] = security.flatMap(Object.keys);
  if (scheme === "organizationKey") return "live";
  return scheme === "edgeKey" ? "edge" : "admin";
}

/** Whoever asks without a good key comes from an address that has asked too often. */
const FLOODED: Partial<Bindings> = { KEYLESS: { limit: async () => ({ success: false }) } };
const FROM_SOMEWHERE = { "CF-Connecting-IP": "192.0.2.99" };

async function voidKey(operation: Operation, how: "revoked" | "expired"): Promise<string> {
  const kind = kindOf(operation);
  const own = `/api/v1/admin/organizations/${organization.id}/api_keys`;
  const path = kind === "live" ? own : "/api/v1/admin/keys";
  const expires_at = new Date(Date.now() + 1_000).toISOString();
  const stated = kind === "live" ? { label: "void", scopes: ["read", "calls", "keys", "billing"] } : { kind };
  const body = how === "expired" ? { ...stated, expires_at } : stated;
  const made = await api("POST", path, { key: await adminKey(), body });
  if (how === "revoked") await api("DELETE", `${path}/${made.body.id}`, { key: await adminKey() });
  clock.pass(1_000);
  return made.body.key;
}
