import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { OPERATOR } from "../../src/webhooks/operator";
import { dialer } from "../stand-in/dialer";
import { type Answer, api, type Json, theContract } from "../support/api/api";
import { newOrganization, newPlatformKey, type TestOrganization } from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { otherBody } from "./contract/out-of-turn/case";
import { sampleOf, send } from "./contract/samples";
import { fresh, type Sample } from "./contract/samples/sample";
import { everyRow } from "./contract/traces";

const clock = stopClock();
const contract = await theContract();
const standing = dialer();
afterAll(() => standing.hangUp());

type Operation = (typeof contract.operations)[number];
const named = (operations: Operation[]) => operations.map((each) => [each.operationId, each] as const);
const takesKey = ({ parameters = [] }: Operation) =>
  parameters.some(({ in: place, name }) => place === "header" && name === "Idempotency-Key");

const WRITES = contract.operations.filter(
  ({ method, security }) => method !== "GET" && method !== "HEAD" && security.length > 0,
);
const WITH_KEY = WRITES.filter(takesKey);
const WITHOUT_KEY = WRITES.filter((operation) => !takesKey(operation));
/** What shows a secret, or the address of one, once. */
const WITH_SECRET = [
  ...["createOrganization", "createPlatformKey", "createApiKey", "createOrganizationApiKey"],
  ...["createPortalSession", "createOrganizationPortalSession"],
  ...["createWebhookEndpoint", "createOperatorWebhookEndpoint"],
].map((operationId) => contract.operation(operationId));
/** A page of Stripe's for some minutes: nothing of ours is made by it. */
const PASSING = ["openBillingPortal"];

beforeEach(() => clock.pass(60_000));

/** A right request under a key that was not used before. */
async function keyed(operation: Operation, organization: TestOrganization, changes: Json = {}) {
  const sample = await sampleOf(operation, organization);
  const headers = { ...sample.headers, "Idempotency-Key": fresh("repeat") };
  return { ...sample, headers, body: sample.body && { ...sample.body, ...changes } };
}

/** All that there is of the organization and of the operators, but for what was written down of who asked. */
async function allThereIs(organization: TestOrganization): Promise<string> {
  const tables: [string, unknown][] = JSON.parse(await everyRow(organization));
  const kept = tables.filter(([name]) => name !== "audit");
  const webhooks = await Promise.all([organization.id, OPERATOR].map(webhooksOf));
  return JSON.stringify([...kept, ...webhooks], null, 1);
}

