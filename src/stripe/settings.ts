import { isSample } from "../units/api-key-format";

/** How this deployment reaches Stripe. */
export interface StripeSettings {
  secret_key: string;
  /** The secrets that sign Stripe's events: two while one replaces the other. */
  webhook_secrets: string[];
  /** Another address than Stripe's own: a stand-in. */
  api_url: URL | null;
  /** Whether the key moves real money. Events of the other kind are ignored. */
  is_live: boolean;
}

/** The settings as text; see `.dev.vars.example`. */
export interface StripeVariables {
  readonly STRIPE_SECRET_KEY?: string;
  readonly STRIPE_WEBHOOK_SECRET?: string;
  readonly STRIPE_API_URL?: string;
}

const MIN_WEBHOOK_SECRET_CHARACTERS = 16;

/** Null without a secret key: nothing can be bought. Throws an error that names the setting and what it should be. */
export function readStripeSettings(variables: StripeVariables): StripeSettings | null {
  const { STRIPE_SECRET_KEY: secret_key, STRIPE_API_URL: api_url } = variables;
  if (!secret_key) return null;
  const kind = /^(?:sk|rk)_(test|live)_\w{8,}$/.exec(secret_key)?.[1];
  if (!kind) throw new Error("STRIPE_SECRET_KEY is malformed: it starts with sk_live_, sk_test_ or rk_.");
  const is_live = kind === "live";
  if (api_url && is_live) throw new Error("STRIPE_API_URL names a stand-in: leave it out with a live key.");
  if (api_url && !URL.canParse(api_url)) throw new Error("STRIPE_API_URL is malformed: it is a URL.");
  return {
    secret_key,
    webhook_secrets: readWebhookSecrets(variables.STRIPE_WEBHOOK_SECRET ?? ""),
    api_url: api_url ? new URL(api_url) : null,
    is_live,
  };
}

/** An empty secret would let anybody sign, so that nothing works without one. */
function readWebhookSecrets(text: string): string[] {
  const secrets = text.split(",").map((secret) => secret.trim());
  if (secrets.some(isSample)) throw new Error("STRIPE_WEBHOOK_SECRET is a sample: everybody knows it.");
  if (secrets.some((secret) => secret.length < MIN_WEBHOOK_SECRET_CHARACTERS))
    throw new Error(
      "STRIPE_WEBHOOK_SECRET is missing or too short: it is the endpoint's signing secret (whsec_…), two with a comma between while one replaces the other.",
    );
  return secrets;
}
