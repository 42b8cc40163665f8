import { describe, expect, it } from "vitest";
import { wrongOf } from "../.scripts/wrong-settings";
import { type Bindings, readLedgerSettings, readSettings, SETTINGS, wrongSettings } from "../src/env";
import { DEFAULT_LEDGER_SETTINGS } from "../src/ledger/core/settings";

const KEY_SECRETS = "1:a-secret-that-only-the-tests-know-0000";
const SELLING = {
  STRIPE_SECRET_KEY: "sk_test_00000000",
  STRIPE_WEBHOOK_SECRET: "whsec_long_enough_to_sign",
  PUBLIC_URL: "https://billing.example.com",
};
const read = (settings: Record<string, string>) =>
  readSettings({ KEY_SECRETS, ...settings } as unknown as Bindings);
const wrong = (settings: Record<string, unknown>) =>
  wrongSettings({ KEY_SECRETS, ...settings }).map(({ setting, message }) => `${setting}: ${message}`);
const example =
  import.meta.glob<string>("../.dev.vars.example", { query: "?raw", import: "default", eager: true })[
    "../.dev.vars.example"
  ] ?? "";
const readme =
  import.meta.glob<string>("../README.md", { query: "?raw", import: "default", eager: true })[
    "../README.md"
  ] ?? "";

