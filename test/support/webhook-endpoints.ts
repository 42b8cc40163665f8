import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, vi } from "vitest";
import type { OrganizationWebhooks } from "../../src/webhooks/object/organization-webhooks";
import type { DeliveryBatch } from "../../src/webhooks/types";
import { receiver } from "../stand-in/receiver";
import type { Json } from "./api/api";
import { ask, type TestOrganization } from "./api/organizations";

export const URL_OF_A = "https://hooks.customer-a.com/ringfence";
export const URL_OF_B = "https://hooks.customer-b.com/ringfence";

/** An address that nobody had before: what another test has left on its way never comes there. */
export function newAddress(): string {
  return `https://hooks.customer-${crypto.randomUUID().slice(0, 8)}.com/ringfence`;
}

/** Receivers of one file, which are gone after each test. */
export function receiversForFile() {
  const standing: ReturnType<typeof receiver>[] = [];
  afterEach(() => {
    for (const one of standing.splice(0).reverse()) one.hangUp();
  });
  return (...parameters: Parameters<typeof receiver>) => {
    const one = receiver(...parameters);
    standing.push(one);
    return one;
  };
}

/** An answer that a receiver thinks about until it is told to give it. */
export function thinking(answer: () => Response = () => new Response(null, { status: 204 })) {
  let give = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { answer: () => given.then(answer), give: () => give() };
}

export async function newEndpoint(
  organization: TestOrganization,
  body: Json = { url: URL_OF_A },
): Promise<Json> {
  const made = await ask(organization, "POST", "/webhook_endpoints", { body });
  expect(made.status).toBe(201);
  return made.body;
}

export async function endpointsOf(organization: TestOrganization): Promise<Json[]> {
  return (await ask(organization, "GET", "/webhook_endpoints")).body.webhook_endpoints;
}

export async function deliveriesOf(organization: TestOrganization, query = ""): Promise<Json[]> {
  return (await ask(organization, "GET", `/webhook_deliveries${query}`)).body.deliveries;
}

/** Waits until there is such a delivery. */
export function untilDelivery(
  organization: TestOrganization,
  is: (delivery: Json) => boolean,
): Promise<Json> {
  return vi.waitFor(async () => {
    const found = (await deliveriesOf(organization)).find(is);
    if (!found) throw new Error("No such delivery yet.");
    return found;
  }, 10_000);
}

/** Keeps the errands that an organization's object sends from now on, until it is lost or the queue is given back. */
export async function captureBatches({ id }: TestOrganization) {
  const batches: DeliveryBatch[] = [];
  const webhooks = env.WEBHOOKS.getByName(id);
  const through = (queue: unknown) =>
    runInDurableObject(webhooks, (instance: OrganizationWebhooks) => {
      Object.assign(instance, { env: { ...env, WEBHOOK_ERRANDS: queue } });
    });
  await through({
    sendBatch: async (messages: { body: DeliveryBatch }[]) => {
      batches.push(...messages.map(({ body }) => body));
    },
  });
  return { errands: batches, giveBack: () => through(env.WEBHOOK_ERRANDS) };
}
