import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { checkLedgers } from "../../src/admin/nightly-checks";
import { OrganizationLedger } from "../../src/ledger/object/organization-ledger";
import type { VerifyCursor } from "../../src/ledger/object/verify";
import { api } from "../support/api/api";
import {
  adminKey,
  call,
  manyCalls,
  newOrganization,
  type TestOrganization,
} from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { failLedger } from "../support/failures/failing-ledger";
import { checkUnderWay } from "../support/ledger/ledger-checks";
import { DAY_MS } from "../support/ledger/retention";

const MINUTE_MS = 60_000;

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const verify = async ({ id }: TestOrganization) =>
  api("GET", `/api/v1/admin/organizations/${id}/verify`, { key: await adminKey() });
const reportOf = async ({ id }: TestOrganization, report_id: string) =>
  api("GET", `/api/v1/admin/organizations/${id}/verifications/${report_id}`, { key: await adminKey() });

/** Lets each request of a check take six seconds and prove one entry. Answers whose ledgers were asked. */
function slowChecks(clock: ReturnType<typeof stopClock>): string[] {
  const asked: string[] = [];
  vi.spyOn(OrganizationLedger.prototype, "verifyFor").mockImplementation(async function (
    this: OrganizationLedger,
    cursor,
  ) {
    clock.pass(6_000);
    const { id }: DurableObjectState = Reflect.get(this, "ctx");
    asked.push(id.name ?? "");
    return cursor && cursor.call_id !== null ? this.verifyPortion(cursor) : proveOneEntry(this, cursor);
  });
  return asked;
}

function proveOneEntry(ledger: OrganizationLedger, cursor: VerifyCursor | null) {
  const written = ledger.written();
  if (written.outcome !== "written") throw new Error(written.message);
  const from = cursor ?? { until_seq: written.entry_seq, seq: 0, balance_micros: 0, call_id: null };
  const { until_seq } = from;
  const portion = ledger.verifyPortion({ ...from, until_seq: Math.min(from.seq + 1, until_seq) });
  if (portion.outcome !== "portion" || !portion.cursor) return portion;
  const call_id = portion.cursor.seq < until_seq ? null : "";
  return { ...portion, cursor: { ...portion.cursor, until_seq, call_id } };
}

test("a check that takes longer than ten seconds goes on by itself, also when its object was evicted", async () => {
  const organization = await newOrganization(100_000_000);
  const call_ids = Array.from({ length: 15 }, (_, at) => `c${at}`);
  await manyCalls(organization, call_ids, 1_000);
  const clock = stopClock();
  slowChecks(clock);
  const first = await verify(organization);
  expect(first).toMatchObject({ status: 202, body: { status: "under_way", verification: null } });
  const { report_id } = first.body;
  // Asked for again it is the same check, not a second one beside it.
  expect((await verify(organization)).body.report_id).toBe(report_id);
  await evictDurableObject(env.LEDGER.getByName(organization.id));
  await checkLedgers(env);
  const report = async () => (await reportOf(organization, report_id)).body;
  expect(await report()).toMatchObject({ status: "under_way" });
  for (let run = 0; run < 10 && (await report()).status === "under_way"; run++) await checkLedgers(env);
  expect((await report()).verification).toMatchObject({ ok: true, entries: 16 });
  vi.restoreAllMocks();
  expect((await verify(organization)).body).toMatchObject({ ok: true, entries: 16 });
});

test("ledgers that cannot be asked do not keep the check of another one from its end", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const clock = stopClock();
  const organizations: TestOrganization[] = [];
  for (let made = 0; made < 5; made++) organizations.push(await newOrganization(1_000_000));
  const checks = [];
  for (const { id } of organizations) checks.push(await checkUnderWay(id));
  const mended = organizations.slice(0, 4).map(({ id }) => failLedger(id));
  const [waiting, check] = [organizations[4], checks[4]];
  if (!waiting || !check) throw new Error("There are five.");
  for (let run = 0; run < 2; run++) {
    await checkLedgers(env);
    clock.pass(3 * MINUTE_MS);
  }
  expect((await reportOf(waiting, check.id)).body).toMatchObject({ status: "finished" });
  for (const mend of mended) mend();
});

test("a night proves each ledger that was written in since its last proof, and each other one after a week", async () => {
  const clock = stopClock("2031-05-05T12:00:00.000Z");
  const [busy, quiet] = [await newOrganization(1_000_000), await newOrganization(1_000_000)];
  const nightly = async () => {
    clock.pass(DAY_MS);
    const asked = slowChecks(clock);
    for (let run = 0; run < 10; run++) await checkLedgers(env);
    vi.restoreAllMocks();
    return [busy, quiet].map(({ id }) => asked.includes(id));
  };
  expect(await nightly()).toEqual([true, true]);
  await call(busy, "a", 1_000);
  expect(await nightly()).toEqual([true, false]);
  expect(await nightly()).toEqual([false, false]);
  clock.pass(5 * DAY_MS);
  expect(await nightly()).toEqual([true, true]);
});
