import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { checkLedgers } from "../../src/admin/nightly-checks";
import { proveLedger } from "../../src/admin/prove-ledger";
import type { Bindings } from "../../src/env";
import { openOrganization } from "../../src/organizations/open-organization";
import { api } from "../support/api/api";
import { adjust, adminKey, call, newOrganization, type TestOrganization } from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { linksOf, mask, rechain, tamper } from "../support/ledger/chain";
import { DAY_MS } from "../support/ledger/retention";
import { until } from "../support/until";

let clock: ReturnType<typeof stopClock>;

beforeEach(async () => {
  // The night of the test before is over.
  await env.DB.exec("DELETE FROM cron_positions");
  clock = stopClock("2031-05-05T12:00:00.000Z");
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const ledgerOf = ({ id }: TestOrganization) => ({ stub: () => env.LEDGER.getByName(id) });

/** The next night, in as many runs as it takes. */
async function night(bindings: Bindings = env): Promise<void> {
  clock.pass(DAY_MS);
  for (let run = 0; run < 6; run++) await checkLedgers(bindings);
}

async function headsOf({ id }: TestOrganization) {
  const query = "SELECT * FROM ledger_heads WHERE organization_id = ? ORDER BY epoch, seq";
  return (await env.DB.prepare(query).bind(id).all()).results;
}

/** Until D1 has all that the ledger has posted. */
async function copied({ id }: TestOrganization): Promise<void> {
  await until("the copy in D1", async () => {
    const health = await env.LEDGER.getByName(id).health();
    return health.outcome === "health" && health.outbox === 0;
  });
}

async function verify({ id }: TestOrganization) {
  const { body } = await api("GET", `/api/v1/admin/organizations/${id}/verify`, { key: await adminKey() });
  return body;
}

/** Entries 1 (credit) to 4, copied to D1: calls a, b and c. */
async function playedOrganization(): Promise<TestOrganization> {
  const organization = await newOrganization(10_000_000);
  const letTimePass = clock.pass;
  for (const call_id of ["a", "b", "c"]) await call(organization, call_id, 30_000, { letTimePass });
  await copied(organization);
  return organization;
}

/** One whose head has left with entry 4. */
async function headedOrganization(): Promise<TestOrganization> {
  const organization = await playedOrganization();
  await night();
  expect(await headsOf(organization)).toHaveLength(1);
  return organization;
}

/** Makes the storage of a ledger agree with an end at this entry, as if nothing had come after it. */
const cutAfter = (seq: number) => [
  `DELETE FROM call WHERE call_id IN (SELECT call_id FROM entry WHERE seq > ${seq})`,
  `DELETE FROM entry WHERE seq > ${seq}`,
  `UPDATE projection SET entry_seq = ${seq}`,
  `UPDATE told SET entry_seq = ${seq}`,
];

test("the head leaves once a night, signed, and not again while nothing is posted", async () => {
  const organization = await headedOrganization();
  const links = await linksOf(ledgerOf(organization));
  const [head] = await headsOf(organization);
  const key_version = "1";
  expect(head).toMatchObject({ epoch: 1, seq: 4, digest: links[3]?.digest, day: "2031-05-06", key_version });
  expect(await verify(organization)).toMatchObject({
    ok: true,
    head: { epoch: 1, seq: 4, day: "2031-05-06" },
  });
  await night();
  await Promise.all([checkLedgers(env), checkLedgers(env)]);
  expect(await headsOf(organization)).toEqual([{ ...head, told_at_ms: expect.any(Number) }]);
  await adjust(organization, 1);
  await night();
  const seqs = (await headsOf(organization)).map(({ seq }) => seq);
  expect(seqs).toEqual([4, 5]);
  expect(await verify(organization)).toMatchObject({ ok: true, head: { seq: 5, day: "2031-05-08" } });
});

test("a new secret signs the last head anew, so that the old one can go", async () => {
  const organization = await headedOrganization();
  const both = `2:another-secret-that-only-the-tests-know-0000,${(env as Bindings).KEY_SECRETS}`;
  await night({ ...env, KEY_SECRETS: both });
  expect(await headsOf(organization)).toMatchObject([{ seq: 4, key_version: "2" }]);
});

test("a secret that was replaced still proves the heads that it has signed, until it goes", async () => {
  const { id } = await headedOrganization();
  const newer = "2:another-secret-that-only-the-tests-know-0000";
  const proofWith = async (KEY_SECRETS: string) => {
    const bindings = { ...env, KEY_SECRETS };
    const organization = await openOrganization(bindings, id);
    if (!organization) throw new Error(`There is no ${id}.`);
    return proveLedger(bindings, organization, { position: null, until_ms: Date.now() + 10_000 });
  };
  expect(await proofWith(`${newer},${(env as Bindings).KEY_SECRETS}`)).toMatchObject({
    ok: true,
    head: { seq: 4 },
  });
  expect(await proofWith(newer)).toMatchObject({
    ok: false,
    first_difference: expect.stringMatching(/^head of 2031-05-06: it was signed by secret 1 of KEY_SECRETS/),
  });
});

describe("named against the last head", () => {
  test("a whole ledger that was rewritten consistently", async () => {
    const organization = await headedOrganization();
    const ledger = ledgerOf(organization);
    await tamper(ledger, "UPDATE entry SET reason = 'other' WHERE seq = 1");
    await rechain(ledger, 1);
    expect(await verify(organization)).toMatchObject({
      ok: false,
      first_difference: "entry 1:4: its digest is not the one that left as the head of 2031-05-06",
    });
  });

  test("a tail that was cut, with everything in the object as if it had never been", async () => {
    const organization = await headedOrganization();
    await tamper(ledgerOf(organization), ...cutAfter(2));
    expect(await verify(organization)).toMatchObject({
      ok: false,
      first_difference: "entry 3 is missing: the head that left on 2031-05-06 was entry 1:4",
    });
  });

  test("a tail that was cut and grew again", async () => {
    const organization = await headedOrganization();
    await tamper(ledgerOf(organization), ...cutAfter(2));
    for (let entry = 0; entry < 3; entry++) await adjust(organization, 1);
    expect((await verify(organization)).first_difference).toMatch(/^entry 1:4: /);
  });

  test("a ledger whose digests were taken away, as if it were from before the chain", async () => {
    const organization = await headedOrganization();
    const nothing = "UPDATE entry SET salt = NULL, receipt_digest = NULL, digest = NULL";
    await tamper(ledgerOf(organization), nothing);
    expect((await verify(organization)).first_difference).toMatch(/^entry 1:4: its digest is not the one/);
  });

  test.each([
    ["its seq", "seq = 3", /^head of 2031-05-06: it is not as it was signed/],
    ["its digest", "digest = 'x'", /^head of 2031-05-06: it is not as it was signed/],
    ["its epoch", "epoch = 9", /^head of 2031-05-06: it is not as it was signed/],
    ["who signed it", "key_version = '7'", /^head of 2031-05-06: it was signed by secret 7 of KEY_SECRETS/],
  ])("a head in D1 of which somebody changed %s", async (_, change, named) => {
    const organization = await headedOrganization();
    await env.DB.prepare(`UPDATE ledger_heads SET ${change} WHERE organization_id = ?`)
      .bind(organization.id)
      .run();
    expect(await verify(organization)).toMatchObject({
      ok: false,
      first_difference: expect.stringMatching(named),
    });
  });

  test("and no head leaves a ledger that differs", async () => {
    const organization = await headedOrganization();
    const ledger = ledgerOf(organization);
    await adjust(organization, 1);
    await tamper(ledger, "UPDATE entry SET reason = 'other' WHERE seq = 1");
    await rechain(ledger, 1);
    await night();
    expect(await headsOf(organization)).toHaveLength(1);
  });
});

describe("named against D1, after the last head or without one", () => {
  test.each([
    ["an amount", "UPDATE entry SET amount_micros = 20000000, balance_after_micros = 20000000 WHERE seq = 1"],
    ["a time", "UPDATE entry SET posted_at_ms = posted_at_ms - 1 WHERE seq = 1"],
  ])("%s of credit in a ledger that was rewritten consistently", async (_, change) => {
    const organization = await playedOrganization();
    const ledger = ledgerOf(organization);
    const moved = "UPDATE entry SET balance_after_micros = balance_after_micros + 10000000 WHERE seq > 1";
    await tamper(ledger, change, ...(change.includes("amount") ? [moved] : []));
    await rechain(ledger, 1);
    expect((await verify(organization)).first_difference).toMatch(/^entry 1:1: its \w+ is \d+, D1 has \d+$/);
  });

  test("a call's length", async () => {
    const organization = await headedOrganization();
    await call(organization, "d", 30_000, { letTimePass: clock.pass });
    await copied(organization);
    const ledger = ledgerOf(organization);
    await tamper(
      ledger,
      "UPDATE call SET facts = json_set(facts, '$.duration_ms', 29500) WHERE call_id = 'd'",
    );
    await rechain(ledger, 5);
    expect(await verify(organization)).toMatchObject({
      ok: false,
      first_difference: "entry 1:5: its call d: its duration_ms is 29500, D1 has 30000",
    });
  });

  test.each([
    [
      "a call",
      (organization: TestOrganization) => call(organization, "d", 1_000, { letTimePass: clock.pass }),
    ],
    ["credit", (organization: TestOrganization) => adjust(organization, 1)],
  ])("a tail that was cut: %s", async (_, post) => {
    const organization = await headedOrganization();
    await post(organization);
    await copied(organization);
    await tamper(ledgerOf(organization), ...cutAfter(4));
    expect(await verify(organization)).toMatchObject({
      ok: false,
      first_difference: "entry 5 is missing: D1 has a copy of entry 5",
    });
  });
});

test("masking a number is not a difference, before the head and after it", async () => {
  const organization = await headedOrganization();
  await call(organization, "d", 1_000, { letTimePass: clock.pass });
  await copied(organization);
  for (const call_id of ["a", "d"])
    await mask(ledgerOf(organization), call_id, ["+31201234567", "+31207654321"], true);
  expect(await verify(organization)).toMatchObject({ ok: true, head: { seq: 4 } });
});

test("a ledger that was put back in time differs until an operator begins a new epoch, and then goes on", async () => {
  const organization = await headedOrganization();
  await call(organization, "d", 1_000, { letTimePass: clock.pass });
  await copied(organization);
  await tamper(ledgerOf(organization), ...cutAfter(3));
  expect((await verify(organization)).first_difference).toMatch(/^entry 4 is missing/);
  const path = `/api/v1/admin/organizations/${organization.id}/epoch`;
  const begun = await api("POST", path, { key: await adminKey(), body: { epoch: 2 } });
  expect(begun.status).toBe(200);
  expect(await verify(organization)).toMatchObject({ ok: true, head: { epoch: 2, seq: 3 } });
  await adjust(organization, 1);
  await copied(organization);
  await night();
  expect(await verify(organization)).toMatchObject({ ok: true, head: { epoch: 2, seq: 4 } });
  // The same epoch again leaves no head: that is for what was proven.
  await adjust(organization, 1);
  await api("POST", path, { key: await adminKey(), body: { epoch: 2 } });
  expect((await headsOf(organization)).at(-1)).toMatchObject({ epoch: 2, seq: 4 });
});

test("a ledger from before the chain leaves a head that holds its balance", async () => {
  const organization = await playedOrganization();
  const ledger = ledgerOf(organization);
  await tamper(ledger, "UPDATE entry SET salt = NULL, receipt_digest = NULL, digest = NULL");
  await night();
  expect(await headsOf(organization)).toMatchObject([{ seq: 4, digest: null }]);
  expect(await verify(organization)).toMatchObject({ ok: true, chain_from_seq: 5, head: { seq: 4 } });
  await tamper(ledger, ...cutAfter(2));
  expect((await verify(organization)).first_difference).toMatch(/^entry 3 is missing/);
});
