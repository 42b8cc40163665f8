import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { clearDirectoryCache } from "../../../src/organizations/directory";
import { type Answer, api } from "../../support/api/api";
import {
  expectUnavailable,
  type HotRequest,
  organizationWithCalls,
  REQUESTS,
  send,
} from "../../support/api/hot-path";
import { adminKey, ask, node, type TestOrganization } from "../../support/api/organizations";
import { failD1 } from "../../support/failures/failing-d1";
import { emptyKv, failing_kv, hangingD1, hangingKv } from "../../support/failures/failing-stores";
import { turn } from "../../support/turns";

/** The longest that a store is waited for. */
const PATIENCE_MS = 1_000;

let mend = () => {};
beforeEach(() => {
  for (const level of ["warn", "error"] as const) vi.spyOn(console, level).mockImplementation(() => {});
});
afterEach(() => {
  mend();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe.each(REQUESTS)("%s", (what) => {
  it("is answered by a new isolate with D1 away", async () => {
    const organization = await organizationWithCalls();
    clearDirectoryCache();
    mend = failD1();
    expect((await send(organization, what)).status).toBe(200);
  });

  it("is answered from memory with D1 and KV away", async () => {
    const organization = await organizationWithCalls();
    await send(organization, "account");
    mend = failD1();
    expect((await send(organization, what, { bindings: { DIRECTORY: failing_kv } })).status).toBe(200);
  });

  it("is answered by a new isolate with KV away, from D1", async () => {
    const organization = await organizationWithCalls();
    clearDirectoryCache();
    expect((await send(organization, what, { bindings: { DIRECTORY: failing_kv } })).status).toBe(200);
  });

  it("is 503 in a new isolate with D1 away and KV empty, and answered when D1 is back", async () => {
    const organization = await organizationWithCalls();
    clearDirectoryCache();
    await emptyKv();
    mend = failD1();
    expectUnavailable(await send(organization, what));
    mend();
    expect((await send(organization, what)).status).toBe(200);
    clearDirectoryCache();
    mend = failD1();
    expect((await send(organization, what)).status).toBe(200);
  });

  it("is 503 in a new isolate with D1 and KV away", async () => {
    const organization = await organizationWithCalls();
    clearDirectoryCache();
    mend = failD1();
    expectUnavailable(await send(organization, what, { bindings: { DIRECTORY: failing_kv } }));
  });

  it("does not hang when KV does: D1 is asked", async () => {
    const organization = await organizationWithCalls();
    const kv = hangingKv();
    const answer = await sendInStoppedTime(organization, what, { DIRECTORY: kv.DIRECTORY }, () => kv.asked);
    expect(answer.status).toBe(200);
  });

  it("does not hang when KV and D1 do: 503", async () => {
    const organization = await organizationWithCalls();
    const [kv, d1] = [hangingKv(), hangingD1()];
    const stores = { DIRECTORY: kv.DIRECTORY, DB: d1.DB };
    const asked = () => kv.asked + d1.asked;
    expectUnavailable(await sendInStoppedTime(organization, what, stores, asked));
    expect(asked()).toBe(2);
  });
});

/** Sends a request to a new isolate and lets time pass only while a store is waited for that does not answer. */
async function sendInStoppedTime(
  organization: TestOrganization,
  what: HotRequest,
  stores: Partial<Pick<Env, "DIRECTORY" | "DB">>,
  hungUp: () => number,
): Promise<Answer> {
  clearDirectoryCache();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  let answer: Answer | undefined;
  const sent = send(organization, what, { bindings: stores }).then((given) => {
    answer = given;
  });
  let passed = 0;
  while (!answer) {
    if (passed < hungUp()) {
      passed += 1;
      vi.advanceTimersByTime(PATIENCE_MS);
    }
    await turn();
  }
  await sent;
  return answer;
}

describe("a call by the organization's number", () => {
  const inbound = { direction: "inbound", from: "anonymous" };

  it("is answered by a new isolate with D1 away", async () => {
    const organization = await organizationWithCalls();
    const number = "+31201110801";
    await api("PUT", `/api/v1/admin/numbers/${number}`, {
      key: await adminKey(),
      body: { organization_id: organization.id },
    });
    clearDirectoryCache();
    mend = failD1();
    const said = { organization_id: undefined, number };
    const allowed = await node(organization, "authorize", { ...said, ...inbound, call_id: "in", to: number });
    expect(allowed).toMatchObject({ status: 200, body: { organization_id: organization.id } });
    const renewed = await node(organization, "in/renew", { ...said, request_number: 1, elapsed_seconds: 0 });
    expect(renewed.status).toBe(200);
  });

  it("of a number that only D1 could know is 503, not 404, while D1 is away", async () => {
    const organization = await organizationWithCalls();
    mend = failD1();
    const number = "+31201110802";
    const said = { organization_id: undefined, number, to: number, call_id: "in" };
    expectUnavailable(await node(organization, "authorize", { ...inbound, ...said }));
    mend();
    expect((await node(organization, "authorize", { ...inbound, ...said })).status).toBe(404);
  });
});

describe("what happened while D1 was away", () => {
  it("stands in the lists when it is back", async () => {
    const organization = await organizationWithCalls();
    mend = failD1();
    await send(organization, "authorize");
    await send(organization, "void");
    const { body: receipt } = await send(organization, "settle");
    const unread = await ask(organization, "GET", "/usage");
    expect(unread).toMatchObject({ status: 503, body: { error: { code: "records_unavailable" } } });
    expect(unread.headers.get("Retry-After")).toMatch(/^[1-9]$/);
    mend();
    await runDurableObjectAlarm(env.LEDGER.getByName(organization.id));
    await vi.waitFor(async () => {
      const { usage } = (await ask(organization, "GET", "/usage")).body;
      expect(usage).toMatchObject([{ call_id: "live", cost_micros: receipt.charged_micros }]);
    });
    const { calls } = (await ask(organization, "GET", "/calls")).body;
    expect(new Map(calls.map(({ call_id, status }: Answer["body"]) => [call_id, status]))).toEqual(
      new Map([
        ["new", "connecting"],
        ["live", "ended"],
        ["ringing", "failed"],
      ]),
    );
  });
});