describe("the settings", () => {
  it("have defaults for all but the secrets", () => {
    expect(read({})).toMatchObject({
      ledger: DEFAULT_LEDGER_SETTINGS,
      dialer: null,
      ledger_deadline_ms: 3_000,
    });
    expect(() => read({ KEY_SECRETS: "" })).toThrow("KEY_SECRETS is missing");
  });

  it("say how numbers are read where an organization does not", () => {
    const numbers = { DEFAULT_COUNTRY: "NL", EMERGENCY_NUMBERS: "7000, 7001", SHORT_CODES: "*100" };
    expect(read(numbers).numbering).toEqual({
      countries: ["NL"],
      emergency_numbers: new Set(["7000", "7001"]),
      short_codes: new Set(["*100"]),
    });
    expect(read({}).numbering.countries).toEqual([]);
  });

  it("are read once for each environment", () => {
    const env = { KEY_SECRETS } as unknown as Bindings;
    expect(readSettings(env)).toBe(readSettings(env));
  });

  it("let a ledger have its own part while another is wrong", () => {
    const env = { KEY_SECRETS: "", QUOTA_SECONDS: "90", TIME_ZONE: "Mars/Olympus" };
    expect(() => readSettings(env as Bindings)).toThrow("KEY_SECRETS is missing");
    expect(readLedgerSettings(env)).toEqual({ ...DEFAULT_LEDGER_SETTINGS, quota_seconds: 90 });
  });

  it("that calls do not need stop what needs them alone, and pages go on with the default", () => {
    const settings = read({
      ...SELLING,
      TIME_ZONE: "Mars/Olympus",
      CHECKOUT_ORIGIN: "pay",
      DIALER_URL: "dialer",
      SELLER_COUNTRY: "GB",
      WEBHOOK_LOCALHOST: "yes",
    });
    expect(settings.ledger).toEqual(DEFAULT_LEDGER_SETTINGS);
    expect([settings.time_zone, settings.checkout_origins, settings.public_url]).toEqual([
      "Europe/Amsterdam",
      ["https://*.stripe.com"],
      SELLING.PUBLIC_URL,
    ]);
    expect(() => settings.dialer).toThrow("DIALER_URL");
    expect(() => settings.stripe).toThrow("SELLER_COUNTRY");
    expect(() => settings.webhooks).toThrow("WEBHOOK_LOCALHOST");
    const names = settings.wrong.map(({ setting }) => setting).sort();
    expect(names).toEqual([
      "CHECKOUT_ORIGIN",
      "DIALER_SECRET",
      "DIALER_URL",
      "SELLER_COUNTRY",
      "TIME_ZONE",
      "WEBHOOK_LOCALHOST",
    ]);
  });

  it("leave the deployment without an address when that is wrong, and without sales and deliveries", () => {
    const settings = read({ ...SELLING, PUBLIC_URL: "billing.example.com" });
    expect(settings.public_url).toBe("");
    expect(() => settings.stripe).toThrow("PUBLIC_URL");
    expect(() => settings.webhooks).toThrow("PUBLIC_URL");
  });

  it.each([
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Pacific/Chatham",
    "UTC",
  ])("count in the days of %s", (TIME_ZONE) => {
    expect(read({ TIME_ZONE })).toMatchObject({ time_zone: TIME_ZONE, wrong: [] });
  });

  it("may be numbers or booleans where wrangler.toml writes them without quotes", () => {
    const env = { KEY_SECRETS, QUOTA_SECONDS: 90, LEDGER_DEADLINE_MS: 2_000, WEBHOOK_LOCALHOST: true };
    expect(readSettings(env as unknown as Bindings)).toMatchObject({
      ledger: { quota_seconds: 90 },
      ledger_deadline_ms: 2_000,
      webhooks: { allow_localhost: true },
    });
    expect(wrong({ PUBLIC_URL: { host: "x" }, KEY_SECRETS: 1 })).toEqual([
      "KEY_SECRETS: KEY_SECRETS: secret 1 is shorter than 32 characters.",
      "PUBLIC_URL: PUBLIC_URL must be text.",
    ]);
  });

  it("of a dialer or of Stripe are not looked at without the one that turns it on", () => {
    expect(read({ DIALER_TIMEOUT_MS: "soon", STRIPE_WEBHOOK_SECRET: "short" })).toEqual(read({}));
  });

  it("keep the dialer's address as it is called, without what a shell has left at its end", () => {
    const dialer = { DIALER_URL: "https://d.test/ca\nlls\r\n", DIALER_SECRET: KEY_SECRETS };
    expect(read(dialer).dialer?.url).toBe("https://d.test/calls");
  });

  it.each([
    [{ LEDGER_DEADLINE_MS: "soon" }, "LEDGER_DEADLINE_MS"],
    [{ LEDGER_DEADLINE_MS: "1.5" }, "LEDGER_DEADLINE_MS"],
    [{ EDGE_REQUESTS_PER_MINUTE: "0" }, "EDGE_REQUESTS_PER_MINUTE"],
    [{ QUOTA_SECONDS: "-1" }, "QUOTA_SECONDS"],
    [{ QUOTA_SECONDS: "4" }, "MIN_QUOTA_SECONDS is more"],
    [{ KEEP_CALLS_DAYS: "30" }, "KEEP_CALLS_DAYS must be a whole number from 31 on"],
    [{ KEEP_LEDGER_BYTES: "6GB" }, "KEEP_LEDGER_BYTES"],
    [{ DEFAULT_COUNTRY: "nl" }, "DEFAULT_COUNTRY is malformed"],
    [{ DEFAULT_COUNTRY: "toString" }, "DEFAULT_COUNTRY is malformed"],
    [{ EMERGENCY_NUMBERS: "+31 7000" }, "EMERGENCY_NUMBERS is malformed"],
    [{ SHORT_CODES: "100,sales" }, "SHORT_CODES is malformed"],
    [{ DIALER_URL: "dialer" }, "DIALER_URL is malformed"],
    [{ DIALER_URL: "http://dialer.example.com" }, "DIALER_URL is malformed"],
    [{ DIALER_URL: "https://dialer.example.com" }, "DIALER_SECRET is missing"],
    [{ DIALER_URL: "https://dialer.example.com", DIALER_SECRET: "short" }, "DIALER_SECRET"],
    [
      { DIALER_URL: "https://d.test", DIALER_SECRET: KEY_SECRETS, DIALER_SIP_HOSTS: "sip:x@y" },
      "DIALER_SIP_HOSTS",
    ],
    [
      { DIALER_URL: "https://dialer.example.com", DIALER_SECRET: "replace-me-with-32-or-more-characters" },
      "DIALER_SECRET is a sample",
    ],
    [
      { KEY_SECRETS: `${KEY_SECRETS},2:replace-me-with-32-or-more-random-characters` },
      "KEY_SECRETS: secret 2 is the sample",
    ],
    [{ STRIPE_SECRET_KEY: "pk_test_00000000" }, "STRIPE_SECRET_KEY is malformed"],
    [{ ...SELLING, STRIPE_WEBHOOK_SECRET: "" }, "STRIPE_WEBHOOK_SECRET is missing"],
    [{ ...SELLING, STRIPE_WEBHOOK_SECRET: "whsec_long_enough_to_sign," }, "STRIPE_WEBHOOK_SECRET is missing"],
    [
      { ...SELLING, STRIPE_SECRET_KEY: "sk_live_00000000", STRIPE_API_URL: "https://s.test" },
      "STRIPE_API_URL",
    ],
    [
      { ...SELLING, STRIPE_WEBHOOK_SECRET: "whsec_REPLACE-ME-with-yours" },
      "STRIPE_WEBHOOK_SECRET is a sample",
    ],
    [{ DIALER_URL: "https://me:word@d.test", DIALER_SECRET: KEY_SECRETS }, "DIALER_URL is malformed"],
    [{ ...SELLING, PUBLIC_URL: "" }, "PUBLIC_URL is missing"],
    [{ ...SELLING, PUBLIC_URL: "http://billing.example.com" }, "PUBLIC_URL is missing or malformed"],
    [{ SELLER_COUNTRY: "GB" }, "SELLER_COUNTRY is malformed"],
    [{ PURCHASE_MIN_CENTS: "600000" }, "PURCHASE_MIN_CENTS is more than"],
  ])("%o is refused with a message that names it", (settings, message) => {
    expect(wrong(settings).join("\n")).toContain(message);
  });

  it.each([
    [{ LEDGER_DEADLINE_MS: "49" }, "LEDGER_DEADLINE_MS is malformed: it is a whole number from 50 to 30000."],
    [{ RING_SECONDS: "long" }, "The setting RING_SECONDS must be a whole number from 1 on, not long."],
    [{ MIN_QUOTA_SECONDS: "61" }, "MIN_QUOTA_SECONDS is more than QUOTA_SECONDS."],
    [
      { DIALER_URL: "https://d.test", DIALER_SECRET: "short" },
      "DIALER_SECRET is missing or shorter than 32 characters.",
    ],
    [
      { ...SELLING, STRIPE_SECRET_KEY: "rk_live_00000000", STRIPE_API_URL: "https://s.test" },
      "STRIPE_API_URL names a stand-in: leave it out with a live key.",
    ],
    [
      { ...SELLING, PUBLIC_URL: "" },
      "PUBLIC_URL is missing or malformed: it is https://host (http for localhost only).",
    ],
    [{ SELLER_VAT_ID: "123" }, "SELLER_VAT_ID is malformed: it begins with the two letters of its country."],
    [{ VAT_ID_CHECKER: "both" }, "VAT_ID_CHECKER is malformed: it is vies or offline."],
    [
      { ...SELLING, STRIPE_SECRET_KEY: "sk_live_00000000", VAT_ID_CHECKER: "offline" },
      "VAT_ID_CHECKER is offline beside a live Stripe key: leave it out, or set it to vies.",
    ],
    [{ PURCHASE_MIN_CENTS: "500001" }, "PURCHASE_MIN_CENTS is more than PURCHASE_MAX_CENTS."],
    [{ WEBHOOK_LOCALHOST: "yes" }, "WEBHOOK_LOCALHOST is malformed: it is true or left out."],
    [
      { WEBHOOK_RESOLVER_URL: "http://dns.test" },
      "WEBHOOK_RESOLVER_URL is malformed: it is an https URL, or empty.",
    ],
    [
      { TIME_ZONE: "+05:37" },
      "TIME_ZONE must be an IANA time zone, such as Europe/Amsterdam or Asia/Kolkata.",
    ],
    [{ CHECKOUT_ORIGIN: "pay" }, "CHECKOUT_ORIGIN must be an origin such as https://pay.example.com."],
  ])("%o is refused with one sentence: %s", (settings, message) => {
    expect(wrong(settings)).toEqual([expect.stringMatching(/^[A-Z_]+: /)]);
    expect(wrong(settings)[0]?.replace(/^[A-Z_]+: /, "")).toBe(message);
  });

  it("are checked before a start: a name that is none, a secret among the vars, a secret that is missing", () => {
    const stated = { TIMEZONE: "UTC", DIALER_URL: "https://d.test", STRIPE_SECRET_KEY: "sk_test_00000000" };
    const found = wrongOf(
      { SETTINGS, wrongSettings },
      { variables: stated, vars: Object.keys(stated), hidden: ["KEY_SECRETS", "STRIPE_WEBHOOK_SECRET"] },
    );
    expect(found.map(({ message }) => message)).toEqual([
      "TIMEZONE is no setting: see .dev.vars.example for all there are.",
      expect.stringContaining("STRIPE_SECRET_KEY is a secret: take it out of wrangler.toml"),
      "DIALER_SECRET is missing or shorter than 32 characters.",
      expect.stringContaining("PUBLIC_URL is missing"),
    ]);
    const all = { variables: {}, vars: [], hidden: Object.keys(SETTINGS) };
    expect(wrongOf({ SETTINGS, wrongSettings }, { ...all, hidden: ["KEY_SECRETS"] })).toEqual([]);
    expect(wrongOf({ SETTINGS, wrongSettings }, all)).toHaveLength(1);
  });

  it("all stand in .dev.vars.example with what they default to, secrets marked", () => {
    const lines = [...example.matchAll(/((?:^#.*\n)*?)^(?:# )?([A-Z_]+)="(.*)"$/gm)];
    const named = Object.fromEntries(lines.map(([, , name = "", value = ""]) => [name, value]));
    const { DIALER_URL: _, DIALER_SECRET: __, DIALER_TIMEOUT_MS, PUBLIC_URL: ___, ...plain } = named;
    // Copied as it stands it must not run: everybody could make keys for it.
    expect(() => read(plain)).toThrow("KEY_SECRETS: secret 1 is the sample");
    expect(read({ ...plain, KEY_SECRETS })).toEqual({ ...read({}), key_secrets: expect.anything() });
    expect(DIALER_TIMEOUT_MS).toBe(
      String(read({ DIALER_URL: "https://d.test", DIALER_SECRET: KEY_SECRETS }).dialer?.timeout_ms),
    );
    const secrets = lines.filter(([, comment]) => comment?.includes("(secret)")).map(([, , name]) => name);
    expect(Object.keys(named).sort()).toEqual(Object.keys(SETTINGS).sort());
    expect(secrets.sort()).toEqual(SECRETS);
  });

  it("all stand in the README with their kind and what they default to", () => {
    const table = readme.match(/^\| Setting [\s\S]*?\n\n/m)?.[0] ?? "";
    const rows = [...table.matchAll(/^\| `([A-Z_]+)` +\| (\w+) +\| (\S+) +\| \S.*\|$/gm)];
    expect(rows).toHaveLength(table.trim().split("\n").length - 2);
    expect(rows.map(([, name]) => name).sort()).toEqual(Object.keys(SETTINGS).sort());
    for (const [, name = "", kind, standard = ""] of rows) {
      expect([name, kind]).toEqual([name, SECRETS.includes(name) ? "secret" : "var"]);
      if (["DIALER_URL", "PUBLIC_URL", "KEY_SECRETS"].includes(name)) continue;
      const value = new RegExp(`^# ${name}="(.*)"$`, "m").exec(example)?.[1];
      expect([name, standard]).toEqual([name, value === "" ? "none" : value]);
    }
  });
});

const SECRETS = Object.entries(SETTINGS)
  .filter(([, { is_secret }]) => is_secret)
  .map(([name]) => name)
  .sort();
