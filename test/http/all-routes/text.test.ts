import { exports } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { returnUrl } from "../../../src/http/purchases/schema";
import { api } from "../../support/api/api";
import {
  adminKey,
  ask,
  newOrganization,
  newPlatformKey,
  type TestOrganization,
} from "../../support/api/organizations";
import { ORIGIN, open, visitor } from "../../support/dashboard/visitor";

let edge_key: string;
beforeAll(async () => {
  edge_key = await newPlatformKey("edge");
});

const utf8 = (text: string) => new TextEncoder().encode(text);

/** The text as bytes, with a byte that no text in UTF-8 has for each `¿`. */
function spoiled(text: string): Uint8Array<ArrayBuffer> {
  const bytes = [...text].flatMap((character) => (character === "¿" ? [0xff] : [...utf8(character)]));
  return new Uint8Array(bytes);
}

const call = ({ id }: TestOrganization, call_id: string) =>
  `"call_id":"${call_id}","organization_id":"${id}","direction":"outbound","from":"+31201234567","to":"+31207654321"`;

const authorize = (raw: BodyInit) => api("POST", "/api/v1/edge/calls/authorize", { key: edge_key, raw });

const liveCalls = async (organization: TestOrganization) =>
  (await ask(organization, "GET", "/account")).body.active_calls;

describe("a body that could be read in two ways is refused, and nothing is done:", () => {
  test.each([
    ["bytes that are not UTF-8", "call-¿", "call_id"],
    ["half of a character", "call-\\ud800", "call_id"],
    ["half of a character, the other half", "call-\\udc00\\ud83d", "call_id"],
    ["an escape that a byte broke", "call-\\¿", undefined],
    ["a name given twice", 'call","call_id":"other', "call_id"],
    ["a name given twice, once with escapes", 'call","c\\u0061ll_id":"other', "call_id"],
  ])("%s", async (_, call_id, param) => {
    const organization = await newOrganization(1_000_000);
    const { status, body } = await authorize(spoiled(`{${call(organization, call_id)}}`));
    expect({ status, param: body.error.param }).toEqual({ status: 400, param });
    expect(await liveCalls(organization)).toBe(0);
  });

  test("whatever its length is said to be", async () => {
    const organization = await newOrganization(1_000_000);
    const raw = new Response(spoiled(`{${call(organization, "call-¿")}}`)).body?.pipeThrough(
      new TransformStream(),
    );
    if (!raw) throw new Error("There is no body.");
    expect(await authorize(raw)).toMatchObject({ status: 400, body: { error: { param: "call_id" } } });
  });

  test("at any depth", async () => {
    const organization = await newOrganization(1_000_000);
    const byok = `"rate":"voice","byok":["stt"],"byok":[]`;
    expect(await authorize(`{${call(organization, "a")},${byok}}`)).toMatchObject({
      status: 400,
      body: { error: { param: "byok" } },
    });
    const nested = `{"operations":[{"op":"void","call_id":"a","call_id":"b"}]}`;
    expect(await api("POST", "/api/v1/edge/operations", { key: edge_key, raw: nested })).toMatchObject({
      status: 400,
      body: { error: { param: "operations.0.call_id" } },
    });
  });
});

test("what a caller sends of himself spoils one operation of a batch, not the others", async () => {
  const organization = await newOrganization(1_000_000);
  const operation = (call_id: string) => `{"op":"authorize",${call(organization, call_id)}}`;
  const raw = spoiled(`{"operations":[${["a", "b-¿", "c-\\ud800", "d"].map(operation).join(",")}]}`);
  const { status, body } = await api("POST", "/api/v1/edge/operations", { key: edge_key, raw });
  expect(status).toBe(200);
  expect(body.results.map((result: { status: number }) => result.status)).toEqual([200, 400, 400, 200]);
  expect(body.results[1].body.error.param).toBe("call_id");
});

test("characters of every script and emoji are texts like others", async () => {
  const organization = await newOrganization(1_000_000);
  for (const call_id of ["zażółć-𝔘-😀", "\\ud83d\\ude00", "\ufffd"])
    expect((await authorize(`{${call(organization, call_id)}}`)).status).toBe(200);
  expect(await liveCalls(organization)).toBe(3);
});

test("an address that is not percent-encoded UTF-8 leads nowhere", async () => {
  const organization = await newOrganization(1_000_000);
  await authorize(`{${call(organization, "%ff")}}`);
  for (const path of ["/calls/%ff", "/calls/%", "/calls/%2", "/calls/%ff%fe", "/calls?from=%c3%28"])
    expect([path, (await ask(organization, "GET", path)).status]).toEqual([path, 400]);
  expect((await ask(organization, "GET", "/calls/%25ff")).status).toBe(200);
  const end = await api("POST", "/api/v1/edge/calls/%ff/void", {
    key: edge_key,
    body: { organization_id: organization.id },
  });
  expect(end.status).toBe(400);
  expect(await liveCalls(organization)).toBe(1);
  expect((await open(`${ORIGIN}/billing/enter/%ff`)).status).toBe(404);
});

test("a form that no browser of ours sends changes nothing", async () => {
  const browser = await visitor(await newOrganization());
  for (const body of [
    spoiled("key=minutes%3A60&x=¿"),
    utf8("key=minutes%3A60&x=%ff"),
    utf8("key=minutes%3A60&%"),
  ]) {
    const headers = {
      Cookie: browser.cookie,
      Origin: ORIGIN,
      "Content-Type": "application/x-www-form-urlencoded",
    };
    const sent = await exports.default.fetch(`${ORIGIN}/billing/alerts/remove`, {
      method: "POST",
      headers,
      body,
    });
    expect(sent.status).toBe(400);
  }
  expect(await browser.page("/billing/alerts")).toContain("60 minutes of calls");
});

describe("a URL with what parsers drop is", () => {
  const SPELLINGS = [
    "https://exa\tmple.com/hook",
    "https://example.com/\r\nhook",
    " https://example.com/hook\n",
  ];

  test.each(SPELLINGS)("refused where events are to be sent: %j", async (url) => {
    const organization = await newOrganization();
    const path = "/webhook_endpoints";
    expect(await ask(organization, "POST", path, { body: { url } })).toMatchObject({
      status: 422,
      body: { error: { param: "url" } },
    });
    const made = await ask(organization, "POST", path, { body: { url: "https://example.com/hook" } });
    const changed = await ask(organization, "PATCH", `${path}/${made.body.id}`, { body: { url } });
    expect(changed.status).toBe(422);
    const asked = await api("POST", "/api/v1/admin/webhook_endpoints", {
      key: await adminKey(),
      body: { url },
    });
    expect(asked.status).toBe(422);
  });

  test.each(SPELLINGS)("kept as it is read where browsers are sent back to: %j", (url) => {
    expect(returnUrl.parse(url)).toBe("https://example.com/hook");
  });
});