/** Which endpoints and deliveries there are: what comes of these goes on by itself. */
function webhooksOf(owner: string): Promise<unknown[]> {
  return runInDurableObject(env.WEBHOOKS.getByName(owner), (_, { storage: { sql } }) => {
    if (sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'endpoint'").toArray().length === 0) return [];
    return [
      sql.exec("SELECT endpoint_id, secret, previous_secret FROM endpoint ORDER BY 1").toArray(),
      sql.exec("SELECT event_id, endpoint_id FROM delivery ORDER BY 1, 2").toArray(),
    ];
  });
}

const shown = ({ status, body }: Answer) => ({ status, body });
const secretOf = (body: Json): string => body.api_key ?? body.key ?? body.secret ?? body.url;

describe.each(named(WITH_KEY))("%s under an Idempotency-Key", (_, operation) => {
  it("does once what it is asked twice, and answers the same", async () => {
    const organization = await newOrganization(1_000_000_000);
    const request = await keyed(operation, organization);
    const first = await send(operation, request);
    expect(first.status).toBeLessThan(300);
    const after = await allThereIs(organization);
    expect(shown(await send(operation, request))).toEqual(shown(first));
    expect(await allThereIs(organization)).toBe(after);
  });

  it("does once what comes three times at the same time", async () => {
    const organization = await newOrganization(1_000_000_000);
    const request = await keyed(operation, organization);
    const all = await Promise.all([1, 2, 3].map(() => send(operation, request)));
    // Where somebody is asked who is not us, one waits for the other: it is told to repeat.
    const done = all.filter(({ body }) => body?.error?.code !== "request_in_progress");
    expect(done.length).toBeGreaterThan(0);
    for (const answer of done) expect(shown(answer)).toEqual(shown(done[0] as Answer));
    const after = await allThereIs(organization);
    expect(shown(await send(operation, request))).toEqual(shown(done[0] as Answer));
    expect(await allThereIs(organization)).toBe(after);
  });
});

describe.each(named(WITH_KEY.filter(({ requestBody }) => requestBody)))("%s", (_, operation) => {
  it("is refused with another body under the same key, and changes nothing", async () => {
    const organization = await newOrganization(1_000_000_000);
    const request = await keyed(operation, organization);
    const first = await send(operation, request);
    const after = await allThereIs(organization);
    const refused = await send(operation, { ...request, body: otherBody(request.body) });
    expect([refused.status, refused.body.error.code]).toEqual([409, "idempotency_conflict"]);
    expect(await allThereIs(organization)).toBe(after);
    expect(shown(await send(operation, request))).toEqual(shown(first));
  });
});

describe.each(named(WITHOUT_KEY.filter(({ operationId }) => !PASSING.includes(operationId))))(
  "%s",
  (_, operation) => {
    it("may be repeated as it stands: nothing more is done", async () => {
      const organization = await newOrganization(1_000_000_000);
      const request = await sampleOf(operation, organization);
      const first = await send(operation, request);
      expect(first.status).toBeLessThan(300);
      const after = await allThereIs(organization);
      const again = await send(operation, request);
      expect(again.status).toBe(first.status);
      expect(await allThereIs(organization)).toBe(after);
    });
  },
);

describe.each(named(WITH_SECRET))("what %s shows once", (_, operation) => {
  const without = { external_id: undefined };

  it("is derived: it is stored nowhere, and shown again for 24 hours and no longer", async () => {
    const organization = await newOrganization();
    const request = await keyed(
      operation,
      organization,
      "external_id" in ((await sampleOf(operation, organization)).body ?? {}) ? without : {},
    );
    const first = await send(operation, request);
    const secret = secretOf(first.body);
    const word = /[\w+/-]{30,}/.exec(secret.split("?").at(-1) ?? "")?.[0] ?? secret;
    if (!operation.operationId.includes("Webhook"))
      expect(await allThereIs(organization)).not.toContain(word);
    clock.pass(86_400_000 - 1);
    expect(secretOf((await send(operation, request)).body)).toBe(secret);
    clock.pass(1);
    const later = await send(operation, request);
    expect(later.status).toBe(first.status);
    expect([later.body.id === first.body.id, secretOf(later.body) === secret]).toEqual([false, false]);
    expect(secretOf((await send(operation, request)).body)).toBe(secretOf(later.body));
  });

  it("comes of that key's holder alone: another one's same key makes another", async () => {
    const [organization, other] = [await newOrganization(), await newOrganization()];
    const request = await keyed(operation, organization);
    const first = await send(operation, request);
    const theirs = await strangerTo(request, other);
    const second = await send(operation, theirs);
    expect(second.status).toBe(first.status);
    expect([second.body.id === first.body.id, secretOf(second.body) === secretOf(first.body)]).toEqual([
      false,
      false,
    ]);
    expect(shown(await send(operation, request))).toEqual(shown(first));
  });
});

/** The same request by somebody else: another organization, or another operator. */
async function strangerTo({ key = "", body, ...rest }: Sample, other: TestOrganization): Promise<Sample> {
  const their_key = key.startsWith("rf_live_") ? other.key : await newPlatformKey("admin");
  const { external_id: _, ...asked } = body;
  return { ...rest, key: their_key, body: asked };
}

it("a key that is malformed is refused by its name, and makes nothing", async () => {
  const organization = await newOrganization();
  const operation = contract.operation("createApiKey");
  for (const key of ["two words", "é", "x".repeat(256)]) {
    const sample = await sampleOf(operation, organization);
    const answer = await api("POST", "/api/v1/api_keys", {
      ...sample,
      headers: { "Idempotency-Key": key },
    });
    expect([answer.status, answer.body.error.param]).toEqual([400, "Idempotency-Key"]);
  }
  const { body } = await api("GET", "/api/v1/api_keys", { key: organization.key });
  expect(body.api_keys).toHaveLength(1);
});
