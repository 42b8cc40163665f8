import type { ActorKind } from "../units/audit-fact";

/** Longer than what any browser says of itself that people can tell apart. */
const LONGEST_USER_AGENT = 200;

/** Longer than any IP address. */
const LONGEST_ADDRESS = 64;

/** Where a request came from. */
export interface Origin {
  /** The client's IP address and country, as Cloudflare saw them. */
  address: string | null;
  country: string | null;
  user_agent: string | null;
  request_id: string | null;
}

/** Who asks for a change: the holder of an API key, a person at the dashboard, Stripe, or what runs by itself. */
export interface Actor {
  /** An API key's id, or `user:` and the platform's id of the person. */
  id: string;
  kind: ActorKind;
  /** The person's name, null for all others. */
  name: string | null;
  /** The dashboard session in which a person asks. */
  session_id: string | null;
  origin: Origin;
}

const NOWHERE: Origin = { address: null, country: null, user_agent: null, request_id: null };

/** What Stripe tells of by its webhooks. */
export const STRIPE: Actor = { id: "stripe", kind: "stripe", name: null, session_id: null, origin: NOWHERE };

/** What is done without anybody asking for it. */
export const SYSTEM: Actor = { id: "system", kind: "system", name: null, session_id: null, origin: NOWHERE };

/** A person at the dashboard, in the session that they were let in for. */
export function personIn(session: { id: string; user_id: string; user_name: string }, origin: Origin): Actor {
  const { id: session_id, user_id, user_name: name } = session;
  return { id: `user:${user_id}`, kind: "person", name, session_id, origin };
}

/** Where a request came from. No client can set the headers that the address and the country are read from. */
export function originOf({ headers }: Pick<Request, "headers">, request_id: string): Origin {
  return {
    address: headers.get("CF-Connecting-IP")?.slice(0, LONGEST_ADDRESS) ?? null,
    country: /^[A-Z][A-Z0-9]$/.exec(headers.get("CF-IPCountry") ?? "")?.[0] ?? null,
    user_agent: headers.get("User-Agent")?.slice(0, LONGEST_USER_AGENT) ?? null,
    request_id,
  };
}
