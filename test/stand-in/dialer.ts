import { vi } from "vitest";

const DIALER = "https://dialer.test/calls";

/** Stands where the operator's dialer would: answers as told and remembers what it was asked. */
export function dialer(
  answer: () => Response | Promise<Response> = () => new Response(null, { status: 202 }),
) {
  const asked: { headers: Headers; body: string }[] = [];
  const real = globalThis.fetch;
  const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    if (request.url !== DIALER) return real(input, init);
    asked.push({ headers: request.headers, body: await request.text() });
    return answer();
  });
  return { asked, hangUp: () => spy.mockRestore() };
}
