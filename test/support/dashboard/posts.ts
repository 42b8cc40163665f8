import { env } from "cloudflare:workers";
import type { StripeStandIn } from "../../stand-in/stripe/stand-in";
import type { Json } from "../api/api";
import { adjust, ask, type TestOrganization } from "../api/organizations";
import { saveCardOnPage, turnOn } from "../purchases/auto-top-up";
import { AMSTERDAM, newBuyer } from "../purchases/buying";
import type { FormFields, Visitor } from "./visitor";

/** An organization with something of everything that the dashboard can change. */
export interface FullOrganization extends TestOrganization {
  endpoint_id: string;
  /** A link that user-2 has not used yet. */
  session_id: string;
  /** A key that is not the one by which everything here is asked. */
  key_id: string;
}

export async function fullOrganization(
  stripe: StripeStandIn,
  profile = AMSTERDAM,
): Promise<FullOrganization> {
  const organization = await newBuyer(profile);
  await saveCardOnPage(stripe, organization);
  await adjust(organization, 20_000_000);
  await turnOn(organization);
  const url = "https://hooks.example.com/ringfence";
  const endpoint = await ask(organization, "POST", "/webhook_endpoints", {
    body: { url, events: ["call.lost"], description: "Before" },
  });
  const key = await ask(organization, "POST", "/api_keys", { body: { label: "CRM", scopes: ["read"] } });
  const link = { user: { id: "user-2", name: "A. Smit" }, role: "viewer" };
  const session = await ask(organization, "POST", "/portal_sessions", { body: link });
  return {
    ...organization,
    endpoint_id: endpoint.body.id,
    key_id: key.body.id,
    session_id: session.body.id,
  };
}

const TABLES = ["billing_profiles", "saved_cards", "purchases", "audit"] as const;
/** That somebody was let in, or has taken a file, is no change. */
const OF: Record<string, string> = {
  ...Object.fromEntries(TABLES.map((table) => [table, ""])),
  audit: "AND action NOT IN ('portal_session.create', 'portal_session.sign_in', 'export.calls')",
};

/** All that people can change at the dashboard of an organization, and what was written down of it; asked of nobody's key. */
export async function everythingOf({ id }: TestOrganization): Promise<Json> {
  const ledger = env.LEDGER.getByName(id);
  const webhooks = env.WEBHOOKS.getByName(id);
  const all = { endpoint_id: null, state: null, after: null, limit: 100 };
  const keys = async () => {
    const answer = await ledger.keys(null);
    return "keys" in answer ? answer.keys.map((key) => ({ ...key, last_used_at_ms: null })) : answer;
  };
  const rows = (table: string) =>
    env.DB.prepare(`SELECT * FROM ${table} WHERE organization_id = ? ${OF[table]} ORDER BY 1`).bind(id).all();
  const [alerts, top_up, endpoints, deliveries, ...tables] = await Promise.all([
    ledger.alerts(null),
    ledger.autoTopUp(null),
    webhooks.listEndpoints(),
    webhooks.listDeliveries(all),
    ...TABLES.map(async (table) => (await rows(table)).results),
  ]);
  const in_tables = Object.fromEntries(TABLES.map((table, at) => [table, tables[at]]));
  return structuredClone({ alerts, top_up, endpoints, deliveries, keys: await keys(), ...in_tables });
}

/** One thing that can be done at the dashboard. */
export interface Post {
  /** Its route, as the dashboard declares it. */
  route: string;
  /** What a role must be allowed for it: buying and setting, keys and endpoints, nothing. */
  permission: "set" | "own" | null;
  path: string;
  /** Fields that it takes as they are. */
  fields: Record<string, string>;
  /** Those that may not hold anything else: what is wrong in them must change nothing. */
  checked: string[];
}

/** Everything that can be done, each as a request that does it. */
export function postsOf({ endpoint_id, key_id, session_id }: FullOrganization): Post[] {
  const own = (route: string, path: string, fields = {}, checked = Object.keys(fields)): Post => ({
    ...{ route, permission: "own", path, fields, checked },
  });
  const set = (path: string, fields = {}, checked = Object.keys(fields)): Post => ({
    ...{ route: `/billing${path}`, permission: "set", path: `/billing${path}`, fields, checked },
  });
  const action = (name: string, fields = {}, checked = Object.keys(fields)): Post =>
    own(
      "/billing/webhooks/:endpoint_id/:action",
      `/billing/webhooks/${endpoint_id}/${name}`,
      fields,
      checked,
    );
  const anybody = (path: string, fields = {}): Post => ({
    ...{ route: path, permission: null, path, fields, checked: Object.keys(fields) },
  });
  const url = "https://hooks.example.com/another";
  const ids = "01k9z3v8qhe1w9m4c7d2x5n6tp";
  const profile = {
    company_name: "Another Name B.V.",
    line1: "Keizersgracht 1",
    line2: "2nd floor",
    postal_code: "1015 CJ",
    city: "Amsterdam",
    region: "Noord-Holland",
    country: "NL",
    is_business: "business",
    vat_id: "NL004495445B01",
    email: "other@example.com",
  };
  const top_up = { when: "euros", threshold: "2", amount: "25", per_day: "1", cap: "100", consent: "yes" };
  return [
    set("/credits", { amount: "50", request_key: "a-key-of-this-form" }),
    set("/information", profile),
    set("/auto-top-up", top_up),
    set("/auto-top-up/off"),
    set("/auto-top-up/card"),
    set("/auto-top-up/card/remove"),
    set("/alerts", { kind: "minutes", amount: "30" }),
    set("/alerts/remove", { key: "minutes:60" }),
    own("/billing/webhooks", "/billing/webhooks", {
      ...{ request_key: "a-key-of-this-form", url, description: "New", events: "balance.low" },
    }),
    action("disable"),
    action("enable"),
    action("test"),
    action("rotate"),
    action("end-old-secret"),
    action("change", { url, description: "After", events: "balance.low" }),
    action("resend", { event_id: `evt_${ids}` }),
    action("resend-failed", { since: "2030-01-01" }),
    action("remove"),
    own("/billing/keys", "/billing/keys", {
      ...{ request_key: "a-key-of-this-form", label: "New", scopes: "read", expires: "2100-01-01" },
    }),
    own("/billing/keys/:key_id/revoke", `/billing/keys/${key_id}/revoke`),
    own("/billing/sessions/:session_id/end", `/billing/sessions/${session_id}/end`),
    own("/billing/sessions/end-all", "/billing/sessions/end-all", { user_id: "user-2" }),
    anybody("/billing/sessions/end-others"),
    anybody("/billing/language", { language: "nl" }),
    anybody("/billing/sign-out"),
  ];
}

/** Sends a form's fields with some of them otherwise. */
export function send(browser: Visitor, { path, fields }: Post, changes: Record<string, string> = {}) {
  return browser.post(path, { ...fields, ...changes } satisfies FormFields);
}
