import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { ask, newOrganization, type TestOrganization } from "../support/api/organizations";
import { stopClock } from "../support/clock";

const clock = stopClock();

async function newKey(organization: TestOrganization, body: object) {
  const answer = await ask(organization, "POST", "/api_keys", { body: { label: "test", ...body } });
  return answer.body;
}

describe("an organization's API keys", () => {
  it("are shown once and listed without their secret", async () => {
    const organization = await newOrganization();
    const made = await newKey(organization, { scopes: ["read"] });
    expect(made.key).toMatch(/^rf_live_/);
    const { body } = await ask(organization, "GET", "/api_keys");
    const { key, ...rest } = made;
    expect(body.api_keys).toContainEqual(rest);
    expect(JSON.stringify(body)).not.toContain(key);
  });

  it("can do what their scopes say and nothing else", async () => {
    const organization = await newOrganization();
    const { key } = await newKey(organization, { scopes: ["read"] });
    expect((await ask(organization, "GET", "/account", { key })).status).toBe(200);
    const refused = await ask(organization, "GET", "/api_keys", { key });
    expect(refused).toMatchObject({ status: 403, body: { error: { code: "forbidden" } } });
  });

  it("stop working at once when they are revoked", async () => {
    const organization = await newOrganization();
    const { id, key } = await newKey(organization, { scopes: ["read"] });
    expect((await ask(organization, "DELETE", `/api_keys/${id}`)).status).toBe(204);
    expect((await ask(organization, "DELETE", `/api_keys/${id}`)).status).toBe(204);
    const refused = await ask(organization, "GET", "/account", { key });
    expect(refused).toMatchObject({ status: 401, body: { error: { code: "api_key_revoked" } } });
    expect(refused.headers.get("WWW-Authenticate")).toBe("Bearer");
  });

  it("stop working when they expire", async () => {
    const organization = await newOrganization();
    const expires_at = new Date(Date.now() + 60_000).toISOString();
    const { key } = await newKey(organization, { scopes: ["read"], expires_at });
    expect((await ask(organization, "GET", "/account", { key })).status).toBe(200);
    clock.pass(60_000);
    const refused = await ask(organization, "GET", "/account", { key });
    expect(refused).toMatchObject({ status: 401, body: { error: { code: "api_key_expired" } } });
  });

  it("are at most 100", async () => {
    const organization = await newOrganization();
    for (let made = 1; made < 100; made++) {
      await newKey(organization, { scopes: ["read"] });
      clock.pass(1_000);
    }
    const refused = await ask(organization, "POST", "/api_keys", {
      body: { label: "one more", scopes: ["read"] },
    });
    expect(refused).toMatchObject({ status: 422, body: { error: { code: "unprocessable" } } });
  });
});

describe("requests of one key", () => {
  it("are limited to 100 a minute, and every answer says how many are left", async () => {
    clock.set("2032-01-01T00:00:10.000Z");
    const organization = await newOrganization();
    const reset = String(Date.parse("2032-01-01T00:01:00.000Z") / 1_000);
    for (let left = 99; left >= 0; left--) {
      const path = left % 2 ? "/account" : "/usage?limit=none";
      const { status, headers } = await ask(organization, "GET", path);
      expect(status).toBe(left % 2 ? 200 : 400);
      expect(headers.get("X-RateLimit-Limit")).toBe("100");
      expect(headers.get("X-RateLimit-Remaining")).toBe(String(left));
      expect(headers.get("X-RateLimit-Reset")).toBe(reset);
    }
    const refused = await ask(organization, "GET", "/account");
    expect(refused).toMatchObject({ status: 429, body: { error: { code: "rate_limit_exceeded" } } });
    expect(refused.headers.get("Retry-After")).toBe("50");
    expect(refused.headers.get("X-RateLimit-Remaining")).toBe("0");
    clock.pass(50_000);
    expect((await ask(organization, "GET", "/account")).status).toBe(200);
  });

  it("are counted for each key apart", async () => {
    const organization = await newOrganization();
    const { key } = await newKey(organization, { scopes: ["read"] });
    const { headers } = await ask(organization, "GET", "/account", { key });
    expect(headers.get("X-RateLimit-Remaining")).toBe("99");
  });
});

describe("the last use of a key", () => {
  it("is noted to the hour, and for the key that was used only", async () => {
    const organization = await newOrganization();
    const { id, key } = await newKey(organization, { scopes: ["read"] });
    const lastUse = async () => {
      const { body } = await ask(organization, "GET", "/api_keys");
      return body.api_keys.find((each: { id: string }) => each.id === id).last_used_at;
    };
    expect(await lastUse()).toBeNull();
    const began_at = new Date().toISOString();
    await ask(organization, "GET", "/account", { key });
    expect(await lastUse()).toBe(began_at);
    clock.pass(59 * 60_000);
    await ask(organization, "GET", "/account", { key });
    expect(await lastUse()).toBe(began_at);
    clock.pass(60_000);
    await ask(organization, "GET", "/account", { key });
    expect(await lastUse()).toBe(new Date().toISOString());
  });

  it("is not noted when the key is refused", async () => {
    const organization = await newOrganization();
    const { id, key } = await newKey(organization, { scopes: ["read"] });
    expect((await ask(organization, "GET", "/api_keys", { key })).status).toBe(403);
    const { body } = await ask(organization, "GET", "/api_keys");
    expect(body.api_keys.find((each: { id: string }) => each.id === id).last_used_at).toBeNull();
  });
});

describe("D1 away", () => {
  it("leaves the account, and says that the records cannot be read", async () => {
    const organization = await newOrganization(35_000_000);
    const DB = new Proxy(env.DB, {
      get() {
        throw new Error("D1_ERROR: away");
      },
    });
    const account = await ask(organization, "GET", "/account", { bindings: { DB } });
    expect(account.body.minutes_balance).toBe(500);
    for (const path of ["/usage", "/calls", "/usage?format=csv"]) {
      const { status, body } = await ask(organization, "GET", path, { bindings: { DB } });
      expect({ status, code: body.error.code }).toEqual({ status: 503, code: "records_unavailable" });
    }
    expect((await ask(organization, "GET", "/calls?status=connecting", { bindings: { DB } })).status).toBe(
      200,
    );
  });
});
