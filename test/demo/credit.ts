import { randomUUID } from "node:crypto";
import { expectStatus, openClient } from "./client.ts";
import type { Demo } from "./demo-file.ts";

/** About six hours of calls at EUR 0.07 a minute: enough for several hundred of them. */
const CREDIT_MICROS = 25_000_000;
/** With less than this left there is little to see. */
const LEAST_CREDIT_MICROS = 5_000_000;

/** Gives the demo organization promotional credit when it has little or none. Answers how much was given. */
export async function ensureCredit({ base_url, admin_key, organization }: Demo): Promise<number> {
  const customer = openClient(base_url, organization.api_key);
  const account = await customer.get<{ balance: { posted_micros: number } }>("/account");
  const { balance } = expectStatus(account, 200, "GET /account");
  if (balance.posted_micros >= LEAST_CREDIT_MICROS) return 0;
  const path = `/admin/organizations/${organization.id}/adjustments`;
  const credit = { amount_micros: CREDIT_MICROS, kind: "promotion", reason: "Credit for the demo" };
  const headers = { "idempotency-key": randomUUID() };
  expectStatus(await openClient(base_url, admin_key).post(path, credit, headers), 201, "POST adjustments");
  return CREDIT_MICROS;
}
