import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { OrganizationLedger } from "../../../src/ledger/object/organization-ledger";
import { api, type Json } from "../../support/api/api";
import { booksOf, organizationWithCalls } from "../../support/api/hot-path";
import { newPlatformKey, type TestOrganization } from "../../support/api/organizations";
import {
  failing,
  hanging,
  type Trouble,
  tooLate,
  troubleLedger,
  well,
} from "../../support/failures/failing-ledger";

let edge_key: string;
beforeAll(async () => {
  edge_key = await newPlatformKey("edge");
});
beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => vi.restoreAllMocks());

/** What a node says of its calls, one of each kind. */
function saidOf({ id: organization_id }: TestOrganization): Json[] {
  const parties = { direction: "outbound", from: "+31201234567", to: "+31207654321" };
  return [
    { op: "authorize", call_id: "new", ...parties },
    { op: "answered", call_id: "live" },
    { op: "renew", call_id: "live", request_number: 1, elapsed_seconds: 5 },
    { op: "settle", call_id: "ringing", duration_ms: 20_000, end_reason: "hangup" },
  ].map((operation) => ({ organization_id, ...operation }));
}

/** What a node says of both organizations' calls, in turns, in one request. Answers the results of each. */
async function sendOfBoth(first: TestOrganization, second: TestOrganization) {
  const others = saidOf(second);
  const operations = saidOf(first).flatMap((operation, place) => [operation, others[place]]);
  const { status, body } = await api("POST", "/api/v1/edge/operations", {
    key: edge_key,
    body: { operations },
  });
  expect(status).toBe(200);
  const resultsAt = (rest: number) => body.results.filter((_: Json, place: number) => place % 2 === rest);
  return { first: resultsAt(0), second: resultsAt(1) };
}

const codesOf = (results: Json[]) => results.map(({ status, body }) => body.error?.code ?? status);
const ALL_WELL = [200, 200, 200, 200];
const UNKNOWN = Array(4).fill("ledger_unavailable");

const reset = failing("internal error; reference = made by the test", { durableObjectReset: true });
const TROUBLES: [string, Trouble, number][] = [
  ["is overloaded", failing("Durable Object is overloaded.", { overloaded: true, retryable: true }), 1],
  ["fails for no known reason", failing("internal error; reference = made by the test"), 1],
  ["is reset under both tries", reset, 2],
  ["answers nothing", hanging, 1],
  ["carries all out and then answers nothing", tooLate(hanging), 1],
];

describe("in a batch, a ledger that", () => {
  it.each(TROUBLES)("%s is 503 for its own operations only", async (_, trouble, tries_made) => {
    const [ill, sound, twin] = await Promise.all([1, 2, 3].map(organizationWithCalls));
    if (!ill || !sound || !twin) throw new Error("Three organizations were made.");
    const { tries, mend } = troubleLedger(ill.id, trouble);
    const results = await sendOfBoth(ill, sound);
    mend();
    expect(codesOf(results.first)).toEqual(UNKNOWN);
    expect(codesOf(results.second)).toEqual(ALL_WELL);
    expect(tries.length).toBe(tries_made);
    expect(codesOf((await sendOfBoth(ill, twin)).first)).toEqual(ALL_WELL);
    expect(await booksOf(ill)).toEqual(await booksOf(twin));
  });

  it("is reset under the first try is asked once more, and its operations are carried out once", async () => {
    const [ill, sound] = [await organizationWithCalls(), await organizationWithCalls()];
    const { tries, mend } = troubleLedger(ill.id, tooLate(reset), well);
    const results = await sendOfBoth(ill, sound);
    mend();
    expect(codesOf(results.first)).toEqual(ALL_WELL);
    expect(tries.length).toBe(2);
    expect(await booksOf(ill)).toEqual(await booksOf(sound));
  });

  it("is really reset between commit and answer has carried its operations out once", async () => {
    const [ill, sound] = [await organizationWithCalls(), await organizationWithCalls()];
    const { operate } = OrganizationLedger.prototype;
    vi.spyOn(OrganizationLedger.prototype, "operate").mockImplementationOnce(async function (
      this: OrganizationLedger,
      commands,
    ) {
      const answers = await operate.call(this, commands);
      const { ctx } = this as unknown as { ctx: DurableObjectState };
      await ctx.storage.sync();
      ctx.abort("reset by the test");
      return answers;
    });
    const results = await sendOfBoth(ill, sound);
    expect([codesOf(results.first), codesOf(results.second)]).toEqual([ALL_WELL, ALL_WELL]);
    expect(await booksOf(ill)).toEqual(await booksOf(sound));
  });
});
