import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { receiver } from "../stand-in/receiver";
import { ask, newOrganization, type TestOrganization } from "../support/api/organizations";
import {
  enteredIn,
  errorsOf,
  filledIn,
  formOf,
  linkOf,
  rowsOf,
  submit,
  textOf,
  wrongFieldsOf,
} from "../support/dashboard/html";
import { type Visitor, visitor } from "../support/dashboard/visitor";

const WEBHOOKS = "/billing/webhooks";
const URL_OF_IT = "https://hooks.customer.com/ringfence";
const SECRET = /whsec_[\w+/=-]+/;

let there: ReturnType<typeof receiver>;
/** What the receiver answers to what comes next. */
let answers: () => Response;

beforeEach(() => {
  answers = () => new Response(null, { status: 204 });
  there = receiver(URL_OF_IT, () => answers());
});
afterEach(() => there.hangUp());

interface Customer extends TestOrganization {
  browser: Visitor;
}

async function customer(): Promise<Customer> {
  const organization = await newOrganization(1_000_000);
  return { ...organization, browser: await visitor(organization) };
}

/** Makes an endpoint on the page. */
async function made({ browser }: Customer, changes: Record<string, string> = {}) {
  const answer = await submit(browser, WEBHOOKS, "Create endpoint", { url: URL_OF_IT, ...changes });
  const page = await answer.text();
  expect([answer.status, errorsOf(page)]).toEqual([200, {}]);
  return { page, secret: SECRET.exec(page)?.[0] ?? "", path: linkOf(page, URL_OF_IT) ?? "" };
}

/** Does what a button on an endpoint's page does, and shows the page that follows. */
async function press(browser: Visitor, path: string, button: string): Promise<string> {
  const answer = await submit(browser, path, button);
  return answer.status === 303 ? browser.page(answer.headers.get("Location") ?? "") : answer.text();
}

/** The deliveries of an endpoint's page: event, state, tries, last answer. */
async function deliveriesOf(browser: Visitor, path: string): Promise<string[][]> {
  return rowsOf(await browser.page(path)).map(([, ...cells]) => cells.slice(0, 4));
}

