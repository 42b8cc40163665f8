import { isLocalHost } from "../units/public-url";

/** Which URLs may be endpoints of this deployment. */
export interface EndpointUrlRules {
  /** Host names of this deployment itself. */
  own_hosts: readonly string[];
  /** Opens http on localhost, for running on one's own machine. */
  allow_localhost: boolean;
}

const MAX_CHARACTERS = 2_048;

/** Names that do not exist on the public internet (RFC 2606, 6761, 6762, 8375 and the private use that is common). */
const PRIVATE_SUFFIXES = [
  ...["localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "home.arpa"],
  ...["test", "example", "invalid", "onion", "alt"],
];

/** Public names that lead to whatever address they spell, or to this machine. */
const SPELLING_SUFFIXES = [
  ...["nip.io", "sslip.io", "xip.io", "traefik.me", "backname.io", "ip6.name"],
  ...[
    "localtest.me",
    "lvh.me",
    "vcap.me",
    "lacolhost.com",
    "fbi.com.localhost",
    "localho.st",
    "1u.ms",
    "rbndr.us",
  ],
];

/**
 * Why an address may not be a customer's endpoint, in words for the customer; null when it may. What the URL parser makes
 * of the address is judged, not its spelling: it is what would be called.
 */
export function endpointUrlProblem(text: string, rules: EndpointUrlRules): string | null {
  if (text.length > MAX_CHARACTERS) return `Must be at most ${MAX_CHARACTERS} characters.`;
  if (!URL.canParse(text)) return "Must be a complete URL, such as https://example.com/webhooks.";
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return "Must not carry a user name or password.";
  if (url.hash !== "") return "Must not have a fragment: it would never be sent.";
  if (rules.allow_localhost && isWeb(url) && isLocalHost(url)) return null;
  if (url.protocol !== "https:") return "Must begin with https://.";
  if (url.port !== "") return "Must use the usual port of https, 443.";
  return hostProblem(url.hostname, rules.own_hosts);
}

function hostProblem(hostname: string, own_hosts: readonly string[]): string | null {
  const host = hostname.replace(/\.+$/, "");
  if (isIpAddress(host)) return "Must name a host, not an IP address.";
  if (!host.includes(".")) return "Must be the full name of a public host.";
  if (PRIVATE_SUFFIXES.some((suffix) => isUnder(host, suffix)))
    return "Must be a name on the public internet.";
  if (SPELLING_SUFFIXES.some((suffix) => isUnder(host, suffix)))
    return "Must not be a name that stands for whatever address it spells.";
  if (own_hosts.some((own) => isUnder(host, own.replace(/\.+$/, ""))))
    return "Must not be an address of this service.";
  return null;
}

/** The URL parser writes every form of an IPv4 address with four numbers, and every IPv6 address in brackets. */
function isIpAddress(host: string): boolean {
  return host.startsWith("[") || /^\d+(\.\d+){3}$/.test(host);
}

function isUnder(host: string, suffix: string): boolean {
  return host === suffix || host.endsWith(`.${suffix}`);
}

function isWeb({ protocol }: URL): boolean {
  return protocol === "https:" || protocol === "http:";
}
