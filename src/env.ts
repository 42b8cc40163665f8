import { type LedgerSettings, ledgerSettings } from "./ledger/core/settings";
import { readStripeSettings, type StripeSettings, type StripeVariables } from "./stripe/settings";
import { isSample, parseKeySecrets } from "./units/api-key-format";
import { DAY_MS } from "./units/duration";
import { isMemberState } from "./units/member-states";
import { SIP_ADDRESS } from "./units/phone-number";
import { isLocalHost } from "./units/public-url";
import type { KeySecrets } from "./units/seal";

type SettingName =
  | "KEY_SECRETS"
  | "DIALER_URL"
  | "DIALER_SECRET"
  | "DIALER_TIMEOUT_MS"
  | "DIALER_SIP_HOSTS"
  | "LEDGER_DEADLINE_MS"
  | "EDGE_REQUESTS_PER_MINUTE"
  | "CUSTOMER_REQUESTS_PER_MINUTE"
  | "QUOTA_SECONDS"
  | "MIN_QUOTA_SECONDS"
  | "RING_SECONDS"
  | "NODE_TIME_TOLERANCE_SECONDS"
  | "UNAUTHORIZED_SETTLES_PER_HOUR"
  | "KEEP_CALLS_DAYS"
  | "KEEP_LEDGER_BYTES"
  | "PUBLIC_URL"
  | "SELLER_COUNTRY"
  | "SELLER_VAT_ID"
  | "VAT_ID_CHECKER"
  | "PURCHASE_MIN_CENTS"
  | "PURCHASE_MAX_CENTS"
  | "TIME_ZONE"
  | "CHECKOUT_ORIGIN"
  | "WEBHOOK_LOCALHOST"
  | "WEBHOOK_OWN_HOSTS"
  | "WEBHOOK_RESOLVER_URL"
  | keyof StripeVariables;

/** What the platform hands to the Worker: the bindings of wrangler.toml and the settings of `.dev.vars.example`. */
export type Bindings = Env & { readonly [name in SettingName]?: string };

/** Where outbound calls are handed to, and the secret that signs them. */
export interface DialerSettings {
  url: string;
  secret: string;
  timeout_ms: number;
  /** Hosts of SIP addresses that may be called, besides telephone numbers. */
  sip_hosts: string[];
}

export interface Settings {
  key_secrets: KeySecrets;
  ledger: LedgerSettings;
  /** How long a request waits for a ledger before it answers 503. */
  ledger_deadline_ms: number;
  /** Requests that one edge key may make in a minute, counted in each isolate. */
  edge_requests_per_minute: number;
  /** null: this deployment places no outbound calls. */
  dialer: DialerSettings | null;
  /** null: this deployment sells no credit. */
  stripe: StripeSettings | null;
  /** Where people reach this deployment, without a slash at the end: pages that Stripe leads back to. Set when it sells. */
  public_url: string;
  /** ISO code of the member state that the seller is established in. */
  seller_country: string;
  /** The seller's own VAT ID, null when it is not set. */
  seller_vat_id: string | null;
  /** Who says whether a VAT ID exists: the Commission's register, or its form and checksum alone. */
  vat_id_checker: "vies" | "offline";
  /** The smallest and largest purchase, before VAT. */
  purchase_min_cents: number;
  purchase_max_cents: number;
  webhooks: WebhookSettings;
  /** The IANA zone whose days the dashboard counts in. */
  time_zone: string;
  /** Origins of Stripe's pages that a form of the dashboard may lead to. */
  checkout_origins: string[];
}

/** Which addresses customers may have events sent to. */
export interface WebhookSettings {
  /** Names of this deployment itself, which are nobody's endpoint. */
  own_hosts: string[];
  /** Opens http on localhost, for running on one's own machine. */
  allow_localhost: boolean;
  /** Whom to ask where a name leads (DNS over HTTPS, in JSON), null: nobody. */
  resolver_url: string | null;
}