describe("an endpoint", () => {
  test("is made with its secret shown once", async () => {
    const one = await customer();
    const { page, secret, path } = await made(one, { description: "Alerts", events: "balance.low" });
    expect(secret).toMatch(SECRET);
    expect(page).toContain("Copy it now");
    expect(rowsOf(page)).toEqual([[URL_OF_IT, "Alerts", "1", "On"]]);
    for (const again of [WEBHOOKS, path]) expect(await one.browser.page(again)).not.toMatch(SECRET);
    expect((await ask(one, "GET", "/webhook_endpoints")).body.webhook_endpoints).toMatchObject([
      { url: URL_OF_IT, description: "Alerts", events: ["balance.low"] },
    ]);
  });

  test("of a form that is sent again, also at the same time, is one, and each answer shows its secret", async () => {
    const { browser, ...organization } = await customer();
    const form = formOf(await browser.page(WEBHOOKS), "Create endpoint");
    const fields = filledIn(form, { url: URL_OF_IT });
    const sent = await Promise.all([1, 2, 3].map(() => browser.post(WEBHOOKS, fields)));
    sent.push(await browser.post(WEBHOOKS, fields));
    expect(sent.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const pages = await Promise.all(sent.map((answer) => answer.text()));
    expect(new Set(pages.map((page) => SECRET.exec(page)?.[0])).size).toBe(1);
    expect(pages.filter((page) => SECRET.test(page))).toHaveLength(4);
    expect((await ask(organization, "GET", "/webhook_endpoints")).body.webhook_endpoints).toHaveLength(1);
  });

  const refused = [
    ...[
      "",
      "hooks",
      "http://hooks.customer.com/x",
      "https://127.0.0.1/x",
      "https://0x7f.1/",
      "https://localhost/",
    ],
    ...[
      "https://ringfence.test/x",
      "https://a.b.com:8443/",
      "https://user:pw@a.b.com/",
      "https://a.b.com/#x",
    ],
    ...["javascript:alert(1)", "https://a.b.com/\nhttps://c.d.com/", `https://a.b.com/${"x".repeat(2_048)}`],
  ];

  test.each(refused)("at the address %j is refused at the field, and what was typed stays", async (url) => {
    const one = await customer();
    const answer = await submit(one.browser, WEBHOOKS, "Create endpoint", { url, description: "Typed" });
    const page = await answer.text();
    expect([answer.status, wrongFieldsOf(page), Object.keys(errorsOf(page))]).toEqual([
      422,
      ["url"],
      ["url"],
    ]);
    expect(enteredIn(page, "description")).toBe("Typed");
    expect((await ask(one, "GET", "/webhook_endpoints")).body.webhook_endpoints).toEqual([]);
    const { path } = await made(one);
    const changed = await submit(one.browser, path, "Save", { url });
    expect([changed.status, wrongFieldsOf(await changed.text())]).toEqual([422, ["url"]]);
    expect(await one.browser.page(WEBHOOKS)).toContain(URL_OF_IT);
  });

  test("wants at least one event, and a description that fits", async () => {
    const { browser } = await customer();
    const answer = await submit(browser, WEBHOOKS, "Create endpoint", {
      ...{ url: URL_OF_IT, events: "call.unknown", description: "x".repeat(201) },
    });
    expect(wrongFieldsOf(await answer.text())).toEqual(["events", "description"]);
  });

  test("is changed: address, description and events", async () => {
    const one = await customer();
    const { path } = await made(one);
    const fields = filledIn(formOf(await one.browser.page(path), "Save"), { description: "Changed" });
    const chosen: typeof fields = fields.filter(([name]) => name !== "events");
    chosen.push(["events", "call.lost"], ["events", "balance.low"]);
    expect((await one.browser.post(`${path}/change`, chosen)).headers.get("Location")).toBe(
      `${path}?done=saved`,
    );
    expect(rowsOf(await one.browser.page(WEBHOOKS))).toEqual([[URL_OF_IT, "Changed", "2", "On"]]);
    const page = await one.browser.page(path);
    expect(formOf(page, "Save").fields.filter(([name]) => name === "events")).toEqual([
      ["events", "balance.low"],
      ["events", "call.lost"],
    ]);
  });

  test("gets a test event, which is listed and can be sent again", async () => {
    const one = await customer();
    const { path } = await made(one);
    expect(await press(one.browser, path, "Send a test event")).toContain(path);
    await there.waitFor("webhook.test", 1);
    await vi.waitFor(async () =>
      expect(await deliveriesOf(one.browser, path)).toEqual([["webhook.test", "Delivered", "1", "204"]]),
    );
    await press(one.browser, path, "Send again");
    await there.waitFor("webhook.test", 2);
    const [first, second] = there.received;
    expect(second?.event.id).toBe(first?.event.id);
  });

  test("shows what an endpoint answered that does not take it, as text", async () => {
    const one = await customer();
    const { path } = await made(one);
    answers = () => new Response("<script>alert(1)</script> no", { status: 500 });
    await press(one.browser, path, "Send a test event");
    const page = await vi.waitFor(async () => {
      const now = await one.browser.page(path);
      expect(rowsOf(now)[0]?.[4]).toBe("500 <script>alert(1)</script> no");
      return now;
    });
    expect(page).not.toContain("<script>alert");
    expect(textOf(page)).toContain("failing since");
  });

  test("is turned off and on; off, it is sent nothing", async () => {
    const one = await customer();
    const { path } = await made(one);
    expect(await press(one.browser, path, "Turn off")).toContain("It was turned off in this dashboard.");
    const refusal = await one.browser.post(`${path}/test`);
    expect(refusal.status).toBe(422);
    expect(await refusal.text()).toContain("The endpoint is off: turn it on first.");
    for (const _ of [1, 2]) expect((await one.browser.post(`${path}/disable`)).status).toBe(303);
    expect(await press(one.browser, path, "Turn on")).toContain("The endpoint is on");
    await press(one.browser, path, "Send a test event");
    expect(await there.waitFor("webhook.test")).toHaveLength(1);
  });

  test("gets a new secret, shown once, and no second one while the old one still signs", async () => {
    const one = await customer();
    const { path, secret } = await made(one);
    const page = await press(one.browser, path, "Replace the secret");
    const rotated = SECRET.exec(page)?.[0];
    expect(rotated).toMatch(SECRET);
    expect(rotated).not.toBe(secret);
    const again = await one.browser.post(`${path}/rotate`);
    expect(again.status).toBe(422);
    expect(await again.text()).not.toMatch(SECRET);
    // The address of that answer leads to the endpoint, without the secret.
    expect((await one.browser.get(`${path}/rotate`)).headers.get("Location")).toBe(path);
    expect(await one.browser.page(path)).not.toMatch(SECRET);
  });

  test("whose secret has leaked gets another one that signs alone, or ends the old one afterwards", async () => {
    const one = await customer();
    const { path } = await made(one);
    await press(one.browser, path, "Replace the secret");
    const at_once = await one.browser.post(`${path}/rotate`, { old_secret: "ends" });
    expect(at_once.status).toBe(200);
    expect(textOf(await at_once.text())).toContain("The old one no longer signs");
    expect(await one.browser.page(path)).not.toContain("End the old secret");
    await press(one.browser, path, "Replace the secret");
    expect(await press(one.browser, path, "End the old secret now")).toContain(
      "The old secret no longer signs",
    );
    await press(one.browser, path, "Send a test event");
    const [sent] = await there.waitFor("webhook.test");
    expect(sent?.headers.get("webhook-signature")?.split(" ")).toHaveLength(1);
    expect(sent?.headers.has("x-webhook-signature-previous")).toBe(false);
  });

  test("is deleted with its deliveries, and is not found from then on", async () => {
    const one = await customer();
    const { path } = await made(one);
    expect(await press(one.browser, path, "Delete this endpoint")).toContain("The endpoint has been deleted");
    for (const action of ["", "/remove", "/test", "/rotate", "/enable", "/change"]) {
      const answer = action === "" ? await one.browser.get(path) : await one.browser.post(path + action);
      expect([action, answer.status]).toEqual([action, 404]);
    }
  });

  test("of another organization is not found, whatever is to be done with it", async () => {
    const [one, other] = [await customer(), await customer()];
    const { path } = await made(one);
    // Each form has a key of its own each time.
    const page = async () => (await one.browser.page(path)).replace(/name="request_key" value="[\w-]+"/g, "");
    const before = await page();
    const actions = [
      "disable",
      "enable",
      "test",
      "rotate",
      "end-old-secret",
      "remove",
      "resend",
      "resend-failed",
      "change",
    ];
    for (const action of [...actions, "explode"])
      expect([action, (await other.browser.post(`${path}/${action}`)).status]).toEqual([action, 404]);
    expect((await one.browser.post(`${path}/explode`)).status).toBe(404);
    expect((await other.browser.get(path)).status).toBe(404);
    expect(await page()).toBe(before);
    expect(there.received).toEqual([]);
  });
});

test("what was given up since a day is sent again, and how much that is is said", async () => {
  const one = await customer();
  const { path } = await made(one);
  for (const since of ["", "yesterday", "2030-02-30"]) {
    const answer = await one.browser.post(`${path}/resend-failed`, { since });
    expect([since, answer.status]).toEqual([since, 422]);
  }
  answers = () => new Response(null, { status: 410 });
  await press(one.browser, path, "Send a test event");
  await vi.waitFor(async () => expect((await deliveriesOf(one.browser, path))[0]?.[1]).toBe("Failed"));
  expect(textOf(await one.browser.page(path))).toContain("The address answered 410 (gone).");
  answers = () => new Response(null, { status: 204 });
  await press(one.browser, path, "Turn on");
  const sent = await one.browser.post(`${path}/resend-failed`, { since: "2020-01-01" });
  expect(sent.headers.get("Location")).toBe(`${path}?resent=1`);
  expect(await one.browser.page(`${path}?resent=1`)).toContain("Events sent again: 1");
  await there.waitFor("webhook.test", 2);
});

test("ten endpoints are the most", async () => {
  const one = await customer();
  for (let at = 0; at < 10; at++) await made(one, { url: `https://hooks.customer.com/${at}` });
  const answer = await submit(one.browser, WEBHOOKS, "Create endpoint", { url: URL_OF_IT });
  const page = await answer.text();
  expect(answer.status).toBe(422);
  expect(page).toContain("There are ten endpoints. Delete one first.");
  expect(rowsOf(page)).toHaveLength(10);
});
