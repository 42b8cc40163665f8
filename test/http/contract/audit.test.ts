import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { api, theContract } from "../../support/api/api";
import { auditCopied } from "../../support/api/audit-copied";
import type { Operation } from "../../support/api/openapi";
import { authorize, newOrganization, node, type TestOrganization } from "../../support/api/organizations";
import { stopClock } from "../../support/clock";
import { spoilChanges } from "../../support/ledger/spoil";
import { sampleOf, send } from "./samples";
import { fresh } from "./samples/sample";

const clock = stopClock();
const contract = await theContract();

/** Calls are the service itself: each stands in the ledger, with its node and its receipt, and there are millions. The audit is of what people and their programs change beside them. */
const OF_CALLS = "it is of a call, which stands in the ledger";

/** Writes that leave no row, and why. */
const NOT_AUDITED: Record<string, string> = {
  authorizeCall: OF_CALLS,
  answerCall: OF_CALLS,
  renewCall: OF_CALLS,
  settleCall: OF_CALLS,
  voidCall: OF_CALLS,
  correctCall: OF_CALLS,
  runOperations: OF_CALLS,
  placeOutboundCall: OF_CALLS,
  previewPurchase: "it writes nothing",
  takeStripeEvent: "what Stripe tells stands with what it changes",
};

const CHANGES = contract.operations.filter(({ method }) => method.toUpperCase() !== "GET");
const WRITES = CHANGES.filter(({ operationId }) => !(operationId in NOT_AUDITED));

/** What is another thing each time that it is asked for. */
const NO_REPEATS: readonly string[] = ["openBillingPortal", "runReconciliation", "rebuildProjection"];

/** Reads that are written down. */
const READS = ["verifyLedger", "getInvoicePdf", "exportUsage"];

let organization: TestOrganization;

beforeAll(async () => {
  organization = await newOrganization(1_000_000_000);
});

interface Row {
  action: string;
  key_id: string;
  actor_kind: string;
  address: string;
  outcome: string;
  detail: string;
}

/** The rows that a request has left. */
async function rowsOf(request_id: string): Promise<Row[]> {
  await auditCopied();
  const read = env.DB.prepare("SELECT * FROM audit WHERE request_id = ?").bind(request_id);
  return (await read.all<Row>()).results;
}

let asked = 0;

/** Asks with a request id and an address of its own, and answers with the rows that it has left. */
async function askedOnce(operation: Operation, sample: Awaited<ReturnType<typeof sampleOf>>) {
  asked += 1;
  const [request_id, address] = [`audit-${asked}`, `192.0.2.${asked}`];
  const headers = { ...sample.headers, "X-Request-Id": request_id, "CF-Connecting-IP": address };
  const { status } = await send(operation, { ...sample, headers });
  return { status, address, rows: await rowsOf(request_id) };
}

/** Asks for a call whose report waits for an operator. */
async function stoppedCall(sample: Awaited<ReturnType<typeof sampleOf>>) {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const call_id = fresh("stopped");
  await authorize(organization, call_id);
  spoilChanges(call_id, ({ resolved }) => resolved && { resolved: { ...resolved, version: 9 } });
  const body = { duration_ms: 1_000, end_reason: "hangup" };
  expect((await node(organization, `${call_id}/settle`, body)).status).toBe(503);
  onTestFinished(() => void vi.restoreAllMocks());
  return { ...sample, params: { ...sample.params, call_id } };
}

async function groundOf(operation: Operation) {
  clock.pass(60_000);
  const sample = await sampleOf(operation, organization);
  const can_repeat = operation.parameters?.some(({ name }) => name === "Idempotency-Key");
  if (operation.operationId === "releaseCall") return stoppedCall(sample);
  const headers = { ...(can_repeat && { "Idempotency-Key": fresh("audited") }), ...sample.headers };
  // There is nothing to end without one.
  if (/^endPrevious/.test(operation.operationId)) {
    const path = operation.path.replace("{endpoint_id}", sample.params?.endpoint_id ?? "");
    await api("POST", path.replace("previous_secret", "rotate_secret"), { key: sample.key });
  }
  return { ...sample, headers };
}

describe.each(WRITES.map((operation) => [operation.operationId, operation] as const))(
  "%s",
  (id, operation) => {
    test("leaves one row that says who, from where and what came of it; a repeat leaves none", async () => {
      const sample = await groundOf(operation);
      const { status, address, rows } = await askedOnce(operation, sample);
      expect(status, id).toBeLessThan(300);
      expect(rows, id).toEqual([expect.objectContaining({ address, outcome: "done" })]);
      expect(rows[0]?.key_id, id).toMatch(/^key_/);
      expect(rows[0]?.actor_kind, id).toMatch(/^(organization|admin)_key$/);
      if (NO_REPEATS.includes(id)) return;
      const again = await askedOnce(operation, sample);
      expect(
        again.rows.filter(({ outcome }) => outcome !== "refused"),
        `${id} again: ${again.status}`,
      ).toEqual([]);
    });
  },
);

test("each change is audited, or it is said why not", () => {
  const known = CHANGES.map(({ operationId }) => operationId);
  expect(Object.keys(NOT_AUDITED).filter((id) => !known.includes(id))).toEqual([]);
  expect(WRITES.length).toBeGreaterThan(40);
  expect(WRITES.filter(({ path }) => path.includes("/edge/"))).toEqual([]);
});

test("what is not there leaves no row when it is to be removed", async () => {
  const unknown = "01k9z3v8qhe1w9m4c7d2x5n6tp";
  for (const operation of WRITES) {
    if (operation.method.toUpperCase() !== "DELETE" || !operation.path.endsWith("_id}")) continue;
    clock.pass(60_000);
    const sample = await sampleOf(operation, organization);
    const params = Object.fromEntries(
      Object.entries(sample.params ?? {}).map(([name, value]) => [
        name,
        name === "organization_id" ? value : value.replace(/_.*/, `_${unknown}`),
      ]),
    );
    const { status, rows } = await askedOnce(operation, { ...sample, params });
    expect([operation.operationId, status, rows]).toEqual([operation.operationId, 404, []]);
  }
});

test("every export, and every look of an operator at one organization's data, leaves one", async () => {
  for (const operation of contract.operations) {
    const { operationId, method, path } = operation;
    const is_look = path.includes("/admin/organizations/{organization_id}") && operationId !== "verifyLedger";
    if (method.toUpperCase() !== "GET" || !(is_look || READS.includes(operationId))) continue;
    if (operationId === "verifyLedger") continue;
    clock.pass(700_000);
    const { status, rows } = await askedOnce(operation, await groundOf(operation));
    expect([operationId, status, rows.length]).toEqual([operationId, 200, 1]);
  }
});
