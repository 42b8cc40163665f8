import { afterEach, expect, it, vi } from "vitest";
import { log } from "../../src/units/log";

afterEach(() => vi.restoreAllMocks());

it.each([
  ["info", "log"],
  ["warn", "warn"],
  ["error", "error"],
] as const)("log.%s writes one line of JSON to console.%s, its event first", (level, method) => {
  const written = vi.spyOn(console, method).mockImplementation(() => undefined);
  log[level]("ledger_unavailable", { organization_id: "org_1", reason: "away\nfor long" });
  expect(written.mock.calls).toEqual([
    ['{"event":"ledger_unavailable","organization_id":"org_1","reason":"away\\nfor long"}'],
  ]);
});
