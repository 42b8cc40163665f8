/** A SIP address without what does not name anybody: password, parameters, headers (RFC 3261, section 19.1). */
export interface SipAddress {
  scheme: string;
  /** Decoded; empty when the address has a host only. */
  user: string;
  /** The same, still with escapes where these stand for what an address has not. */
  written_user: string;
  /** In small letters, with its port when it has one. */
  host: string;
  /** Whether it says that its user is a telephone number. */
  is_phone: boolean;
}

/** A `tel:` address: its number, and where a number without `+` is one (RFC 3966, section 5.1.5). */
export interface TelAddress {
  number: string;
  /** The digits of a context that is the beginning of numbers; null for none, or one that is a domain. */
  context: string | null;
}

const SIP =
  /^(sips?):(?:([^@:<>?\s]+)(?::[^@<>?\s]*)?@)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:\d{1,5})?((?:;[^?\s]*)?)(?:\?\S*)?$/i;

/** With a name before it and brackets around it, as headers have it. */
const NAMED = /^[^<>]*<([^<>]+)>(?:;.*)?$/;

/** The address alone of one that stands in a header's form. */
export function addressIn(text: string): string {
  return NAMED.exec(text)?.[1]?.trim() ?? text;
}

/** Null for what is no SIP address. */
export function sipAddress(text: string): SipAddress | null {
  const found = SIP.exec(text);
  if (!found) return null;
  const [, scheme = "", escaped = "", host = "", port = "", parameters = ""] = found;
  const user = decoded(escaped);
  if (user === null) return null;
  return {
    scheme: scheme.toLowerCase(),
    user,
    written_user: /^[^\s@<>\p{C}]*$/u.test(user) ? user : escaped,
    host: host.toLowerCase() + port,
    is_phone: /;user=phone(?:;|$)/i.test(parameters),
  };
}

/** Null for what is no `tel:` address. */
export function telAddress(text: string): TelAddress | null {
  return /^tel:/i.test(text) ? telNumber(text.slice(4)) : null;
}

/** What stands after `tel:`, and in a SIP address before the `@` when its user is a telephone number. */
export function telNumber(text: string): TelAddress {
  const [number = "", ...parameters] = text.split(";");
  const context = parameters.map((each) => /^phone-context=\+([\d.()-]+)$/i.exec(each)?.[1]).find(Boolean);
  return { number, context: context?.replace(/\D/g, "") ?? null };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
