import { env } from "cloudflare:workers";
import type { Schema } from "@cfworker/json-schema";
import { beforeAll, describe, expect, test } from "vitest";
import { api, type Json, theContract } from "../../support/api/api";
import type { Operation } from "../../support/api/openapi";
import {
  adjust,
  adminKey,
  authorize,
  call,
  give,
  newOrganization,
  type TestOrganization,
} from "../../support/api/organizations";
import { stopClock } from "../../support/clock";
import { copyRows } from "../../support/copy-rows";
import { AMSTERDAM, bought } from "../../support/purchases/buying";
import { standInStripeForFile } from "../../support/purchases/stripe";
import { until } from "../../support/until";
import { send } from "../contract/samples";
import { PORTAL_VISITOR, type Sample } from "../contract/samples/sample";

const clock = stopClock("2030-05-06T09:00:00Z");
const stripe = standInStripeForFile();
const contract = await theContract();

/** What has rows in its answer, and is not a list that grows: it is set or made as a whole. */
const WHOLE = ["getAlerts", "getReconciliation", "verifyLedger", "getCall", "getNumber", "getKeySecrets"];
/** Paged over two sources; see the tests of calls and of usage. */
const OF_CALLS = ["listCalls", "listUsage"];

/** The property of the answer that has the rows, where there is one. */
function rowsIn({ responses }: Operation): string | undefined {
  const schema = contract.resolve(responses[200]?.content?.["application/json"]?.schema ?? {});
  const properties = Object.entries(schema.properties ?? {});
  return properties.find(([, each]) => {
    const { type, items } = contract.resolve(each as Schema);
    return type === "array" && contract.resolve(items as Schema).type === "object";
  })?.[0];
}

const LISTS = contract.operations.filter(
  (operation) => operation.method === "GET" && rowsIn(operation) && !WHOLE.includes(operation.operationId),
);

let organization: TestOrganization;
let other: TestOrganization;
let admin = "";
let made = 0;

/** How the next row of a list comes to be. */
type Add = (organization: TestOrganization) => Promise<unknown>;

const entry: Add = (of) => adjust(of, 1_000);
/** Copies a row of a table, begun at the same instant: only its id is another one. */
const copied =
  (table: string, changes: Record<string, string> = {}): Add =>
  async ({ id }) => {
    const made_here = "WHERE organization_id = ? LIMIT 1";
    const { id: of_one } = (await env.DB.prepare(`SELECT id FROM ${table} ${made_here}`)
      .bind(id)
      .first<Json>()) as Json;
    const name = `${of_one.slice(0, of_one.length - 5)}${10_000 + made++}`;
    const where = { sql: "id = ?", values: [of_one] };
    await copyRows(table, 1, { ...changes, id: `'${name}'` }, where);
  };
const purchase = copied("purchases", {
  request_key: "'copy-' || (SELECT count(*) FROM purchases)",
  stripe_session_id: "NULL",
  stripe_invoice_id: "NULL",
  stripe_payment_intent_id: "NULL",
});
const invoice = copied("invoices");
const number: Add = (of) => give(of, `+3120${1_110_000 + made++}`);
const key: Add = ({ id }) => post(`/admin/organizations/${id}/api_keys`, { label: "test", scopes: ["read"] });
const session: Add = ({ id }) => post(`/admin/organizations/${id}/portal_sessions`, PORTAL_VISITOR);
const endpoint: Add = (of) => post("/webhook_endpoints", { url: "https://hooks.example.com/" }, of.key);
const operatorEndpoint: Add = () => post("/admin/webhook_endpoints", { url: "https://hooks.example.com/" });
const delivery =
  (prefix: "" | "/admin", keyOf: (of: TestOrganization) => string): Add =>
  async (of) => {
    const { webhook_endpoints } = await get(`${prefix}/webhook_endpoints`, keyOf(of));
    const id = webhook_endpoints[0]?.id ?? (await endpointFor(prefix, of)).id;
    await post(`${prefix}/webhook_endpoints/${id}/test`, undefined, keyOf(of));
  };
const endpointFor = (prefix: string, of: TestOrganization) =>
  post(`${prefix}/webhook_endpoints`, { url: "https://hooks.example.com/" }, prefix ? admin : of.key);
