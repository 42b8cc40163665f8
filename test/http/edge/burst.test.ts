import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { EdgeOperation } from "../../../src/calls/edge-operation";
import { executeOperations } from "../../../src/calls/execute-operations";
import { readSettings } from "../../../src/env";
import { LedgerUnavailable, openLedger } from "../../../src/ledger/client";
import { clearDirectoryCache } from "../../../src/organizations/directory";
import { api } from "../../support/api/api";
import { expectUnavailable } from "../../support/api/hot-path";
import { authorize as authorized, newOrganization } from "../../support/api/organizations";
import { hanging, troubleLedger } from "../../support/failures/failing-ledger";
import { authorize, fundedLedger, renew, wordOf } from "../../support/ledger/ledger";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("a renewal whose turn comes when nobody waits for it any more is not carried out, and can be repeated", async () => {
  const ledger = await fundedLedger(100_000_000);
  await ledger.send(authorize("c"));
  const { held_micros } = await ledger.account();
  const [late] = await ledger.stub().operate([renew("c", 1, 30)], 0);
  expect(late).toMatchObject({ outcome: "refused", code: "failed" });
  expect((await ledger.account()).held_micros).toBe(held_micros);
  expect(wordOf(await ledger.send(renew("c", 1, 30)))).toBe("granted");
});

test("the deadline counts from when the request came: a ledger is not asked for what is late already", async () => {
  const organization = await newOrganization(1_000_000);
  const { tries } = troubleLedger(organization.id, hanging);
  const caller = { key_id: "key_test", organization_ids: null };
  const operation = {
    op: "authorize",
    call_id: "c",
    organization_id: organization.id,
    direction: "inbound",
    from: "+31201234567",
    to: "+31207654321",
    byok: [],
    max_duration_seconds: null,
    expected_provider_micros_per_minute: 0,
  } satisfies EdgeOperation;
  const since_ms = Date.now() - readSettings(env).ledger_deadline_ms;
  expect(await executeOperations(env, caller, [operation], since_ms)).toEqual([{ outcome: "unavailable" }]);
  expect(tries.length).toBe(0);
});

test("a ledger that owes a thousand answers is asked no more until it has answered, and others are asked as ever", async () => {
  const [slow, other] = [await newOrganization(1_000_000), await newOrganization(1_000_000)];
  const { tries, mend } = troubleLedger(slow.id, hanging);
  const open = () => openLedger(env, { organization_id: slow.id, jurisdiction: null }, 1_000);
  const asked = Array.from({ length: 1_000 }, () =>
    open()
      .ask(async (stub) => stub.health())
      .catch((error) => error),
  );
  expectUnavailable(await authorized(slow, "one-too-many"));
  expect(tries.length).toBe(1_000);
  expect((await authorized(other, "c")).status).toBe(200);
  for (const answer of await Promise.all(asked)) expect(answer).toBeInstanceOf(LedgerUnavailable);
  mend();
  expect((await authorized(slow, "one-too-many")).status).toBe(200);
});

test("requests of nodes that the Worker cannot come to are refused at once, before their keys are looked at", async () => {
  const { id, edge_key, key } = await newOrganization(1_000_000);
  clearDirectoryCache();
  // On a busy machine a thousand requests take longer to come than any of them is waited for: here that time does not pass.
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
  const { promise: nothing_found, resolve: open } = Promise.withResolvers<null>();
  const stuck = { get: () => nothing_found, put: async () => {} };
  const DIRECTORY = stuck as unknown as KVNamespace;
  const about = {
    call_id: "c",
    organization_id: id,
    direction: "inbound",
    from: "+31201234567",
    to: "+31207654321",
  };
  const send = (bindings: { DIRECTORY?: KVNamespace }) =>
    api("POST", "/api/v1/edge/calls/authorize", { key: edge_key, body: about, bindings });
  const before = Array.from({ length: 1_000 }, () => send({ DIRECTORY }));
  expectUnavailable(
    await api("POST", "/api/v1/edge/calls/authorize", { key: "not even a key", body: about }),
  );
  expect((await api("GET", "/api/v1/account", { key })).status).toBe(200);
  open(null);
  await Promise.all(before);
  expect((await send({})).status).toBe(200);
});

test("who asks a slow ledger for a node's calls shuts out nobody who asks others", async () => {
  const [slow, other] = [await newOrganization(1_000_000), await newOrganization(1_000_000)];
  const { tries, mend } = troubleLedger(slow.id, hanging);
  const path = `/api/v1/edge/calls?node=edge-1&organization_id=${slow.id}`;
  const asked = Array.from({ length: 300 }, () => api("GET", path, { key: slow.edge_key }));
  await vi.waitFor(() => expect(tries.length).toBe(300));
  expect((await authorized(other, "c")).status).toBe(200);
  for (const answer of await Promise.all(asked)) expectUnavailable(answer);
  mend();
});
