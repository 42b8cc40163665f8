import { exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { ERRORS } from "../../../src/http/errors";
import { theContract } from "../../support/api/api";

const get = (path: string) => exports.default.fetch(`https://ringfence.test${path}`);

describe("the OpenAPI document", () => {
  it("describes every operation: summary, tag, key and answers", async () => {
    const { operations } = await theContract();
    expect(operations.length).toBeGreaterThan(30);
    for (const { operationId, summary, tags, security, responses } of operations) {
      expect({ operationId, summary, tags, security, responses }).toEqual({
        operationId: expect.stringMatching(/^[a-z]+[A-Za-z]+$/),
        summary: expect.stringMatching(/.+/),
        tags: [expect.stringMatching(/^(Account|Buying credit|Events|Calls|Edge|Admin|Service)$/)],
        security: expect.any(Array),
        responses: expect.any(Object),
      });
    }
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
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

  it("is held to: an answer of another shape is noticed", async () => {
    const contract = await theContract();
    const schema = { $ref: "#/components/schemas/Pagination" };
    expect(contract.difference(schema, { total: 1, limit: 1, offset: 0 })).toBeNull();
    expect(contract.difference(schema, { total: 1, limit: 1 })).not.toBeNull();
    expect(contract.difference(schema, { total: 1, limit: 1, offset: 0, extra: 1 })).not.toBeNull();
    expect(contract.difference(schema, { total: 1.5, limit: 1, offset: 0 })).not.toBeNull();
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
