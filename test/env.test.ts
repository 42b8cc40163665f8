import { describe, expect, it } from "vitest";
import { type Bindings, readLedgerSettings, readSettings } from "../src/env";
import { DEFAULT_LEDGER_SETTINGS } from "../src/ledger/core/settings";

const KEY_SECRETS = "1:a-secret-that-only-the-tests-know-0000";
const SELLING = {
  STRIPE_SECRET_KEY: "sk_test_00000000",
  STRIPE_WEBHOOK_SECRET: "whsec_long_enough_to_sign",
  PUBLIC_URL: "https://billing.example.com",
};
const read = (settings: Record<string, string>) =>
  readSettings({ KEY_SECRETS, ...settings } as unknown as Bindings);
const example = import.meta.glob<string>("../.dev.vars.example", {
  query: "?raw",
  import: "default",
  eager: true,
})["../.dev.vars.example"];

describe("the settings", () => {
  it("have defaults for all but the secrets", () => {
    expect(read({})).toMatchObject({
      ledger: DEFAULT_LEDGER_SETTINGS,
      dialer: null,
      ledger_deadline_ms: 3_000,
    });
    expect(() => read({ KEY_SECRETS: "" })).toThrow("KEY_SECRETS is missing");
  });

  it("are read once for each environment", () => {
    const env = { KEY_SECRETS } as unknown as Bindings;
    expect(readSettings(env)).toBe(readSettings(env));
  });

  it("let a ledger have its own part while another is wrong", () => {
    const env = { KEY_SECRETS, QUOTA_SECONDS: "90", TIME_ZONE: "Mars/Olympus" };
    expect(() => read(env)).toThrow("TIME_ZONE must be");
    expect(readLedgerSettings(env)).toEqual({ ...DEFAULT_LEDGER_SETTINGS, quota_seconds: 90 });
  });

  it("may be numbers where wrangler.toml writes them without quotes", () => {
    const env = { KEY_SECRETS, QUOTA_SECONDS: 90, LEDGER_DEADLINE_MS: 2_000 } as unknown as Bindings;
    expect(readSettings(env)).toMatchObject({ ledger: { quota_seconds: 90 }, ledger_deadline_ms: 2_000 });
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
    expect(() => read(settings)).toThrow(message);
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
      { TIME_ZONE: "Asia/Kolkata" },
      "TIME_ZONE must be an IANA time zone that is whole hours from UTC, such as Europe/Amsterdam.",
    ],
    [{ CHECKOUT_ORIGIN: "pay" }, "CHECKOUT_ORIGIN must be an origin such as https://pay.example.com."],
  ])("%o is refused with one sentence: %s", (settings, message) => {
    expect(() => read(settings)).toThrow(new Error(message));
  });

  it("all stand in .dev.vars.example with what they default to", () => {
    const named = Object.fromEntries(
      [...(example ?? "").matchAll(/^(?:# )?([A-Z_]+)="(.*)"$/gm)].map(([, name = "", value = ""]) => [
        name,
        value,
      ]),
    );
    const { DIALER_URL: _, DIALER_SECRET: __, DIALER_TIMEOUT_MS, PUBLIC_URL: ___, ...plain } = named;
    // Copied as it stands it must not run: everybody could make keys for it.
    expect(() => read(plain)).toThrow("KEY_SECRETS: secret 1 is the sample");
    expect(read({ ...plain, KEY_SECRETS })).toEqual({ ...read({}), key_secrets: expect.anything() });
    expect(DIALER_TIMEOUT_MS).toBe(
      String(read({ DIALER_URL: "https://d.test", DIALER_SECRET: KEY_SECRETS }).dialer?.timeout_ms),
    );
    for (const name of Object.keys(DEFAULT_LEDGER_SETTINGS)) expect(named).toHaveProperty(name.toUpperCase());
  });
});
