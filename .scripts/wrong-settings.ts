import type { WrongSetting } from "../src/units/settings/groups.ts";

/** The schema of the settings, as the Worker reads it. */
type Schema = Pick<typeof import("../src/env.ts"), "SETTINGS" | "wrongSettings">;

/** What a deployment will have. */
export interface StatedSettings {
  /** By their names: what wrangler.toml says under [vars], and secrets whose values are known here. */
  variables: Readonly<Record<string, unknown>>;
  /** Names of [vars] alone: no secret may be among them. */
  vars: readonly string[];
  /** Secrets that are at Cloudflare, where nobody can read them. */
  hidden: readonly string[];
}

/** What `.env` may hold besides settings. */
const FOR_WRANGLER = /^(?:CLOUDFLARE|WRANGLER)_/;

/** Fit for any rule that does not look at what a secret says. */
const STAND_INS: Readonly<Record<string, string>> = {
  KEY_SECRETS: `1:${"x".repeat(32)}`,
  DIALER_SECRET: "x".repeat(32),
  STRIPE_SECRET_KEY: "sk_test_xxxxxxxx",
  STRIPE_WEBHOOK_SECRET: `whsec_${"x".repeat(16)}`,
};

/** All that is wrong with the settings of a deployment, each with what is right. */
export function wrongOf(
  { SETTINGS, wrongSettings }: Schema,
  { variables, vars, hidden }: StatedSettings,
): WrongSetting[] {
  const kinds: Readonly<Record<string, { is_secret: boolean }>> = SETTINGS;
  const unknown = Object.keys(variables)
    .filter((name) => !(name in kinds) && !FOR_WRANGLER.test(name))
    .map((setting) => ({
      setting,
      message: `${setting} is no setting: see .dev.vars.example for all there are.`,
    }));
  const told = vars
    .filter((name) => kinds[name]?.is_secret)
    .map((setting) => ({
      setting,
      message: `${setting} is a secret: take it out of wrangler.toml and put it with npx wrangler secret put ${setting}.`,
    }));
  const unseen = hidden.filter((name) => name in STAND_INS && !(name in variables));
  const stand_ins = Object.fromEntries(unseen.map((name) => [name, STAND_INS[name]]));
  return [...unknown, ...told, ...wrongSettings({ ...variables, ...stand_ins })];
}
