import { randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { type Platform, queryD1 } from "../../../support/node/platform.ts";
import { signIn } from "../../../support/node/portal-session.ts";
import type { Tenant } from "./filled.ts";

/** Between two requests, so that its keys stay within their limits. */
const PAUSE_MS = 50;
const LONGEST_MS = 30_000;

/** What the neighbour does. The last two ask nothing of an organization: what they wait for is the machine. */
export const DEEDS = [
  "GET /usage",
  "sign-in",
  "purchase",
  "Overview",
  "no such page",
  "D1: SELECT 1",
] as const;
export type Deed = (typeof DEEDS)[number];

/** Those that are held to the bound. */
export const HELD: readonly Deed[] = DEEDS.slice(0, 4);

/** How long each took, in the order in which they were done. */
export type Times = Record<Deed, number[]>;

/** An organization that does a little of everything, one thing after the other. */
export class Neighbour {
  #asked = 0;
  #cookie = "";
  readonly #platform: Platform;
  readonly #tenant: Tenant;

  constructor(platform: Platform, tenant: Tenant) {
    this.#platform = platform;
    this.#tenant = tenant;
  }

  /** Does everything so many times. */
  async live(rounds: number): Promise<Times> {
    const times = Object.fromEntries(DEEDS.map((deed): [Deed, number[]] => [deed, []])) as Times;
    this.#cookie ||= await signIn(this.#platform.base_url, this.#key());
    for (let round = 0; round < rounds; round++)
      for (const deed of DEEDS) {
        const began_ms = performance.now();
        await this.#do(deed);
        times[deed].push(performance.now() - began_ms);
        await pause(PAUSE_MS);
      }
    return times;
  }

  #do(deed: Deed): Promise<unknown> {
    const { base_url, d1_url } = this.#platform;
    const headers = { authorization: `Bearer ${this.#key()}`, "content-type": "application/json" };
    switch (deed) {
      case "GET /usage":
        return this.#ask(200, "/api/v1/usage", { headers });
      case "sign-in":
        return signIn(base_url, this.#key());
      case "purchase":
        return this.#ask(201, "/api/v1/purchases", {
          method: "POST",
          headers: { ...headers, "idempotency-key": randomUUID() },
          body: JSON.stringify({ net_cents: 5_000 }),
        });
      case "Overview":
        return this.#ask(200, "/billing", { headers: { cookie: this.#cookie } });
      case "no such page":
        return this.#ask(404, "/api/v1/none", {});
      case "D1: SELECT 1":
        return queryD1(d1_url, "SELECT 1");
    }
  }

  async #ask(status: number, path: string, init: RequestInit): Promise<void> {
    const signal = AbortSignal.timeout(LONGEST_MS);
    const answer = await fetch(`${this.#platform.base_url}${path}`, { ...init, signal });
    const text = await answer.text();
    if (answer.status !== status) throw new Error(`${path} answered ${answer.status}: ${text.slice(0, 500)}`);
  }

  #key(): string {
    return this.#tenant.api_keys[this.#asked++ % this.#tenant.api_keys.length] ?? "";
  }
}
