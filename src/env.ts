import { z } from "zod";
import {
  DEFAULT_LEDGER_SETTINGS as LEDGER,
  type LedgerSettings,
  MAX_CALL_SECONDS,
} from "./ledger/core/settings";
import { isNumberedCountry } from "./numbers/calling-codes";
import type { NumberingPlan } from "./numbers/read-number";
import { isSample, parseKeySecrets } from "./units/api-key-format";
import { SECOND_MS } from "./units/duration";
import { log } from "./units/log";
import { isMemberState } from "./units/member-states";
import { SIP_ADDRESS } from "./units/phone-number";
import { allOf, needed, onlyWith, type WrongSetting, wrongIn } from "./units/settings/groups";
import {
  codes,
  commaSeparated,
  emptyOrUrl,
  hostNames,
  isAddress,
  isAddressWithoutPassword,
  isHost,
  isQuarterHoursFromUtc,
  secret,
  wholeNumber,
  wholeNumberFrom,
} from "./units/settings/values";

// Every setting of the Worker: what it is for, its default, its bounds, whether it is a secret, and the sentence that an operator
// reads when it is wrong. What calls need is read first and must be right. The rest is read apart: a wrong setting stops what
// needs it and nothing else, and pages go on with the default.

const MIN_DIALER_SECRET_CHARACTERS = 32;
const MIN_WEBHOOK_SECRET_CHARACTERS = 16;

const STANDARD_ZONE = "Europe/Amsterdam";
const STRIPES_PAGES = "https://*.stripe.com";

const PUBLIC_URL_WRONG = "PUBLIC_URL is missing or malformed: it is https://host (http for localhost only).";

const requests = z
  .object({
    /** Secrets that seal keys. */
    KEY_SECRETS: secret(z.string().optional().transform(keySecrets)),
    /** How long a request waits for a ledger before it answers 503. */
    LEDGER_DEADLINE_MS: wholeNumber(50, 30 * SECOND_MS, 3 * SECOND_MS),
    /** Requests that one edge key may make in a minute, counted in each isolate. */
    EDGE_REQUESTS_PER_MINUTE: wholeNumber(1, 10_000_000, 60_000),
  })
  .transform((is) => ({
    key_secrets: is.KEY_SECRETS,
    ledger_deadline_ms: is.LEDGER_DEADLINE_MS,
    edge_requests_per_minute: is.EDGE_REQUESTS_PER_MINUTE,
  }));

/** What each is for stands with {@link LedgerSettings}. */
const ledger = z
  .object({
    QUOTA_SECONDS: wholeNumberFrom(1, LEDGER.quota_seconds),
    MAX_QUOTA_SECONDS: wholeNumber(1, MAX_CALL_SECONDS, LEDGER.max_quota_seconds),
    MIN_QUOTA_SECONDS: wholeNumberFrom(1, LEDGER.min_quota_seconds),
    RING_SECONDS: wholeNumberFrom(1, LEDGER.ring_seconds),
    NODE_TIME_TOLERANCE_SECONDS: wholeNumberFrom(1, LEDGER.node_time_tolerance_seconds),
    UNAUTHORIZED_SETTLES_PER_HOUR: wholeNumberFrom(1, LEDGER.unauthorized_settles_per_hour),
    CUSTOMER_REQUESTS_PER_MINUTE: wholeNumberFrom(1, LEDGER.customer_requests_per_minute),
    /** A call stays for as long as it may still be reported: more than 30 days. */
    KEEP_CALLS_DAYS: wholeNumberFrom(31, LEDGER.keep_calls_days),
    KEEP_LEDGER_BYTES: wholeNumberFrom(1, LEDGER.keep_ledger_bytes),
  })
  .transform(
    (is): LedgerSettings => ({
      quota_seconds: is.QUOTA_SECONDS,
      max_quota_seconds: is.MAX_QUOTA_SECONDS,
      min_quota_seconds: is.MIN_QUOTA_SECONDS,
      ring_seconds: is.RING_SECONDS,
      node_time_tolerance_seconds: is.NODE_TIME_TOLERANCE_SECONDS,
      unauthorized_settles_per_hour: is.UNAUTHORIZED_SETTLES_PER_HOUR,
      customer_requests_per_minute: is.CUSTOMER_REQUESTS_PER_MINUTE,
      keep_calls_days: is.KEEP_CALLS_DAYS,
      keep_ledger_bytes: is.KEEP_LEDGER_BYTES,
    }),
  );

