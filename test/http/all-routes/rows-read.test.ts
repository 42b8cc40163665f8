import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { api, holdEveryRequest, theContract } from "../../support/api/api";
import { give, newOrganization, type TestOrganization } from "../../support/api/organizations";
import { stopClock } from "../../support/clock";
import { copyEveryRow } from "../../support/copy-rows";
import { until } from "../../support/until";
import { sampleOf, send } from "../contract/samples";
import { type Sample, settledCall } from "../contract/samples/sample";

const clock = stopClock();
const contract = await theContract();
const READING = contract.operations.filter(({ method }) => method === "GET");

/** More than any request may read. */
const COPIES = 5_000;

let organization: TestOrganization;
const samples = new Map<string, Sample>();

beforeAll(async () => {
  organization = await newOrganization(1_000_000_000);
  for (const operation of READING) {
    clock.pass(60_000);
    const sample = await sampleOf(operation, organization);
    samples.set(operation.operationId, sample);
    await send(operation, sample);
  }
  await give(organization, "+31201234567");
  await settledCall(organization);
  await until("the copy of the call to the records", async () => (await rowsOf("calls")) > 0);
  await copyEveryRow(COPIES);
  holdEveryRequest();
  clock.pass(60_000);
}, 120_000);

test("the organization has many rows of everything", async () => {
  for (const table of ["calls", "purchases", "invoices", "audit", "numbers"]) {
    expect([table, (await rowsOf(table)) >= COPIES]).toEqual([table, true]);
  }
});

async function rowsOf(table: string): Promise<number> {
  const of_it = `SELECT count(*) AS rows FROM ${table} WHERE organization_id = ?`;
  return (await env.DB.prepare(of_it).bind(organization.id).first<number>("rows")) ?? 0;
}

test.each(READING.map((operation) => [operation.operationId, operation] as const))(
  "%s reads no more rows than its bound",
  async (operationId, operation) => {
    clock.pass(1_000);
    const { status } = await send(operation, samples.get(operationId) ?? {});
    expect(status).toBeLessThan(300);
  },
);

test("a request that reads more than its bound fails", async () => {
  const path = "/api/v1/purchases?limit=5";
  await expect(api("GET", path, { key: organization.key, most_rows: 3 })).rejects.toThrow(
    /read \d+ rows, more than 3/,
  );
});
