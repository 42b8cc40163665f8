import type { Bindings } from "../../../src/env";
import { api, type Json } from "../api/api";
import type { TestOrganization } from "../api/organizations";
import { fetchWorker } from "../api/worker";

export const ORIGIN = "https://ringfence.test";

/** Fields of a form; in pairs where a name is there several times. */
export type FormFields = Record<string, string> | [name: string, value: string][];

/** A browser of somebody who is signed in to an organization's dashboard. */
export interface Visitor {
  cookie: string;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** A page as text, which must be there. */
  page(path: string): Promise<string>;
  post(path: string, fields?: FormFields, headers?: Record<string, string>): Promise<Response>;
  /** The same browser, with bindings in the place of the Worker's own. */
  with(bindings: Partial<Bindings>): Visitor;
}

/** A link that signs in once. */
export async function portalLink(organization: TestOrganization, body: Json = {}): Promise<string> {
  const asked = { user: { id: "user-1", name: "J. Jansen" }, role: "owner", language: "en", ...body };
  const made = await api("POST", "/api/v1/portal_sessions", { key: organization.key, body: asked });
  return made.body.url;
}

/** Follows a link of the dashboard as a browser without cookies does. */
export function open(url: string, headers: Record<string, string> = {}): Promise<Response> {
  // Each from an address of its own: signing in is limited by address.
  const from = { "CF-Connecting-IP": crypto.randomUUID() };
  return fetchWorker(new Request(url, { redirect: "manual", headers: { ...from, ...headers } }));
}

/** Signs in with a role, in English unless said otherwise. `body` says more of the person, such as the name. */
export async function visitor(
  organization: TestOrganization,
  role: "owner" | "billing" | "viewer" = "owner",
  language: "en" | "nl" | "de" = "en",
  body: Json = {},
): Promise<Visitor> {
  const entered = await open(await portalLink(organization, { role, language, ...body }));
  return browser(entered.headers.get("Set-Cookie")?.split(";")[0] ?? "");
}

function browser(cookie: string, bindings?: Partial<Bindings>): Visitor {
  const send = (path: string, init: RequestInit) => {
    const headers = { Cookie: cookie, ...(init.headers as Record<string, string>) };
    return fetchWorker(new Request(`${ORIGIN}${path}`, { redirect: "manual", ...init, headers }), bindings);
  };
  const get = (path: string, headers: Record<string, string> = {}) => send(path, { headers });
  return {
    cookie,
    get,
    async page(path) {
      const answer = await get(path);
      if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
      return answer.text();
    },
    post: (path, fields = {}, headers = {}) =>
      send(path, {
        method: "POST",
        body: new URLSearchParams(fields),
        headers: { Origin: ORIGIN, ...headers },
      }),
    with: (others) => browser(cookie, others),
  };
}
