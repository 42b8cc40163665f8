const LOCAL: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** The names that the platform gives to every deployment. */
const PLATFORM_DOMAIN = "workers.dev";

/** Whether a host is this machine itself, where nothing is overheard. */
export function isLocalHost({ hostname }: URL): boolean {
  return LOCAL.has(hostname);
}

/**
 * How a request has reached the deployment whose own address is `public_url` (empty: it has none). `plain`: over http, which
 * others can read. `side_door`: by the platform's name beside an address of its own, past whatever guards that one.
 */
export function classifyOrigin(url: URL, public_url: string): "right" | "plain" | "side_door" {
  if (isLocalHost(url)) return "right";
  if (url.protocol !== "https:") return "plain";
  const has_own_address = public_url !== "" && !isPlatformName(new URL(public_url));
  return has_own_address && isPlatformName(url) ? "side_door" : "right";
}

/** The same page where it should have been asked for. */
export function canonicalUrl(url: URL, public_url: string): string {
  const { pathname, search, hostname } = url;
  const origin = classifyOrigin(url, public_url) === "side_door" ? public_url : `https://${hostname}`;
  return origin + pathname + search;
}

/**
 * Whether browsers reach the deployment over https: decided by its own address, where it has one, so that no request can
 * talk a session's cookie out of its guards.
 */
export function isReachedSecurely(url: URL, public_url: string): boolean {
  return public_url === "" ? url.protocol === "https:" || !isLocalHost(url) : public_url.startsWith("https:");
}

function isPlatformName({ hostname }: URL): boolean {
  return hostname.replace(/\.$/, "").endsWith(`.${PLATFORM_DOMAIN}`);
}

/** Scheme and host of an address, such as `https://hooks.example.com/…`: what follows may be a secret. */
export function hostOnly(url: string): string {
  return `${new URL(url).origin}/…`;
}
