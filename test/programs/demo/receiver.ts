import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { html } from "hono/html";
import { Webhook } from "standardwebhooks";
import { firstFreePort } from "../../support/node/port.ts";
import { type Client, expectStatus } from "./client.ts";

const FIRST_PORT = 8_799;
const EVENTS_SHOWN = 200;

/** What a receiver is told by default: each call that ends would hide what matters. */
const EVENTS = [
  ...["balance.low", "balance.exhausted", "balance.negative", "credits.added", "invoice.created"],
  ...["call.rejected", "call.lost", "auto_top_up.failed", "auto_top_up.action_required"],
  ...["auto_top_up.paused"],
];

interface Arrived {
  at: string;
  type: string;
  id: string;
  signature: "valid" | "wrong";
  data: string;
}

/** What a customer would run: takes the events of the demo, checks their signatures and shows them on a page. */
export class Receiver {
  private readonly arrived: Arrived[] = [];
  private secret: string | undefined;
  private organization: Client | undefined;

  readonly page_url: string;

  private constructor(page_url: string) {
    this.page_url = page_url;
  }

  static async start(): Promise<Receiver> {
    const port = await firstFreePort(FIRST_PORT);
    const receiver = new Receiver(`http://127.0.0.1:${port}/`);
    await new Promise<void>((resolve, reject) => {
      const server = serve({ fetch: receiver.routes().fetch, port, hostname: "127.0.0.1" }, () => resolve());
      server.once("error", reject);
      server.unref();
    });
    return receiver;
  }

  /** Makes the endpoint of this start; those of earlier starts go, whose secrets nobody has any more. */
  async register(organization: Client): Promise<void> {
    this.organization = organization;
    const { body } = await organization.get<{ webhook_endpoints: { id: string; description: string }[] }>(
      "/webhook_endpoints",
    );
    const description = "Receiver page of npm start";
    for (const { id } of body.webhook_endpoints.filter((endpoint) => endpoint.description === description))
      await organization.delete(`/webhook_endpoints/${id}`);
    const made = await organization.post<{ secret: string }>("/webhook_endpoints", {
      url: `${this.page_url}hook`,
      description,
      events: EVENTS,
    });
    this.secret = expectStatus(made, 201, "POST /webhook_endpoints").secret;
  }

  /** Where the demo's customer signs in to the dashboard: each visit uses a new link, which works once. */
  get dashboard_url(): string {
    return `${this.page_url}dashboard`;
  }

  private routes(): Hono {
    return new Hono()
      .post("/hook", async (c) => {
        const text = await c.req.text();
        this.take(text, Object.fromEntries(c.req.raw.headers));
        return c.body(null, 204);
      })
      .get("/dashboard", async (c) => {
        if (!this.organization) return c.text("The demo is still starting: please try again.", 503);
        return c.redirect(await dashboardLink(this.organization, this.page_url), 303);
      })
      .get("/events.json", (c) => c.json(this.arrived))
      .get("/", (c) => c.html(page(this.arrived)));
  }

  private take(text: string, headers: Record<string, string>): void {
    const { id, type, data } = JSON.parse(text);
    // An event may come twice: its id says so.
    if (this.arrived.some((event) => event.id === id)) return;
    const signature = this.isSigned(text, headers) ? "valid" : "wrong";
    this.arrived.unshift({
      at: new Date().toISOString(),
      type,
      id,
      signature,
      data: JSON.stringify(data, null, 1),
    });
    this.arrived.splice(EVENTS_SHOWN);
  }

  private isSigned(text: string, headers: Record<string, string>): boolean {
    try {
      new Webhook(this.secret ?? "").verify(text, headers);
      return true;
    } catch {
      return false;
    }
  }
}

function page(arrived: readonly Arrived[]) {
  const rows = arrived.map(
    ({ at, type, id, signature, data }) => html`<tr>
      <td><time datetime="${at}">${at.slice(11, 19)} UTC</time></td>
      <td><strong class="${type.split(".")[0] ?? ""}">${type}</strong><br /><small>${id}</small></td>
      <td class="${signature}">${signature}</td>
      <td><pre>${data}</pre></td>
    </tr>`,
  );
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="refresh" content="2" />
        <title>Events of the demo</title>
        <link rel="icon" href="data:," />
        <style>
          :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
          body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
          table { width: 100%; border-collapse: collapse; }
          th, td { text-align: left; vertical-align: top; padding: 0.5rem 0.75rem 0.5rem 0; border-top: 1px solid color-mix(in srgb, currentcolor 20%, transparent); }
          .wide { overflow-x: auto; }
          pre { margin: 0; min-width: 16rem; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 13px; }
          small { opacity: 0.65; overflow-wrap: anywhere; }
          .valid { color: light-dark(#14713a, #6cd394); }
          .wrong { color: light-dark(#b3261e, #ff8a80); font-weight: 700; }
        </style>
      </head>
      <body>
        <h1>Events of the demo</h1>
        <p>What a customer's endpoint gets, newest first, with each signature checked. This page looks again every two seconds.</p>
        ${
          arrived.length === 0
            ? html`<p>Nothing yet. Buy credit, or run <code>npm run demo:calls</code> in a second terminal.</p>`
            : html`<div class="wide"><table>
              <thead><tr><th>Time</th><th>Event</th><th>Signature</th><th>Data</th></tr></thead>
              <tbody>${rows}</tbody>
            </table></div>`
        }
      </body>
    </html>`;
}

/** A link that signs in as the demo's owner: what a platform makes when its customer opens Settings > Billing. */
async function dashboardLink(organization: Client, return_url: string): Promise<string> {
  const made = await organization.post<{ url: string }>("/portal_sessions", {
    user: { id: "demo", name: "Demo owner" },
    role: "owner",
    return_url,
  });
  return expectStatus(made, 201, "POST /portal_sessions").url;
}
