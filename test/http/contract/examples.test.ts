import { beforeAll, describe, expect, it } from "vitest";
import { dialer } from "../../stand-in/dialer";
import { theContract } from "../../support/api/api";
import { newOrganization, type TestOrganization } from "../../support/api/organizations";
import { stopClock } from "../../support/clock";
import { sampleOf, send } from "./samples";

const clock = stopClock();
const contract = await theContract();
const WITH_EXAMPLES = contract.operations
  .filter((operation) => contract.examplesOf(operation).length > 0)
  .map((operation) => [operation.operationId, operation] as const);

let organization: TestOrganization;
beforeAll(async () => {
  dialer();
  organization = await newOrganization(1_000_000_000);
});

describe.each(WITH_EXAMPLES)("%s takes its own examples", (_, operation) => {
  it.each(contract.examplesOf(operation))(
    "%s, though what it names may not be there",
    async (_name, body) => {
      clock.pass(60_000);
      const { status } = await send(operation, { ...(await sampleOf(operation, organization)), body });
      expect([400, 413, 415]).not.toContain(status);
    },
  );
});
