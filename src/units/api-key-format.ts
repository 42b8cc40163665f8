// With its extension, because the start script runs this file in Node to mint the first key.
import { derivedBytes, newSeed, type Seed, secretOf } from "./derived-secret.ts";
import { sha256Hex } from "./digest.ts";
import {
  base32,
  equalInConstantTime,
  type KeySecrets,
  MAC_CHARACTERS,
  macOf,
  SECRET_VERSION,
  SECRET_VERSIONS,
} from "./seal.ts";

/** Whose key it is: an organization's own, a telephony node's or an operator's. */
export type KeyKind = "live" | "edge" | "admin";

/** What a key says about itself once its seal has been checked. `hash` is what storage knows it by. */
export interface VerifiedKey {
  kind: KeyKind;
  key_id: string;
  /** The owner of a live key, null for edge and admin keys. */
  organization_id: string | null;
  hash: string;
  /** Of the secret in KEY_SECRETS that it was made under. */
  secret_version: string;
}

/** What an admin key may do, each with all that stands before it: read, move money, everything. */
export const ADMIN_RIGHTS = ["look", "money", "all"] as const;

/** How long a new key of an operator works, unless another end is asked for. */
export const ADMIN_KEY_DAYS = 365;

const MIN_SECRET_CHARACTERS = 32;
/** What no key can be guessed without: 130 bits. */
const ENTROPY_CHARACTERS = 26;
/** The least bytes that fill so many characters, and whole characters, too. */
const ENTROPY_BYTES = 20;
const VERIFIED_KEYS_KEPT = 2_000;

const SUFFIX = "[0-7][0-9a-hjkmnp-tv-z]{25}";
const SEAL = "[0-9a-hjkmnp-tv-z]{26}[0-9a-hjkmnp-tv-z]{32}";
const LIVE_KEY = new RegExp(`^rf_(live)_(${SECRET_VERSION})(${SUFFIX})(${SUFFIX})${SEAL}$`);
const PLATFORM_KEY = new RegExp(`^rf_(edge|admin)_(${SECRET_VERSION})(${SUFFIX})${SEAL}$`);
const MAX_KEY_LENGTH = 128;

/** Whether a secret is one that everybody can read in `.dev.vars.example`, or was made after it. */
export function isSample(secret: string): boolean {
  return secret.toLowerCase().includes("replace-me");
}

/** Reads `1:secret,2:secret`. Throws an error that says what to put right, without repeating any secret. */
export function parseKeySecrets(text: string | undefined): KeySecrets {
  if (!text) throw new Error("KEY_SECRETS is missing: set it to 1:<at least 32 random characters>.");
  const secrets = text.split(",").map((part) => {
    const [version = "", secret = ""] = part.trim().split(/:(.*)/s);
    if (version.length !== 1 || !SECRET_VERSIONS.includes(version))
      throw new Error(
        "KEY_SECRETS is malformed: each secret starts with its version, one of 1 to 9, A to Z, a to z, and a colon.",
      );
    if (isSample(secret))
      throw new Error(`KEY_SECRETS: secret ${version} is the sample of .dev.vars.example.`);
    if (secret.length < MIN_SECRET_CHARACTERS)
      throw new Error(`KEY_SECRETS: secret ${version} is shorter than ${MIN_SECRET_CHARACTERS} characters.`);
    return { version, secret };
  });
  if (new Set(secrets.map(({ version }) => version)).size < secrets.length)
    throw new Error("KEY_SECRETS is malformed: two secrets have the same version.");
  return secrets.sort((a, b) => SECRET_VERSIONS.indexOf(b.version) - SECRET_VERSIONS.indexOf(a.version));
}

/**
 * A new key and its hash. Only the hash is to be stored; the key is shown once.
 *
 * @internal exported for tests and for the script that makes an installation's first key
 */
export async function mintApiKey(
  kind: KeyKind,
  ids: { key_id: string; organization_id: string | null },
  secrets: KeySecrets,
): Promise<{ key: string; hash: string }> {
  const minted = await mintApiKeyAgain(kind, ids, secrets, newSeed(secrets));
  if (!minted) throw new Error("A key cannot be made without a secret.");
  return minted;
}

/** The key that this seed makes, each time the same; null when the secret that it was made under is no longer in use. */
export async function mintApiKeyAgain(
  kind: KeyKind,
  ids: { key_id: string; organization_id: string | null },
  secrets: KeySecrets,
  seed: Seed,
): Promise<{ key: string; hash: string } | null> {
  const secret = secretOf(seed, secrets);
  if (!secret) return null;
  const owner = kind === "live" ? suffixOf(ids.organization_id ?? "") : "";
  const bytes = await derivedBytes("api_key", ids.key_id, seed, secret);
  const entropy = base32(bytes.subarray(0, ENTROPY_BYTES)).slice(0, ENTROPY_CHARACTERS);
  const body = `rf_${kind}_${secret.version}${suffixOf(ids.key_id)}${owner}${entropy}`;
  const key = body + (await macOf(body, secret));
  if (!LIVE_KEY.test(key) && !PLATFORM_KEY.test(key)) throw new Error(`These ids do not make a ${kind} key.`);
  return { key, hash: await sha256Hex(key) };
}

/**
 * What the key says, or null when it is malformed or not sealed by us. Touches no storage: whether the key was
 * revoked, has expired or is known at all is for its owner's store to say.
 */
export async function verifyApiKey(text: string, secrets: KeySecrets): Promise<VerifiedKey | null> {
  const verified = verifiedWith(secrets);
  const known = verified.get(text);
  if (known) return known;
  if (text.length > MAX_KEY_LENGTH) return null;
  const match = LIVE_KEY.exec(text) ?? PLATFORM_KEY.exec(text);
  if (!match) return null;
  const [, kind, version, key_suffix, organization_suffix] = match;
  const secret = secrets.find((candidate) => candidate.version === version);
  if (!secret) return null;
  const body = text.slice(0, -MAC_CHARACTERS);
  if (!equalInConstantTime(await macOf(body, secret), text.slice(-MAC_CHARACTERS))) return null;
  const key: VerifiedKey = {
    kind: kind as KeyKind,
    key_id: `key_${key_suffix}`,
    organization_id: organization_suffix ? `org_${organization_suffix}` : null,
    hash: await sha256Hex(text),
    secret_version: secret.version,
  };
  remember(verified, text, key);
  return key;
}

const verified_by_secrets = new WeakMap<KeySecrets, Map<string, VerifiedKey>>();

/** Keys that were verified before: two digests less on every request of a node. */
function verifiedWith(secrets: KeySecrets): Map<string, VerifiedKey> {
  let verified = verified_by_secrets.get(secrets);
  if (!verified) {
    verified = new Map();
    verified_by_secrets.set(secrets, verified);
  }
  return verified;
}

function remember(verified: Map<string, VerifiedKey>, text: string, key: VerifiedKey): void {
  if (verified.size >= VERIFIED_KEYS_KEPT) verified.clear();
  verified.set(text, key);
}

function suffixOf(id: string): string {
  return id.slice(id.indexOf("_") + 1);
}
