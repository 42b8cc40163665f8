import ipaddr from "ipaddr.js";

/** Groups of an IPv6 address that its provider assigns to one household or server: a /64 (RFC 6177). */
const IPV6_GROUPS = 4;

/**
 * Whether a request from this address may go on. The platform's limiter counts in each of its locations by itself and is
 * approximate: it bounds floods and decides nothing else. Without an address (no network is between: tests, another Worker)
 * nothing is counted; the platform always sets the header, and no client can.
 */
export async function isAddressAllowed(limiter: RateLimit, headers: Headers): Promise<boolean> {
  const address = headers.get("CF-Connecting-IP");
  return address === null || isUnderLimit(limiter, networkOf(address));
}

/** Whether what `key` names may be used once more. */
export async function isUnderLimit(limiter: RateLimit, key: string): Promise<boolean> {
  const { success } = await limiter.limit({ key });
  return success;
}

function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString();
  return parsed.parts
    .slice(0, IPV6_GROUPS)
    .map((part) => part.toString(16))
    .join(":");
}
