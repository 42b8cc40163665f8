import { api } from "../../support/api/api";
import type { Operation } from "../../support/api/openapi";
import { adminKey, type TestOrganization } from "../../support/api/organizations";

import { accountSamples } from "./samples/account";
import { adminSamples } from "./samples/admin";
import { callSamples } from "./samples/calls";
import { purchaseSamples } from "./samples/purchases";
import type { Sample, Samples } from "./samples/sample";
import { allWebhookSamples } from "./samples/webhooks";

/** For each operation of the document a request that it answers with success, its ground prepared. */
export const SAMPLES: Samples = {
  ...accountSamples,
  ...callSamples,
  ...purchaseSamples,
  ...allWebhookSamples,
  ...adminSamples,
};

/** The key that an operation takes, undefined when it takes none. */
async function keyFor(operation: Operation, organization: TestOrganization): Promise<string | undefined> {
  const [scheme] = operation.security.flatMap(Object.keys);
  if (scheme === "organizationKey") return organization.key;
  if (scheme === "edgeKey") return organization.edge_key;
  return scheme === "adminKey" ? adminKey() : undefined;
}

/** A request to an operation that is right in every part. */
export async function sampleOf(operation: Operation, organization: TestOrganization): Promise<Sample> {
  const sample = SAMPLES[operation.operationId];
  if (!sample) throw new Error(`Give ${operation.operationId} a sample in test/http/contract/samples.ts.`);
  return { key: await keyFor(operation, organization), ...(await sample(organization)) };
}

/** Sends a sample as it stands. */
export function send({ method, path }: Operation, { params = {}, query = {}, ...request }: Sample) {
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(params[name] ?? ""));
  const search = new URLSearchParams(query).toString();
  return api(method, search ? `${filled}?${search}` : filled, request);
}
