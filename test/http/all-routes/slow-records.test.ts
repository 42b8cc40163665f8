import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Bindings } from "../../../src/env";
import { api, theContract } from "../../support/api/api";
import { adminKey, newOrganization, type TestOrganization } from "../../support/api/organizations";
import { visitor } from "../../support/dashboard/visitor";
import { hangingD1, slowD1 } from "../../support/failures/failing-stores";
import { sampleOf, send } from "../contract/samples";
import type { Sample } from "../contract/samples/sample";

/** Longer than any request waits for one query. */
const TOO_LONG_MS = 5_500;

/** They read the records, from which nothing else can answer. */
const FROM_D1 = [
  ...[
    "listUsage",
    "listCalls",
    "listPurchases",
    "getPurchase",
    "listInvoices",
    "getInvoice",
    "getInvoicePdf",
  ],
  ...["getBillingProfile", "getPaymentMethod", "returnFromPayment"],
  ...[
    "listOrganizations",
    "listParkedCalls",
    "listAudit",
    "verifyAudit",
    "listRates",
    "listOrganizationNumbers",
    "listPlatformKeys",
    "getKeySecrets",
  ],
  ...["listOrganizationPurchases", "getReconciliation", "getVerification", "verifyLedger"],
];

const contract = await theContract();
let organization: TestOrganization;

beforeAll(async () => {
  organization = await newOrganization(1_000_000_000);
});

beforeEach(() => {
  for (const level of ["warn", "error"] as const) vi.spyOn(console, level).mockImplementation(() => {});
});

test("every list and every look answers 503 within seconds while D1 never answers", async () => {
  const reading = contract.operations.filter(({ method }) => method === "GET");
  const samples = new Map<string, Sample>();
  for (const operation of reading)
    samples.set(operation.operationId, await sampleOf(operation, organization));
  const began_ms = Date.now();
  const told = await Promise.all(
    reading.map(async (operation) => {
      const sample = samples.get(operation.operationId) ?? {};
      const { status, body } = await send(operation, { ...sample, bindings: { DB: hangingD1().DB } });
      return [operation.operationId, status, body?.error?.code] as const;
    }),
  );
  expect(Date.now() - began_ms).toBeLessThan(15_000);
  for (const [operationId, status, code] of told) {
    if (status !== 200)
      expect([operationId, status, code]).toEqual([operationId, 503, "records_unavailable"]);
  }
  const late = told.filter(([, status]) => status === 503).map(([operationId]) => operationId);
  expect(FROM_D1.filter((operationId) => !late.includes(operationId))).toEqual([]);
}, 60_000);

test("a page says so, too", async () => {
  const { get } = (await visitor(organization)).with({ DB: hangingD1().DB });
  const answer = await get("/billing/usage");
  expect(answer.status).toBe(503);
  expect(await answer.text()).toContain("This cannot be read at the moment");
});

test("a write whose answer is late is told as unknown: it may have been made, and its repeat makes it once", async () => {
  const key = await adminKey();
  const number = "+31201110201";
  const move = (bindings?: Partial<Bindings>) =>
    api("PUT", `/api/v1/admin/numbers/${number}`, {
      key,
      body: { organization_id: organization.id },
      bindings,
    });
  const told = await move({ DB: slowD1(TOO_LONG_MS, "numbers") });
  expect([told.status, told.body.error.code]).toEqual([503, "records_unavailable"]);
  expect(told.headers.get("Retry-After")).toBe("5");
  expect((await move()).status).toBe(200);
  const { results } = await env.DB.prepare("SELECT organization_id, until_ms FROM numbers WHERE e164 = ?")
    .bind(number)
    .all();
  expect(results).toEqual([{ organization_id: organization.id, until_ms: null }]);
});
