import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { OrganizationWebhooks } from "../../src/webhooks/object/organization-webhooks";
import { receiver } from "../stand-in/receiver";
import { adjust, ask, newOrganization, type TestOrganization } from "../support/api/organizations";

const URL_OF_A = "https://hooks.customer-a.com/ringfence";

let there: ReturnType<typeof receiver> | undefined;
afterEach(() => {
  there?.hangUp();
  there = undefined;
  vi.restoreAllMocks();
});

async function endpoint(organization: TestOrganization, events?: string[]): Promise<string> {
  const made = await ask(organization, "POST", "/webhook_endpoints", { body: { url: URL_OF_A, events } });
  expect(made.status).toBe(201);
  return made.body.id;
}

const ids = () => new Set(there?.ofType("credits.added").map(({ event }) => event.id));

it("an event that the webhooks could not take at first is told by the ledger's alarm, once", async () => {
  const organization = await newOrganization();
  await endpoint(organization);
  there = receiver(URL_OF_A);
  vi.spyOn(console, "error").mockImplementation(() => {});
  const away = vi.spyOn(OrganizationWebhooks.prototype, "take").mockImplementation(() => {
    throw new Error("The object is away.");
  });
  await adjust(organization, 1_000_000);
  await vi.waitFor(() => expect(away).toHaveBeenCalled());
  away.mockRestore();
  await runDurableObjectAlarm(env.LEDGER.getByName(organization.id));
  await there.waitFor("credits.added");
  expect(ids().size).toBe(1);
});

it("an event that the queue would not carry at first is sent by the webhooks' alarm", async () => {
  const organization = await newOrganization();
  await endpoint(organization);
  there = receiver(URL_OF_A);
  vi.spyOn(console, "error").mockImplementation(() => {});
  const webhooks = env.WEBHOOKS.getByName(organization.id);
  const refused = vi.fn();
  await runInDurableObject(webhooks, (instance) => {
    const queue = { sendBatch: async () => Promise.reject(refused() ?? new Error("The queue is away.")) };
    Object.assign(instance, { env: { ...env, WEBHOOK_ERRANDS: queue } });
  });
  await adjust(organization, 1_000_000);
  await vi.waitFor(() => expect(refused).toHaveBeenCalled());
  await runInDurableObject(webhooks, (instance) => {
    Object.assign(instance, { env });
  });
  await runDurableObjectAlarm(webhooks);
  await there.waitFor("credits.added");
  expect(ids().size).toBe(1);
});

it("endpoints that are changed at the same time all get what they want afterwards", async () => {
  const organization = await newOrganization();
  const leaving = await endpoint(organization, ["call.settled"]);
  there = receiver(URL_OF_A);
  await Promise.all([
    ask(organization, "DELETE", `/webhook_endpoints/${leaving}`),
    endpoint(organization, ["credits.added"]),
    endpoint(organization, ["call.rejected"]),
  ]);
  await adjust(organization, 1_000_000);
  await there.waitFor("credits.added");
  const wanted = await runInDurableObject(env.LEDGER.getByName(organization.id), (_, state) =>
    state.storage.sql.exec("SELECT wanted FROM told").toArray(),
  );
  expect(wanted).toEqual([{ wanted: JSON.stringify(["call.rejected", "credits.added"]) }]);
});

it("a change of endpoints that looks before another is made does not silence that one", async () => {
  const organization = await newOrganization();
  const leaving = await endpoint(organization, ["call.settled"]);
  there = receiver(URL_OF_A);
  const { listEndpoints } = OrganizationWebhooks.prototype;
  const looks = vi.spyOn(OrganizationWebhooks.prototype, "listEndpoints");
  // The first look of the removal is answered, and heard only when an endpoint has been made meanwhile.
  looks.mockImplementationOnce(async function (this: OrganizationWebhooks) {
    const seen = structuredClone(listEndpoints.call(this));
    looks.mockRestore();
    await endpoint(organization, ["credits.added"]);
    return seen;
  } as unknown as typeof listEndpoints);
  await ask(organization, "DELETE", `/webhook_endpoints/${leaving}`);
  await adjust(organization, 1_000_000);
  await there.waitFor("credits.added");
});
