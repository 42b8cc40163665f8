import { vi } from "vitest";
import type { Json } from "./api";

/** One try to deliver an event, as a receiver sees it. */
export interface Received {
  headers: Headers;
  text: string;
  event: Json;
}

type Answer = (received: Received) => Response | Promise<Response>;

/** Stands where a customer's receiver would, at an address of its own: answers as told and remembers what came. */
export function receiver(url: string, answer: Answer = () => new Response(null, { status: 204 })) {
  const received: Received[] = [];
  const before = globalThis.fetch;
  const here: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    if (request.url !== url) return before(input, init);
    const text = await request.text();
    const one = { headers: request.headers, text, event: JSON.parse(text) };
    received.push(one);
    return answer(one);
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
      return ofType(type);
    },
    /** The last one that stands hangs up first. */
    hangUp() {
      globalThis.fetch = before;
    },
  };
}