/** An instant at which a year begins, near enough to now for the zones of today. */
const RECENT_MS = Date.parse("2026-01-01T00:00:00Z");
const MIN_DIALER_SECRET_CHARACTERS = 32;
const read_by_env = new WeakMap<object, Settings>();

/** The settings, checked once per isolate. Throws an error that names the setting and what it should be. */
export function readSettings(env: Bindings): Settings {
  const known = read_by_env.get(env);
  if (known) return known;
  const settings: Settings = {
    key_secrets: parseKeySecrets(env.KEY_SECRETS),
    ledger: readLedgerSettings(env),
    ledger_deadline_ms: wholeNumber(env, "LEDGER_DEADLINE_MS", 3_000, 50, 30_000),
    edge_requests_per_minute: wholeNumber(env, "EDGE_REQUESTS_PER_MINUTE", 60_000, 1, 10_000_000),
    dialer: readDialerSettings(env),
    stripe: readStripeSettings(env),
    public_url: readPublicUrl(env),
    seller_country: memberState(env, "SELLER_COUNTRY", "NL"),
    seller_vat_id: readSellerVatId(env),
    vat_id_checker: readVatIdChecker(env),
    purchase_min_cents: wholeNumber(env, "PURCHASE_MIN_CENTS", 1_000, 50, 100_000_000),
    purchase_max_cents: wholeNumber(env, "PURCHASE_MAX_CENTS", 500_000, 50, 100_000_000),
    webhooks: readWebhookSettings(env),
    time_zone: readTimeZone(env),
    checkout_origins: readCheckoutOrigins(env),
  };
  if (settings.purchase_min_cents > settings.purchase_max_cents)
    throw new Error("PURCHASE_MIN_CENTS is more than PURCHASE_MAX_CENTS.");
  read_by_env.set(env, settings);
  return settings;
}

function readTimeZone({ TIME_ZONE: zone = "Europe/Amsterdam" }: Bindings): string {
  const wrong = "TIME_ZONE must be an IANA time zone that is whole hours from UTC, such as Europe/Amsterdam.";
  try {
    const format = new Intl.DateTimeFormat("en", { timeZone: zone, minute: "numeric" });
    // Usage is counted by the hour: in both halves of a year an hour here must begin when one begins there.
    if ([0, 182 * DAY_MS].every((at_ms) => Number(format.format(at_ms + RECENT_MS)) === 0)) return zone;
  } catch (error) {
    throw new Error(wrong, { cause: error });
  }
  throw new Error(wrong);
}

/** Stripe's own hosts, the stand-in's when there is one, and a domain of the seller's own (Stripe's custom domains). */
function readCheckoutOrigins({ CHECKOUT_ORIGIN: own, STRIPE_API_URL: api_url }: Bindings): string[] {
  const named = [own, api_url].filter((text) => text !== undefined && text !== "") as string[];
  const wrong = named.find((text) => !URL.canParse(text));
  if (wrong !== undefined)
    throw new Error(`CHECKOUT_ORIGIN must be an origin such as https://pay.example.com.`);
  return ["https://*.stripe.com", ...named.map((text) => new URL(text).origin)];
}

function readPublicUrl(env: Bindings): string {
  const text = env.PUBLIC_URL ?? "";
  if (text === "" && !env.STRIPE_SECRET_KEY) return "";
  if (!URL.canParse(text) || !isSafe(new URL(text)) || new URL(text).pathname !== "/")
    throw new Error("PUBLIC_URL is missing or malformed: it is https://host (http for localhost only).");
  return new URL(text).origin;
}