const rate = { price_micros_per_minute: 80_000, increments: "60/60" };
const effective = () => new Date(Date.UTC(2040, 0, 1 + (made++ % 3), made)).toISOString();
const put = (path: string, body: Json) => api("PUT", `/api/v1${path}`, { key: admin, body });
const parked: Add = ({ id }) =>
  copyRows(
    "calls",
    1,
    { call_id: `'parked-${made++}'`, outcome: "'parked'" },
    { sql: "organization_id = ? AND call_id = 'first'", values: [id] },
  );

/** For each list a way to make its rows. */
const ADD: Record<string, Add> = {
  listEntries: entry,
  listOrganizationEntries: entry,
  listPurchases: purchase,
  listOrganizationPurchases: purchase,
  listInvoices: invoice,
  listNumbers: number,
  listOrganizationNumbers: number,
  listApiKeys: key,
  listOrganizationApiKeys: key,
  listPortalSessions: session,
  listOrganizationPortalSessions: session,
  listAudit: entry,
  listOrganizationAudit: entry,
  listOrganizations: () => newOrganization(),
  listPlatformKeys: () => post("/admin/keys", { kind: "edge" }),
  listRates: () => put(`/admin/rates/rate_${made}`, { ...rate, effective_from: effective() }),
  listOrganizationRates: ({ id }) =>
    put(`/admin/organizations/${id}/rates/rate_${made}`, { ...rate, effective_from: effective() }),
  listParkedCalls: parked,
  listNodeCalls: (of) => authorize(of, `live-${made++}`, { node: "edge-1" }),
  listWebhookEndpoints: endpoint,
  listOperatorWebhookEndpoints: operatorEndpoint,
  listWebhookDeliveries: delivery("", ({ key }) => key),
  listOperatorWebhookDeliveries: delivery("/admin", () => admin),
};

/** A value of each filter that is another one than none. */
const FILTERS: Record<string, () => string> = {
  user_id: () => "somebody",
  key_id: () => "key_01k9z3v8qhe1w9m4c7d2x5n6tp",
  status: () => "ended",
  state: () => "failed",
  endpoint_id: () => "whe_01k9z3v8qhe1w9m4c7d2x5n6tp",
  organization_id: () => other.id,
  actor_id: () => "stripe",
  external_id: () => "nobody-has-this",
  action: () => "adjustment.post",
  outcome: () => "done",
  node: () => "edge-2",
};

async function post(path: string, body: unknown, with_key = admin): Promise<Json> {
  const answer = await api("POST", `/api/v1${path}`, { key: with_key, body });
  if (answer.status >= 300) throw new Error(`${path} answered ${JSON.stringify(answer.body)}`);
  return answer.body;
}

async function get(path: string, with_key: string): Promise<Json> {
  return (await api("GET", `/api/v1${path}`, { key: with_key })).body;
}

function requestOf({ operationId, security }: Operation, of: TestOrganization): Sample & { query: Json } {
  const [scheme] = security.flatMap(Object.keys);
  const keys = { organizationKey: of.key, edgeKey: of.edge_key, adminKey: admin } as Json;
  const query: Json = operationId === "listNodeCalls" ? { node: "edge-1", organization_id: of.id } : {};
  return { key: keys[scheme ?? ""], params: { organization_id: of.id }, query };
}

/** A page, with what names each of its rows. */
async function pageOf(operation: Operation, query: Json, of = organization) {
  clock.pass(1_000);
  const request = requestOf(operation, of);
  const { status, body } = await send(operation, { ...request, query: { ...request.query, ...query } });
  const rows: Json[] = body[rowsIn(operation) ?? ""] ?? [];
  return { status, body, ids: rows.map((row) => JSON.stringify(nameOf(row))) };
}

function nameOf(row: Json): Json {
  if (row.event_id) return [row.event_id, row.endpoint_id];
  return row.id ?? row.call_id ?? row.number ?? [row.name, row.effective_from];
}

async function fill(operation: Operation, count: number, of = organization): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    clock.pass(n === 0 ? 60_000 : 1);
    await ADD[operation.operationId]?.(of);
  }
}

beforeAll(async () => {
  admin = await adminKey();
  organization = await newOrganization(100_000_000);
  other = await newOrganization(100_000_000);
  for (const of of [organization, other]) {
    await api("PUT", "/api/v1/billing_profile", { key: of.key, body: AMSTERDAM });
    await bought(stripe, of);
    await call(of, "first", 1_000, { letTimePass: clock.pass });
    await until("the copy of the call to the records", async () => {
      const asked = env.DB.prepare("SELECT 1 FROM calls WHERE organization_id = ?").bind(of.id);
      return (await asked.first()) !== null;
    });
  }
}, 60_000);

