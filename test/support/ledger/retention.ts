import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import type { KnownCall } from "../../../src/ledger/core/calls/call";
import type { OrganizationLedger } from "../../../src/ledger/object/organization-ledger";
import { authorize, settle, type TestLedger } from "./ledger";

export const DAY_MS = 86_400_000;

type Reachable = Pick<TestLedger, "stub">;

/** Does what the platform does when the alarm is due. Answers what it is set for then. */
export function runAlarm(ledger: Reachable): Promise<number | null> {
  return runInDurableObject(ledger.stub(), async (object: OrganizationLedger, { storage }) => {
    const scheduledTime = Date.now();
    await storage.deleteAlarm();
    await object.alarm({ scheduledTime, isRetry: false, retryCount: 0 });
    return storage.getAlarm();
  });
}

/** Rings until nothing leaves any more. */
export async function runAlarmsToTheEnd(ledger: Reachable): Promise<void> {
  for (let turn = 0; turn < 50; turn++) {
    const before = await rowsOf(ledger);
    await runAlarm(ledger);
    if ((await rowsOf(ledger)) === before) return;
  }
  throw new Error("The ledger has not come to rest.");
}

/** How many entries and notices the object has, as one text to compare. */
function rowsOf(ledger: Reachable): Promise<string> {
  const count = "SELECT (SELECT count(*) FROM entry) AS entries, (SELECT count(*) FROM notice) AS notices";
  return runInDurableObject(ledger.stub(), (_, { storage }) => JSON.stringify(storage.sql.exec(count).one()));
}

/** Runs the ledger with another limit of its size, null for the standard one. */
export async function limitSize(ledger: Reachable, keep_ledger_bytes: number | null): Promise<void> {
  Object.assign(env, { KEEP_LEDGER_BYTES: keep_ledger_bytes === null ? "" : String(keep_ledger_bytes) });
  await evictDurableObject(ledger.stub());
  await ledger.stub().health();
  Object.assign(env, { KEEP_LEDGER_BYTES: "" });
}

/** Whole calls of ten seconds each, in one request for every 300. */
export async function playCalls(ledger: TestLedger, prefix: string, count: number): Promise<void> {
  const commands = Array.from({ length: count }, (_, at) => [
    authorize(`${prefix}${at}`),
    settle(`${prefix}${at}`, 10_000),
  ]).flat();
  for (let at = 0; at < commands.length; at += 300) await ledger.stub().operate(commands.slice(at, at + 300));
}

/** Calls that are resolved without an entry, in one request. */
export async function playVoids(ledger: TestLedger, prefix: string, count: number): Promise<void> {
  const commands = Array.from({ length: count }, (_, at) => [
    authorize(`${prefix}${at}`),
    { op: "void" as const, call_id: `${prefix}${at}`, end_reason: "busy" },
  ]).flat();
  await ledger.stub().operate(commands);
}

/** What the ledger knows of a call. */
export async function stateOf(ledger: TestLedger, call_id: string): Promise<KnownCall["state"]> {
  const answer = await ledger.stub().call(null, call_id);
  if (answer.outcome !== "call") throw new Error(answer.outcome);
  return answer.known.state;
}

/** The seqs of the entries that the ledger has, the oldest first. */
export async function seqsOf(ledger: TestLedger): Promise<number[]> {
  return (await ledger.entries()).map(({ seq }) => seq);
}

/** What an organization sees in D1: its calls and its money, and the same rows however much has left its ledger. */
export async function recordsOf({ organization_id }: TestLedger) {
  const rows = async (query: string) => (await env.DB.prepare(query).bind(organization_id).all()).results;
  return {
    calls: await rows("SELECT * FROM calls WHERE organization_id = ? ORDER BY started_at_ms, call_id"),
    entries: await rows("SELECT * FROM ledger_entries WHERE organization_id = ? ORDER BY seq"),
  };
}

/** That the ledger adds up, and from which entry on it proves that one by one. */
export async function expectProof(ledger: TestLedger, proves_from_seq: number): Promise<void> {
  expect(await ledger.verify()).toMatchObject({ ok: true, first_difference: null, proves_from_seq });
}