function readWebhookSettings(env: Bindings): WebhookSettings {
  const { WEBHOOK_LOCALHOST: localhost = "", WEBHOOK_OWN_HOSTS: hosts = "" } = env;
  if (localhost !== "" && localhost !== "true")
    throw new Error("WEBHOOK_LOCALHOST is malformed: it is true or left out.");
  const resolver = env.WEBHOOK_RESOLVER_URL ?? "https://cloudflare-dns.com/dns-query";
  if (resolver !== "" && !(URL.canParse(resolver) && isSafe(new URL(resolver))))
    throw new Error("WEBHOOK_RESOLVER_URL is malformed: it is an https URL, or empty.");
  const public_url = readPublicUrl(env);
  const own_hosts = hosts.split(",").map((host) => host.trim().toLowerCase());
  if (public_url) own_hosts.push(new URL(public_url).hostname);
  return {
    own_hosts: own_hosts.filter((host) => host !== ""),
    allow_localhost: localhost === "true",
    resolver_url: resolver || null,
  };
}

function memberState(env: Bindings, name: SettingName, standard: string): string {
  const code = env[name] || standard;
  if (!isMemberState(code))
    throw new Error(`${name} is malformed: it is the two letters of an EU member state.`);
  return code;
}

function readSellerVatId({ SELLER_VAT_ID: text }: Bindings): string | null {
  if (!text) return null;
  const compact = text.toUpperCase().replace(/[\s.-]/g, "");
  if (!/^[A-Z]{2}[A-Z\d+*]{2,12}$/.test(compact))
    throw new Error("SELLER_VAT_ID is malformed: it begins with the two letters of its country.");
  return compact;
}

/** A checksum is trusted only where no money is real: there, a made-up number would be sold to without VAT. */
function readVatIdChecker(env: Bindings): Settings["vat_id_checker"] {
  const is_live = readStripeSettings(env)?.is_live ?? false;
  const chosen = env.VAT_ID_CHECKER || (is_live ? "vies" : "offline");
  if (chosen !== "vies" && chosen !== "offline")
    throw new Error("VAT_ID_CHECKER is malformed: it is vies or offline.");
  if (chosen === "offline" && is_live)
    throw new Error("VAT_ID_CHECKER is offline beside a live Stripe key: leave it out, or set it to vies.");
  return chosen;
}

function readLedgerSettings(env: Bindings): LedgerSettings {
  const settings = ledgerSettings(env);
  if (settings.min_quota_seconds > settings.quota_seconds)
    throw new Error("MIN_QUOTA_SECONDS is more than QUOTA_SECONDS.");
  return settings;
}

function readDialerSettings(env: Bindings): DialerSettings | null {
  const { DIALER_URL: url, DIALER_SECRET: secret } = env;
  if (!url) return null;
  if (!URL.canParse(url) || !isSafe(new URL(url)) || new URL(url).username || new URL(url).password)
    throw new Error(
      "DIALER_URL is malformed: it is an https URL (http for localhost only), without a password.",
    );
  if (isSample(secret ?? "")) throw new Error("DIALER_SECRET is a sample: everybody knows it.");
  if (!secret || secret.length < MIN_DIALER_SECRET_CHARACTERS)
    throw new Error(`DIALER_SECRET is missing or shorter than ${MIN_DIALER_SECRET_CHARACTERS} characters.`);
  const timeout_ms = wholeNumber(env, "DIALER_TIMEOUT_MS", 5_000, 100, 30_000);
  return { url: new URL(url).href, secret, timeout_ms, sip_hosts: readSipHosts(env) };
}

function readSipHosts({ DIALER_SIP_HOSTS: text = "" }: Bindings): string[] {
  const hosts = text.split(",").map((host) => host.trim().toLowerCase());
  const named = hosts.filter((host) => host !== "");
  if (!named.every((host) => SIP_ADDRESS.test(`sip:user@${host}`)))
    throw new Error("DIALER_SIP_HOSTS is malformed: it is host names with commas between.");
  return named;
}

function isSafe(url: URL): boolean {
  return url.protocol === "https:" || (url.protocol === "http:" && isLocalHost(url));
}

function wholeNumber(env: Bindings, name: SettingName, standard: number, min: number, max: number): number {
  const text = env[name];
  if (text === undefined || text === "") return standard;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw new Error(`${name} is malformed: it is a whole number from ${min} to ${max}.`);
  return value;
}
