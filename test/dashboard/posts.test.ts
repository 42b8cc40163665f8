import { exports } from "cloudflare:workers";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { dashboard } from "../../src/dashboard/app";
import type { Json } from "../support/api/api";
import {
  everythingOf,
  type FullOrganization,
  fullOrganization,
  type Post,
  postsOf,
  send,
} from "../support/dashboard/posts";
import { ORIGIN, type Visitor, visitor } from "../support/dashboard/visitor";
import { standInStripeForFile } from "../support/purchases/stripe";

const stripe = standInStripeForFile();

let organization: FullOrganization;
let owner: Visitor;
let posts: Post[];
let before: Json;

beforeAll(async () => {
  organization = await fullOrganization(stripe);
  owner = await visitor(organization);
  posts = postsOf(organization);
  before = await everythingOf(organization);
});

/** What may be asked in one session in ten seconds is less than all that is tried here. */
const POSTS_A_SESSION = 8;

async function* postsOneByOne(): AsyncGenerator<Post> {
  for (const [at, post] of posts.entries()) {
    if (at % POSTS_A_SESSION === 0) owner = await visitor(organization);
    yield post;
  }
}

/** All but what was asked for: that is written down before it is known whether it can be. */
function withoutAudit({ audit: _, ...everything }: Json): Json {
  return everything;
}

async function expectNothingChanged(): Promise<void> {
  expect(withoutAudit(await everythingOf(organization))).toEqual(withoutAudit(before));
}

test("everything that can be done at the dashboard is tried here", () => {
  const routes = dashboard.routes.filter(({ method }) => !["GET", "ALL"].includes(method));
  expect(new Set(routes.map(({ method, path }) => `${method} ${path}`))).toEqual(
    new Set(posts.map(({ route }) => `POST ${route}`)),
  );
});

test("a viewer may do nothing but choose a language and leave", async () => {
  const viewer = await visitor(organization, "viewer");
  for (const post of posts) {
    if (post.permission === null) continue;
    const answer = await send(viewer, post);
    expect([post.path, answer.status]).toEqual([post.path, 403]);
    expect(await answer.text()).toContain("Your role does not allow this");
  }
  expect(await everythingOf(organization)).toEqual(before);
});

test("whoever does the billing may not touch keys and endpoints", async () => {
  const billing = await visitor(organization, "billing");
  for (const post of posts) {
    if (post.permission !== "own") continue;
    expect([post.path, (await send(billing, post)).status]).toEqual([post.path, 403]);
  }
  expect(await everythingOf(organization)).toEqual(before);
});

test("nobody may do anything without a session", async () => {
  for (const post of posts) {
    const answer = await exports.default.fetch(`${ORIGIN}${post.path}`, {
      ...{ method: "POST", redirect: "manual", headers: { Origin: ORIGIN } },
      body: new URLSearchParams(post.fields),
    });
    expect([post.path, answer.status]).toEqual([post.path, 401]);
  }
  expect(await everythingOf(organization)).toEqual(before);
});

test("a form of another site does nothing", async () => {
  for await (const post of postsOneByOne()) {
    for (const Origin of [
      "https://evil.example",
      "http://ringfence.test",
      "null",
      `${ORIGIN}.evil.example`,
    ]) {
      const answer = await owner.post(post.path, post.fields, { Origin });
      expect([post.path, answer.status]).toEqual([post.path, 403]);
    }
  }
  expect(await everythingOf(organization)).toEqual(before);
});

test("what is larger than any form does nothing, said or not said beforehand", async () => {
  const much = "x".repeat(32 * 1_024);
  for await (const post of postsOneByOne()) {
    const answer = await send(owner, post, { junk: much });
    expect([post.path, answer.status]).toEqual([post.path, 413]);
    expect(await answer.text()).toContain("That is too much text");
    const streamed = await exports.default.fetch(`${ORIGIN}${post.path}`, {
      method: "POST",
      redirect: "manual",
      headers: { Cookie: owner.cookie, Origin: ORIGIN, "Content-Type": "application/x-www-form-urlencoded" },
      body: new Response(`junk=${much}`).body,
    });
    expect([post.path, streamed.status]).toEqual([post.path, 413]);
  }
  expect(await everythingOf(organization)).toEqual(before);
});

