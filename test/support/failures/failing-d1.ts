import { env } from "cloudflare:workers";
import { vi } from "vitest";

/** Makes every query to D1 fail, in the Worker and in the objects, until the returned function is called. */
export function failD1(): () => void {
  const fail = () => {
    throw new Error("D1_ERROR: no such database (failed by the test)");
  };
  const prototype = Object.getPrototypeOf(env.DB);
  const spies = (["prepare", "batch", "exec"] as const).map((method) =>
    vi.spyOn(prototype, method).mockImplementation(fail),
  );
  return () => {
    for (const spy of spies) spy.mockRestore();
  };
}
