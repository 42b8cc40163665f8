import { type LedgerSettings, ledgerSettings } from "./ledger/settings";
import { type KeySecrets, parseKeySecrets } from "./units/api-key";

type SettingName =
  | "KEY_SECRETS"
  | "DIALER_URL"
  | "DIALER_SECRET"
  | "DIALER_TIMEOUT_MS"
  | "LEDGER_DEADLINE_MS"
  | "EDGE_REQUESTS_PER_MINUTE"
  | "CUSTOMER_REQUESTS_PER_MINUTE"
  | "QUOTA_SECONDS"
  | "MIN_QUOTA_SECONDS"
  | "RING_SECONDS"
  | "NODE_TIME_TOLERANCE_SECONDS"
  | "UNAUTHORIZED_SETTLES_PER_HOUR"
  | "KEEP_CALLS_DAYS"
  | "KEEP_LEDGER_BYTES";

/** What the platform hands to the Worker: the bindings of wrangler.toml and the settings of `.dev.vars.example`. */
export type Bindings = Env & { readonly [name in SettingName]?: string };

/** Where outbound calls are handed to, and the secret that signs them. */
export interface DialerSettings {
  url: string;
  secret: string;
  timeout_ms: number;
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
}

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
  };
  read_by_env.set(env, settings);
  return settings;
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
  if (!URL.canParse(url) || !isSafe(new URL(url)))
    throw new Error("DIALER_URL is malformed: it is an https URL (http for localhost only).");
  if (!secret || secret.length < MIN_DIALER_SECRET_CHARACTERS)
    throw new Error(`DIALER_SECRET is missing or shorter than ${MIN_DIALER_SECRET_CHARACTERS} characters.`);
  return { url, secret, timeout_ms: wholeNumber(env, "DIALER_TIMEOUT_MS", 5_000, 100, 30_000) };
}

function isSafe(url: URL): boolean {
  const local = url.hostname === "localhost" || url.hostname === "127.0.0.1" || url.hostname === "[::1]";
  return url.protocol === "https:" || (url.protocol === "http:" && local);
}

function wholeNumber(env: Bindings, name: SettingName, standard: number, min: number, max: number): number {
  const text = env[name];
  if (text === undefined || text === "") return standard;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw new Error(`${name} is malformed: it is a whole number from ${min} to ${max}.`);
  return value;
}
