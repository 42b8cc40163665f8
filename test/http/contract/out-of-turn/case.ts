import { type Json, theContract } from "../../../support/api/api";
import type { TestOrganization } from "../../../support/api/organizations";
import { sampleOf, send } from "../samples";
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

/** The same with another body under the Idempotency-Key of a request that was taken before. */
export function usedKey(operationId: string): Case {
  const takenBefore = async (organization: TestOrganization) => {
    const headers = { "Idempotency-Key": "used" };
    const operation = (await theContract()).operation(operationId);
    const sample = await changed(operationId, organization, { headers });
    await send(operation, sample);
    return { ...sample, body: otherBody(sample.body) };
  };
  return [operationId, 409, "with the Idempotency-Key of another request", takenBefore];
}

/** A body that is right, too, and says something else. */
export function otherBody({ ...body }: Json): Json {
  for (const [name, value] of Object.entries(OTHER)) if (name in body) return { ...body, [name]: value };
  throw new Error("Say here what else may stand in this body.");
}

const OTHER = {
  amount_micros: 2,
  net_cents: 2_500,
  first_message: "Good evening",
  return_url: "https://app.example.com/elsewhere",
  company_name: "Another Voice B.V.",
  label: "another",
  role: "viewer",
  url: "https://other.example.com/",
  keep_previous_seconds: 0,
  since: "2026-11-21T00:00:00Z",
};
