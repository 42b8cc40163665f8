import { randomUUID } from "node:crypto";
import { expectStatus, openClient } from "./client.ts";
import type { Demo } from "./demo-file.ts";

/** A business in Brussels: the Dutch seller sells to it without VAT, by reverse charge. */
const PROFILE = {
  company_name: "Demo Telecom",
  email: "billing@example.com",
  address: { line1: "Rue de la Loi 16", postal_code: "1000", city: "Brussels", country: "BE" },
  is_business: true,
  vat_id: "BE 0999.999.922",
};

const NET_CENTS = 5_000;

/** Tells who the demo organization is, so that it can buy, unless somebody has told it before. */
export async function stateBuyer({ base_url, organization }: Demo): Promise<void> {
  const customer = openClient(base_url, organization.api_key);
  const { status } = await customer.get("/billing_profile");
  if (status === 404)
    expectStatus(await customer.put("/billing_profile", PROFILE), 200, "PUT /billing_profile");
}

/** Opens a purchase of EUR 50.00. Answers the page on which a person pays it. */
export async function openPurchase({ base_url, organization }: Demo): Promise<string> {
  const headers = { "idempotency-key": randomUUID() };
  const body = { net_cents: NET_CENTS };
  const customer = openClient(base_url, organization.api_key);
  const opened = await customer.post<{ pay_url: string }>("/purchases", body, headers);
  return expectStatus(opened, 201, "POST /purchases").pay_url;
}
