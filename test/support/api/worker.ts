import { createExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import type { Bindings } from "../../../src/env";
import worker from "../../../src/index";

/**
 * Sends a request to the Worker, to its API or its pages. With `bindings`, those stand in the place of the real ones: in the
 * Worker alone, its objects keep their own.
 */
export async function fetchWorker(request: Request, bindings?: Partial<Bindings>): Promise<Response> {
  if (!bindings) return exports.default.fetch(request);
  const incoming = request as Request<unknown, IncomingRequestCfProperties>;
  return worker.fetch(incoming, { ...env, ...bindings }, createExecutionContext());
}
