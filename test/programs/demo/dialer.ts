import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

const MAX_AGE_SECONDS = 300;

/**
 * The operator's side of `POST /calls/outbound`: takes calls whose signature is right and answers 202. A real dialer
 * would ring now; the demo's calls are played by `npm run demo:calls`.
 *
 * @returns the address to hand calls to
 */
export async function startDialer(secret: string): Promise<string> {
  const server = createServer(async (request, response) => {
    const body = await read(request);
    response.statusCode = isSigned(request, body, secret) ? 202 : 401;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // The demo lives as long as its Worker does, not as long as its dialer.
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/calls`;
}

async function read(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}

/** Signed by the Worker, and just now: an old hand-off must not ring again. */
function isSigned(request: IncomingMessage, body: string, secret: string): boolean {
  const timestamp = String(request.headers["x-webhook-timestamp"]);
  if (!(Math.abs(Date.now() / 1_000 - Number(timestamp)) <= MAX_AGE_SECONDS)) return false;
  const due = `sha256=${createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex")}`;
  const given = Buffer.from(String(request.headers["x-webhook-signature"]));
  return given.length === due.length && timingSafeEqual(given, Buffer.from(due));
}