test("every list of the document is looked at here", () => {
  const ids = LISTS.map(({ operationId }) => operationId);
  expect(ids.toSorted()).toEqual([...Object.keys(ADD), ...OF_CALLS].toSorted());
  for (const { operationId, parameters, responses } of LISTS) {
    if (OF_CALLS.includes(operationId)) continue;
    const schema = contract.resolve(responses[200]?.content?.["application/json"]?.schema ?? {});
    expect([operationId, schema.required]).toEqual([operationId, expect.arrayContaining(["next_cursor"])]);
    const names = parameters?.map(({ name }) => name);
    expect([operationId, names]).toEqual([operationId, expect.arrayContaining(["limit", "cursor"])]);
  }
});

describe.each(
  LISTS.filter(({ operationId }) => !OF_CALLS.includes(operationId)).map(
    (operation) => [operation.operationId, operation] as const,
  ),
)("%s", (_, operation) => {
  let first: Awaited<ReturnType<typeof pageOf>>;
  beforeAll(async () => {
    await fill(operation, 4);
    await fill(operation, 4, other);
    first = await pageOf(operation, { limit: "2" });
  });

  test("pages with rows that come in between repeat and miss nothing, and end", async () => {
    const before = await pageOf(operation, {});
    expect(before.ids.length).toBeGreaterThanOrEqual(4);
    expect(new Set(before.ids).size).toBe(before.ids.length);
    const seen: string[] = [];
    let next: string | null | undefined;
    while (next !== null) {
      const page = await pageOf(operation, { limit: "2", ...(next && { cursor: next }) });
      expect([page.status, page.ids.length <= 2]).toEqual([200, true]);
      if ("has_more" in page.body) expect(page.body.has_more).toBe(page.body.next_cursor !== null);
      if (next === undefined) await fill(operation, 1);
      seen.push(...page.ids);
      next = page.body.next_cursor;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((id) => before.ids.includes(id))).toEqual(before.ids);
  });

  test("a page of another size goes on at the same place", async () => {
    const [again, rest, all] = [
      await pageOf(operation, { limit: "2" }),
      await pageOf(operation, { limit: "3", cursor: first.body.next_cursor }),
      await pageOf(operation, {}),
    ];
    const at = all.ids.indexOf(first.ids[1] ?? "");
    expect(rest.ids).toEqual(all.ids.slice(at + 1, at + 4));
    expect(again.ids).toEqual(all.ids.slice(0, 2));
  });

  test.each(["0", "-1", "1.5", "x", ""])("a limit of %j is refused", async (limit) => {
    expect(await pageOf(operation, { limit })).toMatchObject({
      status: 400,
      body: { error: { param: "limit" } },
    });
  });

  test("a limit above the highest is refused", async () => {
    const stated = operation.parameters?.find(({ name }) => name === "limit");
    const highest = Number(stated?.schema.maximum);
    expect((await pageOf(operation, { limit: String(highest) })).status).toBe(200);
    expect(await pageOf(operation, { limit: String(highest + 1) })).toMatchObject({
      status: 400,
      body: { error: { param: "limit" } },
    });
  });

  test("a cursor that is no one's, or of another list, organization or filter is refused", async () => {
    const cursor: string = first.body.next_cursor;
    const refused = { status: 400, body: { error: { code: "invalid_request", param: "cursor" } } };
    const end = cursor.endsWith("0") ? "1" : "0";
    for (const wrong of [
      "",
      "x",
      "3",
      cursor.slice(1),
      `x${cursor}`,
      cursor.slice(0, -1) + end,
      cursor + end,
    ])
      expect([wrong, await pageOf(operation, { cursor: wrong })]).toMatchObject([wrong, refused]);
    const is_of_one = operation.path.includes("{") || !operation.path.includes("/admin/");
    if (is_of_one) expect(await pageOf(operation, { cursor }, other)).toMatchObject(refused);
    for (const list of LISTS)
      if (list !== operation && !OF_CALLS.includes(list.operationId))
        expect([list.operationId, await pageOf(list, { cursor })]).toMatchObject([list.operationId, refused]);
    for (const { name, in: place } of operation.parameters ?? []) {
      if (place !== "query" || name === "limit" || name === "cursor") continue;
      const value = FILTERS[name]?.();
      if (value === undefined) throw new Error(`Give the filter ${name} a value.`);
      expect([name, await pageOf(operation, { [name]: value, cursor })]).toMatchObject([name, refused]);
    }
  });
});
