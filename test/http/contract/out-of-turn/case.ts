import { theContract } from "../../../support/api/api";
import type { TestOrganization } from "../../../support/api/organizations";
import { sampleOf } from "../samples";
import type { Sample } from "../samples/sample";

type Clock = { pass(ms: number): void };
/** A request that is well formed and refused, or put off, for what was there before it. */
export type Case = [
  operationId: string,
  status: number,
  why: string,
  request: (organization: TestOrganization, clock: Clock) => Promise<Sample>,
];

/** A right request with other parts. */
export async function changed(
  operationId: string,
  organization: TestOrganization,
  changes: Partial<Sample>,
): Promise<Sample> {
  const sample = await sampleOf((await theContract()).operation(operationId), organization);
  const body = changes.body ? { ...sample.body, ...changes.body } : sample.body;
  return { ...sample, ...changes, body };
}
