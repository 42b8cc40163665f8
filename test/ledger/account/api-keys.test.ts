import { expect, test } from "vitest";
import { fundedLedger } from "../../support/ledger/ledger";

test("a key that the organization never had cannot be revoked, and the refusal speaks of the key", async () => {
  const ledger = await fundedLedger(0);
  expect(await ledger.stub().revokeKey("key_01jdx5zq7rf8q9w6zjk3v2m4nt")).toEqual({
    outcome: "refused",
    code: "no_such_key",
    message: "There is no such API key.",
  });
});
