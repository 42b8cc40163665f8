import { randomUUID } from "node:crypto";
import { expectStatus, openClient } from "./client.ts";
import type { Demo, DemoOrganization } from "./demo-file.ts";

/** About six hours of calls at EUR 0.07 a minute: enough for several hundred of them. */
const CREDIT_MICROS = 25_000_000;
/** With less than this left there is little to see. */
const LEAST_CREDIT_MICROS = 5_000_000;

/** Gives the demo organization promotional credit when it has little or none. Answers how much was given. */
export async function ensureCredit(demo: Demo): Promise<number> {
  const customer = openClient(demo.base_url, demo.organization.api_key);
  const account = await customer.get<{ balance: { posted_micros: number } }>("/account");
  const { balance } = expectStatus(account, 200, "GET /account");
  if (balance.posted_micros >= LEAST_CREDIT_MICROS) return 0;
  await giveCredit(demo, CREDIT_MICROS, "Credit for the demo");
  return CREDIT_MICROS;
}

export async function giveCredit(
  { base_url, admin_key, organization }: DemoOrganization,
  amount_micros: number,
  reason: string,
): Promise<void> {
  const path = `/admin/organizations/${organization.id}/adjustments`;
  const headers = { "idempotency-key": randomUUID() };
  const credit = { amount_micros, kind: "promotion", reason };
  expectStatus(await openClient(base_url, admin_key).post(path, credit, headers), 201, "POST adjustments");
}