const numbering = z
  .object({
    /** Where calls are dialled of organizations that do not say where they are: empty, it is not known. */
    DEFAULT_COUNTRY: z
      .string()
      .default("")
      .refine(
        (code) => code === "" || isNumberedCountry(code),
        "DEFAULT_COUNTRY is malformed: it is the two letters of a country.",
      ),
    /** Emergency numbers besides those of the countries, as they are dialled. */
    EMERGENCY_NUMBERS: codes(
      /^\d{2,15}$/,
      "EMERGENCY_NUMBERS is malformed: it is digits, with commas between.",
    ),
    /** Short codes that mean something on this platform only. */
    SHORT_CODES: codes(
      /^[\d*#]{1,15}$/,
      "SHORT_CODES is malformed: it is digits, * and #, with commas between.",
    ),
  })
  .transform(
    (is): NumberingPlan => ({
      countries: isNumberedCountry(is.DEFAULT_COUNTRY) ? [is.DEFAULT_COUNTRY] : [],
      emergency_numbers: is.EMERGENCY_NUMBERS,
      short_codes: is.SHORT_CODES,
    }),
  );

/** Groups of countries, by how often calls to them are fraud. */
const RISK_GROUPS = ["low", "medium", "high"] as const;

export type RiskGroup = (typeof RISK_GROUPS)[number];

const closing = z
  .object({
    /** Groups of countries that nobody may call; empty: none. */
    CLOSED_RISK_GROUPS: codes(
      new RegExp(`^(?:${RISK_GROUPS.join("|")})$`),
      "CLOSED_RISK_GROUPS is malformed: it is high, medium or low, with commas between.",
    ),
    /** What calls come to that no row of a rate deck is for: `refuse`, or the name of a rate. Empty: as without a deck. */
    UNLISTED_DESTINATIONS: z
      .string()
      .default("")
      .refine(
        (text) => /^(?:[a-z][a-z0-9_-]{0,39})?$/.test(text),
        "UNLISTED_DESTINATIONS is malformed: it is refuse, the name of a rate, or empty.",
      ),
    /** The most that a minute may cost; what is dearer is closed. Empty: there is no such limit. */
    MAX_PRICE_MICROS_PER_MINUTE: z
      .string()
      .default("")
      .refine(
        (text) => /^\d{0,12}$/.test(text),
        "MAX_PRICE_MICROS_PER_MINUTE is malformed: it is a whole number of micro-euros, or empty.",
      ),
  })
  .transform((is) => ({
    /** Null: as without a deck. */
    unlisted: is.UNLISTED_DESTINATIONS === "" ? null : is.UNLISTED_DESTINATIONS,
    risk_groups: is.CLOSED_RISK_GROUPS as ReadonlySet<RiskGroup>,
    max_price_micros_per_minute:
      is.MAX_PRICE_MICROS_PER_MINUTE === "" ? null : Number(is.MAX_PRICE_MICROS_PER_MINUTE),
  }));

const dialer = z
  .object({
    /** Where outbound calls are handed to. */
    DIALER_URL: z
      .string()
      .refine(
        isAddressWithoutPassword,
        "DIALER_URL is malformed: it is an https URL (http for localhost only), without a password.",
      ),
    /** Signs what is handed to the dialer. */
    DIALER_SECRET: secret(
      z
        .string()
        .default("")
        .refine((text) => !isSample(text), "DIALER_SECRET is a sample: everybody knows it.")
        .refine(
          ({ length }) => length >= MIN_DIALER_SECRET_CHARACTERS,
          `DIALER_SECRET is missing or shorter than ${MIN_DIALER_SECRET_CHARACTERS} characters.`,
        ),
    ),
    /** How long the dialer may take before its answer counts as unknown. */
    DIALER_TIMEOUT_MS: wholeNumber(100, 30 * SECOND_MS, 5 * SECOND_MS),
    /** Hosts of SIP addresses that may be called, besides telephone numbers. */
    DIALER_SIP_HOSTS: hostNames().refine(
      (hosts) => hosts.every((host) => SIP_ADDRESS.test(`sip:user@${host}`)),
      "DIALER_SIP_HOSTS is malformed: it is host names with commas between.",
    ),
  })
  .transform((is) => ({
    url: new URL(is.DIALER_URL).href,
    secret: is.DIALER_SECRET,
    timeout_ms: is.DIALER_TIMEOUT_MS,
    sip_hosts: is.DIALER_SIP_HOSTS,
  }));

const stripe = z
  .object({
    STRIPE_SECRET_KEY: secret(
      z
        .string()
        .regex(
          /^(?:sk|rk)_(?:test|live)_\w{8,}$/,
          "STRIPE_SECRET_KEY is malformed: it starts with sk_live_, sk_test_ or rk_.",
        ),
    ),
    /** Another address than Stripe's own: a stand-in. */
    STRIPE_API_URL: emptyOrUrl("STRIPE_API_URL is malformed: it is a URL."),
    /** The secrets that sign Stripe's events: two while one replaces the other. An empty one would let anybody sign. */
    STRIPE_WEBHOOK_SECRET: secret(
      commaSeparated()
        .refine(
          (secrets) => !secrets.some(isSample),
          "STRIPE_WEBHOOK_SECRET is a sample: everybody knows it.",
        )
        .refine(
          (secrets) => secrets.every(({ length }) => length >= MIN_WEBHOOK_SECRET_CHARACTERS),
          "STRIPE_WEBHOOK_SECRET is missing or too short: it is the endpoint's signing secret (whsec_…), two with a comma between while one replaces the other.",
        ),
    ),
  })
  .transform((is) => ({
    secret_key: is.STRIPE_SECRET_KEY,
    webhook_secrets: is.STRIPE_WEBHOOK_SECRET,
    api_url: is.STRIPE_API_URL === "" ? null : new URL(is.STRIPE_API_URL),
    /** Whether the key moves real money. Events of the other kind are ignored. */
    is_live: /^.._live_/.test(is.STRIPE_SECRET_KEY),
  }))
  .refine(({ is_live, api_url }) => !(is_live && api_url), {
    path: ["STRIPE_API_URL"],
    message: "STRIPE_API_URL names a stand-in: leave it out with a live key.",
  });

const address = z
  .object({
    /** Where people reach this deployment, without a slash at the end: pages that Stripe leads back to. Set when it sells. */
    PUBLIC_URL: z
      .string()
      .default("")
      .refine((url) => url === "" || isHost(url), PUBLIC_URL_WRONG),
  })
  .transform((is) => is.PUBLIC_URL && new URL(is.PUBLIC_URL).origin);

const sales = z
  .object({
    /** The member state that the seller is established in. */
    SELLER_COUNTRY: z
      .string()
      .default("")
      .transform((code) => code || "NL")
      .refine(isMemberState, "SELLER_COUNTRY is malformed: it is the two letters of an EU member state."),
    SELLER_VAT_ID: z
      .string()
      .default("")
      .refine(
        (id) => id === "" || /^[A-Z]{2}[A-Z\d+*]{2,12}$/.test(compact(id)),
        "SELLER_VAT_ID is malformed: it begins with the two letters of its country.",
      ),
    /** Who says whether a VAT ID exists: the Commission's register, or its form and checksum alone. */
    VAT_ID_CHECKER: z
      .enum(["vies", "offline", ""], "VAT_ID_CHECKER is malformed: it is vies or offline.")
      .default(""),
    /** The smallest and largest purchase, before VAT. */
    PURCHASE_MIN_CENTS: wholeNumber(50, 100_000_000, 1_000),
    PURCHASE_MAX_CENTS: wholeNumber(50, 100_000_000, 500_000),
  })
  .transform((is) => ({
    seller_country: is.SELLER_COUNTRY,
    seller_vat_id: compact(is.SELLER_VAT_ID) || null,
    vat_id_checker: is.VAT_ID_CHECKER,
    purchase_min_cents: is.PURCHASE_MIN_CENTS,
    purchase_max_cents: is.PURCHASE_MAX_CENTS,
  }));

const webhooks = z
  .object({
    /** Opens http on localhost, for running on one's own machine. */
    WEBHOOK_LOCALHOST: z
      .enum(["true", ""], "WEBHOOK_LOCALHOST is malformed: it is true or left out.")
      .default(""),
    /** Host names of this deployment besides PUBLIC_URL's: webhooks may not point at them. */
    WEBHOOK_OWN_HOSTS: hostNames(),
    /** The resolver that says which addresses a name has (DNS over HTTPS, in JSON); empty: names are not resolved. */
    WEBHOOK_RESOLVER_URL: z
      .string()
      .default("https://cloudflare-dns.com/dns-query")
      .refine(
        (url) => url === "" || isAddress(url),
        "WEBHOOK_RESOLVER_URL is malformed: it is an https URL, or empty.",
      ),
  })
  .transform((is) => ({
    own_hosts: is.WEBHOOK_OWN_HOSTS,
    allow_localhost: is.WEBHOOK_LOCALHOST === "true",
    resolver_url: is.WEBHOOK_RESOLVER_URL || null,
  }));

const zone = z
  .object({
    /** The IANA zone whose days the dashboard counts in. */
    TIME_ZONE: z
      .string()
      .default("")
      .transform((name) => name || STANDARD_ZONE)
      .refine(
        isQuarterHoursFromUtc,
        "TIME_ZONE must be an IANA time zone, such as Europe/Amsterdam or Asia/Kolkata.",
      ),
  })
  .transform((is) => is.TIME_ZONE);

/** Another address than Stripe's own has pages, too. */
const stand_in = z
  .object({ STRIPE_API_URL: emptyOrUrl("STRIPE_API_URL is malformed: it is a URL.") })
  .transform((is) => originsOf(is.STRIPE_API_URL));

const checkout = z
  .object({
    /** The seller's own domain for Stripe's pages (Stripe's custom domains). */
    CHECKOUT_ORIGIN: emptyOrUrl("CHECKOUT_ORIGIN must be an origin such as https://pay.example.com."),
  })
  .transform((is) => originsOf(is.CHECKOUT_ORIGIN));

const calls = allOf({ requests, ledger })
  .refine(({ ledger }) => ledger.min_quota_seconds <= ledger.quota_seconds, {
    path: ["MIN_QUOTA_SECONDS"],
    message: "MIN_QUOTA_SECONDS is more than QUOTA_SECONDS.",
  })
  .transform(({ requests, ledger }) => ({ ...requests, ledger }));

const selling = allOf({
  /** null: this deployment sells no credit. */
  stripe: onlyWith("STRIPE_SECRET_KEY", stripe),
  sales,
  address,
})
  .refine(({ stripe, address }) => !stripe || address !== "", {
    path: ["PUBLIC_URL"],
    message: PUBLIC_URL_WRONG,
  })
  // A checksum is trusted only where no money is real: there, a made-up number would be sold to without VAT.
  .refine(({ stripe, sales }) => !(stripe?.is_live && sales.vat_id_checker === "offline"), {
    path: ["VAT_ID_CHECKER"],
    message: "VAT_ID_CHECKER is offline beside a live Stripe key: leave it out, or set it to vies.",
  })
  .refine(({ sales }) => sales.purchase_min_cents <= sales.purchase_max_cents, {
    path: ["PURCHASE_MIN_CENTS"],
    message: "PURCHASE_MIN_CENTS is more than PURCHASE_MAX_CENTS.",
  })
  .transform(({ stripe, sales }) => ({
    ...sales,
    stripe,
    vat_id_checker: sales.vat_id_checker || (stripe?.is_live ? "vies" : "offline"),
  }));

const deliveries = allOf({ webhooks, address }).transform(({ webhooks, address }) => ({
  ...webhooks,
  own_hosts: [...webhooks.own_hosts, ...hostOf(address)],
}));

/** What is read apart from the rest, so that what is wrong in one of them leaves the others as they are. */
const groups = {
  calls,
  numbering,
  closing,
  /** null: this deployment places no outbound calls. */
  dialer: onlyWith("DIALER_URL", dialer),
  selling,
  deliveries,
  address,
  zone,
  checkout,
  stand_in,
};

type GroupName = keyof typeof groups;

const parts = {
  requests,
  ledger,
  numbering,
  closing,
  dialer,
  stripe,
  address,
  sales,
  webhooks,
  zone,
  checkout,
};

type SettingName = {
  [part in keyof typeof parts]: keyof z.input<(typeof parts)[part]>;
}[keyof typeof parts];

/**
 * All settings by their names, and whether each is a secret.
 *
 * @internal exported for the check before a start
 */
export const SETTINGS = Object.fromEntries(
  Object.values(parts)
    .flatMap((part) => Object.entries(part.in.shape))
    .map(([name, { meta }]) => [name, { is_secret: meta()?.is_secret === true }]),
) as Readonly<Record<SettingName, { is_secret: boolean }>>;

type Selling = z.output<typeof selling>;

/** The settings of this deployment; what each is for stands with the variable of its name above. */
export interface Settings extends Readonly<z.output<typeof calls>>, Readonly<Selling> {
  /** Reading it throws while a setting of the dialer is wrong, as closing and all of selling and deliveries do with theirs. */
  readonly dialer: DialerSettings | null;
  readonly webhooks: z.output<typeof deliveries>;
  /** Which destinations are closed. */
  readonly closing: ClosingSettings;
  /** How numbers are read of organizations that do not say where they are. */
  readonly numbering: NumberingPlan;
  /** Empty: this deployment has no address of its own. */
  readonly public_url: string;
  readonly time_zone: string;
  /** Origins of Stripe's pages that a form of the dashboard may lead to. */
  readonly checkout_origins: readonly string[];
  /** What is not read as it stands. */
  readonly wrong: readonly WrongSetting[];
}

/** Which destinations are closed besides those that always are, and what comes of those that no deck knows. */
export type ClosingSettings = z.output<typeof closing>;

/** Where outbound calls are handed to, and the secret that signs them. */
export type DialerSettings = z.output<typeof dialer>;

/** How this deployment reaches Stripe. */
export type StripeSettings = z.output<typeof stripe>;

/** What the platform hands to the Worker: the bindings of wrangler.toml and the settings of `.dev.vars.example`. */
export type Bindings = Env & { readonly [name in SettingName]?: string };

const settings_by_env = new WeakMap<object, Settings>();

/** The settings, read once per isolate. Throws an error that names the setting and what it should be when calls need it. */
export function readSettings(env: Bindings): Settings {
  const known = settings_by_env.get(env);
  if (known) return known;
  const settings = settingsOf(env);
  settings_by_env.set(env, settings);
  for (const wrong of settings.wrong) log.error("setting_wrong", wrong);
  return settings;
}

function settingsOf(env: Bindings): Settings {
  const read = <Name extends GroupName>(name: Name) => attempt(name, env);
  const [closing, dialer] = [read("closing"), read("dialer")];
  const [selling, deliveries] = [read("selling"), read("deliveries")];
  return {
    ...needed(read("calls")),
    wrong: wrongSettings(env),
    // A call to an emergency service waits for no setting.
    numbering: read("numbering").data ?? needed(attempt("numbering", {})),
    public_url: read("address").data ?? "",
    time_zone: read("zone").data ?? STANDARD_ZONE,
    checkout_origins: [STRIPES_PAGES, ...(read("checkout").data ?? []), ...(read("stand_in").data ?? [])],
    get closing() {
      return needed(closing);
    },
    get dialer() {
      return needed(dialer);
    },
    get webhooks() {
      return needed(deliveries);
    },
    get stripe() {
      return needed(selling).stripe;
    },
    get seller_country() {
      return needed(selling).seller_country;
    },
    get seller_vat_id() {
      return needed(selling).seller_vat_id;
    },
    get vat_id_checker() {
      return needed(selling).vat_id_checker;
    },
    get purchase_min_cents() {
      return needed(selling).purchase_min_cents;
    },
    get purchase_max_cents() {
      return needed(selling).purchase_max_cents;
    },
  };
}

/**
 * The ledger's part of the settings alone, for its object: it goes on while another setting is wrong. Throws an error that
 * names the setting and what it should be.
 */
export function readLedgerSettings(env: object): LedgerSettings {
  return needed(ledger.safeParse(textsIn(env)));
}

/**
 * All settings that are wrong, each once.
 *
 * @internal exported for the check before a start
 */
export function wrongSettings(env: object): WrongSetting[] {
  const found = new Map<string, string>();
  for (const name of Object.keys(groups) as GroupName[])
    for (const { setting, message } of wrongIn(attempt(name, env)))
      if (!found.has(setting)) found.set(setting, message);
  return [...found].map(([setting, message]) => ({ setting, message }));
}

function attempt<Name extends GroupName>(name: Name, env: object) {
  return groups[name].safeParse(textsIn(env)) as z.ZodSafeParseResult<z.output<(typeof groups)[Name]>>;
}

/** The settings among the bindings. Those that wrangler.toml writes without quotes come as numbers or as booleans. */
function textsIn(env: object): Record<string, unknown> {
  const is_plain = (value: unknown) => typeof value === "number" || typeof value === "boolean";
  const named = Object.entries(env).filter(([name]) => name in SETTINGS);
  return Object.fromEntries(named.map(([name, value]) => [name, is_plain(value) ? String(value) : value]));
}

function keySecrets(text: string | undefined, context: z.RefinementCtx) {
  try {
    return parseKeySecrets(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
    return z.NEVER;
  }
}

function originsOf(url: string): string[] {
  return url === "" ? [] : [new URL(url).origin];
}

function hostOf(url: string): string[] {
  return url === "" ? [] : [new URL(url).hostname];
}

/** A VAT ID without what people write between its digits. */
function compact(id: string): string {
  return id.toUpperCase().replace(/[\s.-]/g, "");
}
