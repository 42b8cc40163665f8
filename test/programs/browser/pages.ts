import { PORTAL_PATHS } from "../../support/node/portal-paths.ts";
import { expectStatus } from "../demo/client.ts";
import { playMonthBefore } from "../demo/history.ts";
import { CARDS } from "./buying.ts";
import { Customer, type World } from "./customer.ts";

/** A page of the dashboard: what its pictures are called, and where it is. */
export type PageOfDashboard = readonly [name: string, path: string];

const PROFILE = {
  company_name: "Meridian Telefonie B.V.",
  email: "billing@example.com",
  address: { line1: "Damrak 1", postal_code: "1012 JS", city: "Amsterdam", country: "NL" },
  is_business: true,
};

/**
 * An organization of which every page has something to show: a month of calls, live ones and rejected ones, a purchase
 * with its invoice, an open one, an endpoint. Answers all its pages, those of single things included.
 */
export async function busyCustomer(
  world: World,
): Promise<{ customer: Customer; pages: readonly PageOfDashboard[] }> {
  const customer = await Customer.create(world);
  const { server } = world;
  await playMonthBefore({ ...server, organization: { id: customer.id, api_key: "" } });
  await customer.rejectedCall("rejected-1");
  expectStatus(await customer.api.put("/billing_profile", PROFILE), 200, "PUT /billing_profile");
  const paid = await openPurchase(customer, 5_000);
  await fetch(paid.pay_url, { method: "POST", body: new URLSearchParams({ card: CARDS.good }) });
  const open = await openPurchase(customer, 2_500);
  await customer.call("call-1", 83_500);
  for (const n of [1, 2]) {
    await customer.beginCall(`live-${n}`);
    await customer.renewCall(`live-${n}`, 1, 4);
  }
  // Nobody listens there: its deliveries wait for their next try.
  const endpoint = await customer.api.post<{ id: string }>("/webhook_endpoints", {
    url: "http://127.0.0.1:9/events",
    description: "CRM",
  });
  const { id } = expectStatus(endpoint, 201, "POST /webhook_endpoints");
  expectStatus(await customer.api.post(`/webhook_endpoints/${id}/test`, {}), 201, "POST test");
  return {
    customer,
    pages: [
      ...PORTAL_PATHS,
      ["receipt", "/usage/calls/call-1"],
      ["credits-added", `/credits/result?purchase_id=${paid.id}`],
      ["credits-open", `/credits/result?purchase_id=${open.id}`],
      ["webhook", `/webhooks/${id}`],
      ["usage-wrong", "/usage?status=never&direction=up"],
      ["not-found", "/nothing-here"],
    ],
  };
}

async function openPurchase({ api }: Customer, net_cents: number): Promise<{ id: string; pay_url: string }> {
  const headers = { "idempotency-key": crypto.randomUUID() };
  const made = await api.post<{ id: string; pay_url: string }>("/purchases", { net_cents }, headers);
  return expectStatus(made, 201, "POST /purchases");
}
