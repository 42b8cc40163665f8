import { vi } from "vitest";
import { type Json, theContract } from "../support/api/api";

/** One try to deliver an event, as a receiver sees it. */
export interface Received {
  headers: Headers;
  text: string;
  event: Json;
}

type Answer = (received: Received) => Response | Promise<Response>;

/** Types of events that came to a receiver of this file. */
export const seen_types = new Set<string>();

/**
 * Stands where a customer's receiver would, at an address of its own: answers as told, remembers what came, and holds it
 * to what the OpenAPI document says of the event. A redirect is followed unless the caller asks for none, as by `fetch`.
 */
export function receiver(url: string, answer: Answer = () => new Response(null, { status: 204 })) {
  const received: Received[] = [];
  const before = globalThis.fetch;
  const here: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    if (request.url !== url) return before(input, init);
    const text = await request.text();
    const one = { headers: request.headers, text, event: JSON.parse(text) };
    received.push(one);
    const response = await Promise.race([answer(one), whenAborted(request.signal)]);
    const location = response.headers.get("Location");
    const follows = location !== null && request.redirect === "follow";
    return follows ? globalThis.fetch(location, { method: "POST", body: text }) : response;
  };
  globalThis.fetch = here;
  const ofType = (type: string) => received.filter(({ event }) => event.type === type);
  return {
    url,
    received,
    ofType,
    /** Waits until so many of a type have come. */
    async waitFor(type: string, count = 1): Promise<Received[]> {
      await vi.waitFor(() => {
        if (ofType(type).length < count) throw new Error(`${type} came ${ofType(type).length} times.`);
      }, 10_000);
      for (const came of ofType(type)) await holdToContract(came);
      return ofType(type);
    },
    /** The last one that stands hangs up first. */
    hangUp() {
      globalThis.fetch = before;
    },
  };
}

/** As `fetch` does when its signal says so. */
function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

/** A body as its type has it, and the headers that the document says, neither fewer nor more. */
async function holdToContract({ event, headers }: Received): Promise<void> {
  const contract = await theContract();
  const parameters = contract.eventHeaders(event);
  for (const { name, required } of parameters)
    if (required && !headers.has(name)) throw new Error(`${event.type} came without ${name}`);
  const documented = new Set(parameters.map(({ name }) => name.toLowerCase()));
  for (const [name] of headers)
    if (name.includes("webhook") && !documented.has(name)) throw new Error(`${name} is not documented`);
  const difference = contract.eventDifference(event);
  if (difference)
    throw new Error(`${event.type} came in another shape:\n${difference}\n${JSON.stringify(event)}`);
  seen_types.add(event.type);
}
