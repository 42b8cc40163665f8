import { env } from "cloudflare:workers";
import { vi } from "vitest";

/** Makes one organization's ledger answer nothing but errors, or nothing at all, until the returned function is called. */
export function failLedger(organization_id: string, how: "throws" | "hangs" = "throws"): () => void {
  const prototype = Object.getPrototypeOf(env.LEDGER);
  const getByName = prototype.getByName;
  const answer = () =>
    how === "hangs" ? new Promise(() => {}) : Promise.reject(new Error("Internal error (made by the test)"));
  const broken = new Proxy({}, { get: () => answer });
  const spy = vi.spyOn(prototype, "getByName").mockImplementation(function (
    this: unknown,
    ...args: unknown[]
  ) {
    return args[0] === organization_id ? broken : Reflect.apply(getByName, this, args);
  });
  return () => spy.mockRestore();
}
