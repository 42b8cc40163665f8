import { exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { ERRORS } from "../../../src/http/errors";
import { type Json, theContract } from "../../support/api/api";

const MOST_BYTES = 350_000;

/** Its 402 and 403 are what the node does with the call. */
const OF_A_CALL_REFUSED = ["authorizeCall"];

/** What organizations have at that path is an account as the published client reads it. */
const NOT_A_PAIR = "listOrganizations";

/** How operationIds begin, by method. */
const VERBS: Record<string, RegExp> = {
  GET: /^(list|get|verify|returnFrom)[A-Z]/,
  POST: /^(?!list|get|put|change|delete)[a-z]+[A-Z]/,
  PUT: /^(put|move)[A-Z]/,
  PATCH: /^change[A-Z]/,
  DELETE: /^(delete|revoke|end|remove|free)[A-Z]/,
};

/** Where operators ask for what organizations ask for by themselves, and what the names of that have more. */
const PREFIXES: [prefix: string, whose: string][] = [
  ["/api/v1/admin/organizations/{organization_id}/", "Organization"],
  ["/api/v1/admin/", "Operator"],
];

const get = (path: string) => exports.default.fetch(`https://ringfence.test${path}`);

describe("the OpenAPI document", () => {
  it("describes every operation: summary, description, tag, key and answers", async () => {
    const { operations } = await theContract();
    expect(operations.length).toBeGreaterThan(30);
    for (const { operationId, summary, description, tags, security, responses } of operations) {
      expect({ operationId, summary, description, tags, security, responses }).toEqual({
        operationId: expect.stringMatching(/^[a-z]+[A-Za-z]+$/),
        summary: expect.stringMatching(/.+/),
        description: expect.stringMatching(/.+/),
        tags: [expect.stringMatching(/^(Account|Buying credit|Events|Calls|Edge|Admin|Service)$/)],
        security: expect.any(Array),
        responses: expect.any(Object),
      });
    }
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it(`is smaller than ${MOST_BYTES} bytes`, async () => {
    const { byteLength } = await (await get("/api/openapi.json")).arrayBuffer();
    expect(byteLength).toBeLessThan(MOST_BYTES);
  });

  it("says what each error may be by names: no answer of one stands in an operation itself", async () => {
    const document = await (await get("/api/openapi.json")).json<Json>();
    for (const methods of Object.values<Json>(document.paths))
      for (const { operationId, responses } of Object.values<Json>(methods))
        for (const [status, answer] of Object.entries<Json>(responses)) {
          if (status < "400" || OF_A_CALL_REFUSED.includes(operationId)) continue;
          expect([operationId, status, answer]).toEqual([operationId, status, { $ref: expect.any(String) }]);
        }
    expect(document.components.schemas.ErrorCode.enum.sort()).toEqual(Object.keys(ERRORS).sort());
  });

  it("refers to nothing that it does not have", async () => {
    const text = await (await get("/api/openapi.json")).text();
    const document = JSON.parse(text);
    const names = new Set([...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name));
    expect(names.size).toBeGreaterThan(10);
    expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining([...names]));
    expect(document.openapi).toBe("3.1.0");
  });

  it("has examples that fulfil their own schemas", async () => {
    const document = await (await get("/api/openapi.json")).json<{ components: { schemas: object } }>();
    const contract = await theContract();
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      for (const example of schema.examples ?? [])
        expect([name, contract.difference(schema, example)]).toEqual([name, null]);
    }
  });

  it("has an example of every body that is asked for, which fulfils its schema", async () => {
    const contract = await theContract();
    const with_body = contract.operations.filter(
      ({ requestBody }) => requestBody?.content["application/json"],
    );
    expect(with_body.length).toBeGreaterThan(30);
    for (const operation of with_body) {
      const { operationId, requestBody } = operation;
      const examples = contract.examplesOf(operation);
      expect([operationId, examples.length]).not.toEqual([operationId, 0]);
      const schema = requestBody?.content["application/json"].schema ?? {};
      for (const [name, example] of examples)
        expect([operationId, name, contract.difference(schema, example)]).toEqual([operationId, name, null]);
    }
  });

  it("is held to: an event of another shape is noticed", async () => {
    const contract = await theContract();
    const event = {
      id: "evt_01k9z3v8qhe1w9m4c7d2x5n6tp",
      type: "webhook.test",
      body_version: 1,
      version: 1,
      timestamp: "2026-11-23T09:41:00.000Z",
      data: { message: "It works." },
    };
    expect(contract.eventDifference(event)).toBeNull();
    expect(contract.eventDifference({ ...event, extra: 1 } as typeof event)).not.toBeNull();
    expect(contract.eventDifference({ ...event, type: "balance.low" })).not.toBeNull();
    const { timestamp: _, ...without } = event;
    expect(contract.eventDifference(without)).not.toBeNull();
  });

  it("is held to: an answer of another shape is noticed", async () => {
    const contract = await theContract();
    const schema = { $ref: "#/components/schemas/Pagination" };
    expect(contract.difference(schema, { total: 1, limit: 1, offset: 0 })).toBeNull();
    expect(contract.difference(schema, { total: 1, limit: 1 })).not.toBeNull();
    expect(contract.difference(schema, { total: 1, limit: 1, offset: 0, extra: 1 })).not.toBeNull();
    expect(contract.difference(schema, { total: 1.5, limit: 1, offset: 0 })).not.toBeNull();
  });
});

describe("names in the document", () => {
  it("of operations begin with what their method does", async () => {
    const { operations } = await theContract();
    const wrong = operations.filter(({ method, operationId }) => !VERBS[method]?.test(operationId));
    expect(wrong.map(({ operationId }) => operationId)).toEqual([]);
  });

  it("of an operator's operation on one organization are those of the organization's own, with its name in them", async () => {
    const { operations } = await theContract();
    const byRoute = new Map(
      operations.map(({ method, path, operationId }) => [`${method} ${path}`, operationId]),
    );
    const pairs = operations.flatMap(({ method, path, operationId }) => {
      const [own] = PREFIXES.filter(([prefix]) => path.startsWith(prefix)).map(([prefix, whose]) => {
        const route = `${method} ${path.replace(prefix, "/api/v1/")}`;
        return { of_others: operationId.replace(whose, ""), own: byRoute.get(route) };
      });
      return own?.own && operationId !== NOT_A_PAIR ? [own] : [];
    });
    expect(pairs.length).toBeGreaterThan(15);
    for (const { of_others, own } of pairs) expect(of_others).toBe(own);
  });

  it("of places in paths and of parameters have one form, and a name in a path means one thing", async () => {
    const { operations } = await theContract();
    const meanings = new Map<string, string>();
    for (const { path, parameters = [] } of operations) {
      expect(path).toMatch(/^(\/([a-z0-9_]+|\{[a-z0-9_]+\}))+(\.csv)?$/);
      const in_path = parameters.filter((parameter) => parameter.in === "path");
      expect(in_path.map(({ name }) => name).sort()).toEqual(
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort(),
      );
      for (const { name, schema } of in_path) {
        const meaning = JSON.stringify(schema);
        expect([name, meanings.get(name) ?? meaning]).toEqual([name, meaning]);
        meanings.set(name, meaning);
      }
      for (const parameter of parameters.filter((each) => each.in === "query"))
        expect(parameter.name).toMatch(/^[a-z0-9_]+$/);
    }
  });
});

describe("the reference page", () => {
  it("shows every operation and every error", async () => {
    const page = await (await get("/api/docs")).text();
    for (const { operationId, path } of (await theContract()).operations) {
      expect(page).toContain(`id="${operationId}"`);
      expect(page).toContain(`<code>${path}</code>`);
    }
    for (const code of Object.keys(ERRORS)) expect(page).toContain(`<code>${code}</code>`);
    expect(page).not.toMatch(/undefined|\[object Object\]|NaN/);
  });

  it("needs nothing from anywhere else and runs no script", async () => {
    const response = await get("/api/docs");
    expect(response.headers.get("Content-Security-Policy")).toContain("default-src 'none'; style-src 'self'");
    const page = await response.text();
    expect(page).not.toMatch(/<script|style=|onclick|javascript:/i);
    const targets = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, target = ""]) => target);
    const anchors = targets.filter((target) => target.startsWith("#"));
    for (const anchor of anchors) expect(page).toContain(`id="${anchor.slice(1)}"`);
    const rest = new Set(targets.filter((target) => !target.startsWith("#")));
    expect(rest).toEqual(new Set(["/api/docs/style.css", "/api/openapi.json"]));
    for (const target of rest) expect((await get(target)).status).toBe(200);
  });
});
