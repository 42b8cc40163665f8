// With its extension, because the start script runs in Node what makes keys.
import { toHex } from "./digest.ts";
import { type KeySecret, type KeySecrets, macBytes, newestSecret } from "./seal.ts";

/** What a secret is for, so that one of them never passes for another. */
export type DerivedFor = "api_key" | "portal_link" | "webhook_secret";

/**
 * What the secret of one object is derived from, besides a secret of KEY_SECRETS: without that it opens nothing. Whoever may
 * ask for the same secret again keeps it; where it is forgotten, the secret cannot be made again by anybody.
 */
export interface Seed {
  /** Random, in hexadecimal. */
  salt: string;
  /** Of the secret in KEY_SECRETS. */
  secret_version: string;
}

const SALT_BYTES = 20;

/** A seed for an object that is about to be made. */
export function newSeed(secrets: KeySecrets): Seed {
  const salt = toHex(crypto.getRandomValues(new Uint8Array(SALT_BYTES)).buffer);
  return { salt, secret_version: newestSecret(secrets).version };
}

/** The secret of KEY_SECRETS that a seed names; undefined when it is no longer in use. */
export function secretOf({ secret_version }: Seed, secrets: KeySecrets): KeySecret | undefined {
  return secrets.find(({ version }) => version === secret_version);
}

/** 32 bytes that only this deployment can make, the same each time for the same object and seed. */
export function derivedBytes(
  purpose: DerivedFor,
  object_id: string,
  { salt }: Seed,
  secret: KeySecret,
): Promise<Uint8Array<ArrayBuffer>> {
  return macBytes(`derived:${JSON.stringify([purpose, object_id, salt])}`, secret);
}
