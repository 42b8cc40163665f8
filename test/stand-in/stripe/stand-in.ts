import { keepAppointments } from "./controls/appointments.ts";
import { Controls } from "./controls/controls.ts";
import { API_VERSION, World, type WorldSnapshot } from "./core/account.ts";
import { type Answer, answerOf, Failure, invalid, Refusal } from "./core/errors.ts";
import { brokenConnection, type FaultKind, Faults, silence, tooMany } from "./core/faults.ts";
import { decodeForm, type FormFields, formText } from "./core/form.ts";
import { IdempotencyKeys, type IdempotentRequest, keyInUse } from "./core/idempotency.ts";
import type { Route } from "./core/route.ts";
import { validated } from "./core/validate.ts";
import { type Endpoint, EventQueue } from "./core/webhooks.ts";
import type { InvoiceDocument } from "./documents/invoice-document.ts";
import { expanded } from "./expand.ts";
import { answerPage } from "./pages/pages.ts";
import { findRoute } from "./routes.ts";

export interface StandInOptions {
  /** Where it is reached, without a slash at the end. */
  api_url: string;
  secret_key: string;
  webhook_url: string;
  webhook_secret: string;
  /** The clock, so that tests and demonstrations can move it. */
  now_ms?: () => number;
  /** Carries an event to the endpoint. */
  send: (request: Request) => Promise<Response>;
  /** Draws the file of an invoice or credit note; without it there is none. */
  pdf?: (document: InvoiceDocument) => Promise<Uint8Array>;
  seller?: Seller;
}

/** Whose account it is. `lines`: street, postal code and city. */
interface Seller {
  country: string;
  name: string;
  vat_id: string | null;
  lines: [street: string, postal_code: string, city: string];
}

export interface StandInSnapshot {
  /** Where it was reached then: the addresses of its pages begin with it. */
  api_url: string;
  world: WorldSnapshot;
  keys: ReturnType<IdempotencyKeys["snapshot"]>;
  deliveries: ReturnType<EventQueue["snapshot"]>;
}

const SELLER: Seller = {
  country: "NL",
  name: "Example Voice B.V.",
  vat_id: "NL000099998B57",
  lines: ["Herengracht 1", "1015 BA", "Amsterdam"],
};

/**
 * An account at Stripe for trying out and for tests: the requests that we use, with their states, refusals, idempotency
 * and signed events, and pages on which a person pays with a test card. It moves no money and needs no network.
 */
export class StripeStandIn {
  readonly controls: Controls;
  readonly #options: StandInOptions;
  readonly #world: World;
  readonly #events = new EventQueue();
  readonly #keys = new IdempotencyKeys();
  readonly #faults = new Faults();

  constructor(options: StandInOptions) {
    const { seller = SELLER, api_url, now_ms = () => Date.now() } = options;
    const [line1, postal_code, city] = seller.lines;
    this.#options = options;
    this.#world = new World(
      {
        api_url,
        seller_country: seller.country,
        seller_name: seller.name,
        seller_vat_id: seller.vat_id,
        seller_address: { line1, line2: null, postal_code, city, state: null, country: seller.country },
      },
      this.#events,
      now_ms,
    );
    const endpoint: Endpoint = {
      url: options.webhook_url,
      secret: options.webhook_secret,
      send: options.send,
    };
    this.controls = new Controls(this.#world, this.#events, this.#faults, endpoint);
  }

  /**
   * Answers a request of the API, or a page or file of a browser's. Rejects when the connection is to break. What it
   * leads to is not sent before `controls.webhooks.settled` is asked for.
   */
  async handle(request: Request): Promise<Response> {
    keepAppointments(this.#world);
    const { pathname } = new URL(request.url);
    const fault = this.#faults.take(request.method, pathname);
    if (fault === "500") return json(ourFault());
    if (fault === "429") return tooMany();
    if (fault === "409") return json(answerOf(keyInUse()));
    if (fault === "lost") throw brokenConnection();
    const response = pathname.startsWith("/v1/")
      ? await this.#answerApi(request, pathname.slice("/v1".length), fault)
      : await answerPage(this.#world, request, this.#options.pdf);
    if (fault === "lost_after") throw brokenConnection();
    if (fault === "hang_after") return silence(request);
    return response;
  }

  /** Everything that must outlive the process, as JSON. */
  snapshot(): StandInSnapshot {
    return {
      api_url: this.#options.api_url,
      world: this.#world.snapshot(),
      keys: this.#keys.snapshot(),
      deliveries: this.#events.snapshot(),
    };
  }

  /** Goes on where a snapshot was taken, at this one's address. */
  restore(snapshot: StandInSnapshot): void {
    const text = JSON.stringify(snapshot).replaceAll(snapshot.api_url, this.#options.api_url);
    const { world, keys, deliveries } = JSON.parse(text) as StandInSnapshot;
    this.#world.restore(world);
    this.#keys.restore(keys);
    this.#events.restore(deliveries);
  }

  async #answerApi(request: Request, path: string, fault: FaultKind | null): Promise<Response> {
    const { method, url, headers } = request;
    const body = method === "POST" ? await formText(request) : new URL(url).search.slice(1);
    const key = method === "POST" ? headers.get("Idempotency-Key") : null;
    const asked: IdempotentRequest = { key, method, path, body };
    try {
      this.#admit(request);
      const found = findRoute(method, path);
      if (!found) throw unknownRoute(method, path);
      const kept = this.#keys.recall(asked, this.#world.now_ms());
      if (kept) return json(kept, { "Idempotent-Replayed": "true" });
      const answer = this.#carryOut(found.route, found.ids, decodeForm(body), key);
      const told = fault === "500_after" ? ourFault() : answer;
      this.#keys.keep(asked, told, this.#world.now_ms());
      return json(told);
    } catch (error) {
      if (error instanceof Refusal) return json(answerOf(error));
      throw error;
    }
  }

  #admit({ headers }: Request): void {
    const type = "invalid_request_error";
    const key = /^Bearer (.+)$/.exec(headers.get("Authorization") ?? "")?.[1];
    if (!key) throw new Refusal(401, { type, message: "You did not provide an API key." });
    if (key !== this.#options.secret_key)
      throw new Refusal(401, { type, message: `Invalid API Key provided: ${key.slice(0, 8)}****` });
    const version = headers.get("Stripe-Version") ?? API_VERSION;
    if (version !== API_VERSION)
      throw invalid(`The stand-in of Stripe speaks version ${API_VERSION} only, not ${version}.`);
  }

  #carryOut(route: Route, ids: string[], fields: FormFields, key: string | null): Answer {
    const parameters = validated(route.request, fields) as { expand?: string[] };
    const { expand = [], ...asked } = parameters;
    const world = this.#world;
    world.request = { id: world.newId("req", 14), idempotency_key: key };
    try {
      const result = route.run(world, asked as never, ids);
      if (result instanceof Failure) return answerOf(result);
      return { status: 200, body: expanded(world, result, expand) };
    } finally {
      world.request = null;
    }
  }
}

function unknownRoute(method: string, path: string): Refusal {
  return new Refusal(404, invalid(`Unrecognized request URL (${method}: /v1${path}).`).body);
}

function ourFault(): Answer {
  return {
    status: 500,
    body: { error: { type: "api_error", message: "Something went wrong on Stripe's end." } },
  };
}

function json({ status, body }: Answer, headers: Record<string, string> = {}): Response {
  const request_id = `req_${crypto.randomUUID().replaceAll("-", "").slice(0, 14)}`;
  return Response.json(body, {
    status,
    headers: { "Request-Id": request_id, "Stripe-Version": API_VERSION, ...headers },
  });
}
