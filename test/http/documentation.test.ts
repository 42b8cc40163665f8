import { exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";

const get = (path: string) => exports.default.fetch(`https://ringfence.test${path}`);

describe("the OpenAPI document", () => {
  it("is served", async () => {
    const response = await get("/api/openapi.json");
    const text = await response.text();
    console.log(response.status, text.slice(0, 3000));
    expect(response.status).toBe(200);
  });
  it("docs", async () => {
    const response = await get("/api/docs");
    const text = await response.text();
    console.log(response.status, text.slice(0, 1500));
    expect(response.status).toBe(200);
  });
});
