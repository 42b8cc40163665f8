import ipaddr from "ipaddr.js";
import { z } from "zod";
import { MINUTE_MS, SECOND_MS } from "../units/duration";
import { log } from "../units/log";

const TIMEOUT_MS = 2 * SECOND_MS;
const REMEMBERED_MS = MINUTE_MS;
const MAX_REMEMBERED = 1_000;

/** The records that carry an address; others of the answer, such as a CNAME, lead to these. */
const A = 1;
const AAAA = 28;

const answerSchema = z.object({
  Status: z.int(),
  Answer: z.array(z.object({ type: z.int(), data: z.string() })).default([]),
});

const remembered = new Map<string, { is_private: boolean; until_ms: number }>();

/**
 * Whether a name leads, or may lead, to an address that is not on the public internet. Asks a resolver over HTTPS in the
 * JSON form that public resolvers share. Where a name cannot be known it is not refused: false.
 */
export async function resolvesToPrivate(
  host: string,
  resolver_url: string,
  fetcher: typeof fetch = fetch,
): Promise<boolean> {
  const name = host.replace(/\.+$/, "");
  const key = `${resolver_url} ${name}`;
  const known = remembered.get(key);
  if (known && known.until_ms > Date.now()) return known.is_private;
  try {
    const types = ["A", "AAAA"];
    const answers = await Promise.all(types.map((type) => addresses(name, type, resolver_url, fetcher)));
    const is_private = answers.flat().some((address) => !isPublicAddress(address));
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(key, { is_private, until_ms: Date.now() + REMEMBERED_MS });
    return is_private;
  } catch (error) {
    log.error("resolver_failed", { error });
    return false;
  }
}

async function addresses(
  name: string,
  type: string,
  resolver_url: string,
  fetcher: typeof fetch,
): Promise<string[]> {
  const url = `${resolver_url}?name=${encodeURIComponent(name)}&type=${type}`;
  const headers = { accept: "application/dns-json" };
  const response = await fetcher(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`The resolver answered ${response.status}.`);
  const { Answer } = answerSchema.parse(await response.json());
  return Answer.filter((record) => record.type === A || record.type === AAAA).map(({ data }) => data);
}

/**
 * Whether an address is on the public internet; of an IPv6 address that embeds an IPv4 address, whether that one is.
 *
 * @internal exported for tests
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address instanceof ipaddr.IPv4) return address.range() === "unicast";
  const inner = carriedIpv4(address);
  if (inner) return inner.range() === "unicast";
  return address.range() === "unicast" && address.match(GLOBAL_IPV6);
}

/** All that is given out on the public internet (RFC 4291): not, for one, `::127.0.0.1` in the form of RFC 4291, 2.5.5.1. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR("2000::/3");

/** The well-known prefix; those of RFC 8215 lead into private networks. */
const NAT64 = ipaddr.IPv6.parseCIDR("64:ff9b::/96");

/** Of mapped addresses, NAT64 (RFC 6052) and 6to4 (RFC 3056), null of all others. */
function carriedIpv4(address: ipaddr.IPv6): ipaddr.IPv4 | null {
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  const bytes = address.toByteArray();
  if (address.match(NAT64)) return new ipaddr.IPv4(bytes.slice(12));
  if (address.range() === "6to4") return new ipaddr.IPv4(bytes.slice(2, 6));
  return null;
}
