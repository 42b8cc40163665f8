import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { type ApiRequest, api, type Json } from "../support/api/api";
import {
  ask,
  authorize,
  give,
  newOrganization,
  node,
  type TestOrganization,
} from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { until } from "../support/until";

const bindings = { DEFAULT_COUNTRY: "NL" };
const FROM = "+31201234567";
const TO = "+442079460000";

stopClock();

/** What a node says of a call, where calls are dialled in the Netherlands. */
function say(organization: TestOrganization, what: string, body: Json, request: ApiRequest = {}) {
  return api("POST", `/api/v1/edge/calls/${what}`, {
    key: organization.edge_key,
    body: { organization_id: organization.id, ...body },
    bindings,
    ...request,
  });
}

const copied = (organization: TestOrganization, call_id: string): Promise<Json> =>
  until("the copy of the call", () =>
    env.DB.prepare("SELECT * FROM calls WHERE organization_id = ? AND call_id = ?")
      .bind(organization.id, call_id)
      .first<Json>(),
  );

test("a call's numbers are kept in one form, with how they were said beside, live and ended", async () => {
  const organization = await newOrganization(1_000_000);
  const said = { direction: "outbound", from: "020 123 45 67", to: "0044 20 7946 0000" };
  const granted = await say(organization, "authorize", { call_id: "spelled", ...said });
  expect(granted.status).toBe(200);
  const shown = {
    from: FROM,
    to: TO,
    from_as_dialled: said.from,
    to_as_dialled: said.to,
    phone_number: FROM,
  };
  expect((await ask(organization, "GET", "/calls/spelled")).body).toMatchObject(shown);
  const settled = await say(organization, "spelled/settle", {
    ...{ duration_ms: 1_000, end_reason: "caller_hangup", direction: "outbound" },
    ...{ from: FROM, to: "tel:+44-20-7946-0000" },
  });
  expect(settled).toMatchObject({ status: 200, body: { from: FROM, to: TO } });
  expect(await copied(organization, "spelled")).toMatchObject({
    ...{ from_number: FROM, to_number: TO, number: FROM },
    ...{ from_dialled: said.from, to_dialled: said.to },
  });
  expect((await ask(organization, "GET", "/calls")).body.calls).toMatchObject([shown]);
});

test("a repeat is one in any spelling, and another number is another call", async () => {
  const organization = await newOrganization(1_000_000);
  const begin = (to: string) =>
    say(organization, "authorize", { call_id: "again", direction: "outbound", from: FROM, to });
  const first = await begin(TO);
  for (const to of ["0044 20 7946 0000", "+44 (0)20 7946 0000", "sip:+442079460000@pbx.example.com"])
    expect((await begin(to)).body).toEqual(first.body);
  expect((await begin("+442079460001")).body.error.code).toBe("idempotency_conflict");
});

test("a call that was begun by code which kept what it was told is repeated as it was said then", async () => {
  const organization = await newOrganization(1_000_000);
  // Where no country is known the numbers stay as they are.
  await authorize(organization, "old", { from: "0201234567", to: "0207654321" });
  const repeat = { call_id: "old", direction: "outbound", from: "0201234567", to: "0207654321" };
  expect((await say(organization, "authorize", repeat)).status).toBe(200);
});

test("a number finds its owner in any spelling", async () => {
  const organization = await newOrganization(1_000_000);
  const own = "+31205558812";
  await give(organization, own);
  const spelled = [
    own,
    "0031 20 5558812",
    "020-5558812",
    "tel:+31-20-555-8812",
    "sip:+31205558812@pbx.example.com",
  ];
  for (const number of spelled) {
    const call = { call_id: `to ${number}`, direction: "inbound", from: "Anonymous", to: number };
    const { status, body } = await say(organization, "authorize", {
      ...call,
      organization_id: undefined,
      number,
    });
    expect([number, status, body.organization_id]).toEqual([number, 200, organization.id]);
    const shown = (await ask(organization, "GET", `/calls/${encodeURIComponent(call.call_id)}`)).body;
    expect(shown).toMatchObject({ from: "anonymous", from_as_dialled: "Anonymous", to: own, number_id: own });
  }
  const nobodys = { call_id: "nobody", direction: "inbound", from: FROM, to: "x", number: "not a number" };
  const { status } = await say(organization, "authorize", { ...nobodys, organization_id: undefined });
  expect(status).toBe(404);
});

test("a row from before is shown as it says", async () => {
  const organization = await newOrganization(1_000_000);
  await authorize(organization, "before", { from: FROM, to: TO });
  await node(organization, "before/settle", { duration_ms: 1_000, end_reason: "caller_hangup" });
  expect(await copied(organization, "before")).toMatchObject({ from_dialled: null, to_dialled: null });
  const [call] = (await ask(organization, "GET", "/calls")).body.calls;
  expect(call).toMatchObject({ from: FROM, from_as_dialled: FROM, to: TO, to_as_dialled: TO });
});