describe("a form that is not as it was made", () => {
  const bad: [what: string, spoil: (value: string) => string][] = [
    ["with a NUL in it", (value) => `${value.slice(0, 1)}\u0000${value.slice(1)}`],
    ["with a control character in it", (value) => `${value}\u0007.`],
    ["with text that runs backwards", (value) => `\u202e${value}`],
    ["over two lines", (value) => `${value}\r\n${value}`],
    ["very long", (value) => value.padEnd(20_000, "9")],
    ["the name of something built in", () => "__proto__"],
    ["the name of a method", () => "constructor"],
    ["a formula", () => "=1+1"],
  ];
  /** What anything may stand in, because it is text for people. */
  const FREE = new Set(["company_name", "line1", "line2", "city", "region", "description", "label"]);
  const MAY_BE_MISSING = new Set(["line2", "region", "vat_id", "email", "description", "expires"]);
  /** Of these any value is read, and shown as what it is. */
  const READ_AS_IT_IS = new Set(["postal_code", "vat_id", "request_key"]);
  /** They may be there several times. */
  const SEVERAL = new Set(["scopes", "events"]);

  test.each(bad)("%s does nothing, and is told so", async (what, spoil) => {
    const is_text = /^(the name|a formula)/.test(what);
    for await (const post of postsOneByOne()) {
      for (const name of post.checked) {
        if (what === "over two lines" && SEVERAL.has(name)) continue;
        if (is_text && (FREE.has(name) || READ_AS_IT_IS.has(name))) continue;
        const answer = await send(owner, post, { [name]: spoil(post.fields[name] ?? "") });
        expect([post.path, name, answer.status]).toEqual([post.path, name, expect.toSatisfy(isRefusal)]);
      }
    }
    await expectNothingChanged();
  });

  test("that lacks a field does nothing", async () => {
    for await (const post of postsOneByOne()) {
      for (const name of post.checked) {
        if (MAY_BE_MISSING.has(name)) continue;
        const { [name]: _, ...fields } = post.fields;
        const answer = await owner.post(post.path, fields);
        expect([post.path, name, answer.status]).toEqual([post.path, name, expect.toSatisfy(isRefusal)]);
      }
    }
    await expectNothingChanged();
  });

  test("that has a field twice does nothing", async () => {
    for await (const post of postsOneByOne()) {
      for (const name of post.checked) {
        if (SEVERAL.has(name)) continue;
        const value = post.fields[name] ?? "";
        const answer = await owner.post(post.path, [...Object.entries(post.fields), [name, value]]);
        expect([post.path, name, answer.status]).toEqual([post.path, name, expect.toSatisfy(isRefusal)]);
      }
    }
    await expectNothingChanged();
  });

  test("that is no form at all does nothing", async () => {
    const bodies: [type: string, body: BodyInit][] = [
      ["application/x-www-form-urlencoded", "%%%=%ff&&&=;\u0000"],
      ["application/x-www-form-urlencoded", new Uint8Array([0xff, 0xfe, 0x3d, 0x00, 0x80])],
      ["application/json", '{"amount":"50"}'],
      ["multipart/form-data; boundary=x", "--x"],
    ];
    for await (const post of postsOneByOne()) {
      if (post.checked.length === 0) continue;
      for (const [type, body] of bodies) {
        const answer = await exports.default.fetch(`${ORIGIN}${post.path}`, {
          ...{ method: "POST", redirect: "manual", body },
          headers: { Cookie: owner.cookie, Origin: ORIGIN, "Content-Type": type },
        });
        expect([post.path, type, answer.status]).toEqual([post.path, type, expect.toSatisfy(isRefusal)]);
      }
    }
    await expectNothingChanged();
  });

  /** A page that says what is wrong, or the page of what is gone already. */
  function isRefusal(status: number): boolean {
    return status === 303 || (status >= 400 && status < 500 && status !== 429);
  }
});

test("an address that forms are sent to leads to its page when it is only looked at", async () => {
  for await (const { path } of postsOneByOne()) {
    const answer = await owner.get(path);
    if (answer.status === 200) continue;
    expect([path, answer.status]).toEqual([path, 303]);
    const led = await owner.get(answer.headers.get("Location") ?? "");
    expect([path, led.status]).toEqual([path, 200]);
  }
  await expectNothingChanged();
});

test("every form that was tried here is one that does something as it is", async () => {
  const real = globalThis.fetch;
  globalThis.fetch = async (input, init) =>
    new Request(input, init).url.startsWith("https://hooks.example.com/")
      ? new Response(null, { status: 204 })
      : real(input, init);
  onTestFinished(() => {
    globalThis.fetch = real;
  });
  const [last_but_one, last] = [posts.at(-2), posts.at(-1)];
  expect([last_but_one?.path, last?.path]).toEqual(["/billing/language", "/billing/sign-out"]);
  for await (const post of postsOneByOne()) {
    if (post.path.endsWith("/resend")) continue;
    const answer = await send(owner, post);
    expect([post.path, answer.status]).toEqual([post.path, expect.toSatisfy((status) => status < 400)]);
  }
  const after = await everythingOf(organization);
  const unchanged = Object.keys(before).filter(
    (name) => JSON.stringify(after[name]) === JSON.stringify(before[name]),
  );
  // What was sent to the endpoint has gone with it.
  expect(unchanged).toEqual(["deliveries"]);
});
