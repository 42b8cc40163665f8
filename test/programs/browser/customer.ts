import { randomUUID } from "node:crypto";
import type { Browser } from "playwright-core";
import type { RunningServer } from "../../support/node/serve.ts";
import { type Client, expectStatus, openClient } from "../demo/client.ts";
import { openVisitor, type Visitor, type VisitorOptions } from "./visitor.ts";

/** Everything that a promise is kept with. */
export interface World {
  server: RunningServer;
  browser: Browser;
  /** Where pictures of the pages are put. */
  pictures: string;
}

/** How a person signs in. */
export interface SignIn extends VisitorOptions {
  role?: "owner" | "billing" | "viewer";
  language?: "en" | "nl" | "de";
  name?: string;
}

const EUR = 1_000_000;

/** An organization of a promise's own: what the platform, its operator and its telephony node do with it. */
export class Customer {
  readonly id: string;
  readonly api: Client;
  private readonly world: World;
  private readonly edge: Client;

  private constructor(world: World, id: string, api_key: string) {
    this.world = world;
    this.id = id;
    this.api = openClient(world.server.base_url, api_key);
    this.edge = openClient(world.server.base_url, world.server.edge_key);
  }

  static async create(world: World, euros = 0): Promise<Customer> {
    const admin = openClient(world.server.base_url, world.server.admin_key);
    const made = await admin.post<{ id: string; api_key: string }>("/admin/organizations", {
      company_name: "Meridian Telefonie",
    });
    const { id, api_key } = expectStatus(made, 201, "POST /admin/organizations");
    const customer = new Customer(world, id, api_key);
    if (euros > 0) await customer.addCredit(euros);
    return customer;
  }

  async addCredit(euros: number): Promise<void> {
    const { base_url, admin_key } = this.world.server;
    const body = { amount_micros: Math.round(euros * EUR), reason: "Browser test", kind: "adjustment" };
    const path = `/admin/organizations/${this.id}/adjustments`;
    const answer = await openClient(base_url, admin_key).post(path, body, {
      "idempotency-key": randomUUID(),
    });
    expectStatus(answer, 201, path);
  }

  /** A link of the platform's that signs one person in. */
  async link({ role = "owner", language = "en", name = "J. Jansen" }: SignIn = {}): Promise<string> {
    const user = { id: "user-1", name };
    const body = { user, role, language, return_url: "https://platform.example/settings" };
    const made = await this.api.post<{ url: string }>("/portal_sessions", body);
    return expectStatus(made, 201, "POST /portal_sessions").url;
  }

  /** A browser in which a person has followed such a link. */
  async signIn(options: SignIn = {}): Promise<Visitor> {
    const visitor = await openVisitor(this.world, options);
    await visitor.page.goto(await this.link(options));
    return visitor;
  }

  /** Lets a call begin and be answered. */
  async beginCall(call_id: string): Promise<void> {
    const who = { organization_id: this.id };
    const parties = { direction: "outbound", from: "+31201234567", to: "+31612345678" };
    await this.edge.post("/edge/calls/authorize", { call_id, ...who, ...parties });
    expectStatus(await this.edge.post(`${edgePath(call_id)}/answered`, who), 200, "answered");
  }

  /** Says that a call has lasted so long by now, as the `request_number`th time. */
  async renewCall(call_id: string, request_number: number, elapsed_seconds: number): Promise<void> {
    const body = { organization_id: this.id, request_number, elapsed_seconds };
    expectStatus(await this.edge.post(`${edgePath(call_id)}/renew`, body), 200, "renew");
  }

  async settleCall(call_id: string, duration_ms: number): Promise<void> {
    const body = { organization_id: this.id, duration_ms, end_reason: "caller_hangup" };
    expectStatus(await this.edge.post(`${edgePath(call_id)}/settle`, body), 200, "settle");
  }

  /** A call from beginning to end. */
  async call(call_id: string, duration_ms: number): Promise<void> {
    await this.beginCall(call_id);
    await this.settleCall(call_id, duration_ms);
  }

  /** A call that is asked for when there is no credit. */
  async rejectedCall(call_id: string): Promise<void> {
    const parties = { direction: "inbound", from: "+31612345678", to: "+31201234567" };
    const body = { call_id, organization_id: this.id, ...parties };
    const { decision } = (await this.edge.post<{ decision: string }>("/edge/calls/authorize", body)).body;
    if (decision !== "reject") throw new Error(`The call was not rejected but: ${decision}`);
  }
}

/** Where a node speaks of a call, whose id may hold anything. */
function edgePath(call_id: string): string {
  return `/edge/calls/${encodeURIComponent(call_id)}`;
}
