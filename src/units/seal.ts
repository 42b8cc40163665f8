// With its extension, because the start script runs this file in Node to mint the first key.
import { hmacSha256, importHmacKey } from "./digest.ts";

/** Every version that a secret may have, the later ones newer: one character, in the order of ASCII. */
export const SECRET_VERSIONS = "123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** One of them, as part of a regular expression. */
export const SECRET_VERSION = "[1-9A-Za-z]";

/** One secret that keys are sealed with. Its version is one of `SECRET_VERSIONS` and stands in every key sealed with it. */
export interface KeySecret {
  version: string;
  secret: string;
}

/** All secrets in use, newest first: the newest seals new keys, every one of them opens old ones. */
export type KeySecrets = readonly KeySecret[];

/** Crockford's base 32, the alphabet of our ids: no letter is mistaken for a digit, a double click takes it all. */
export const BASE_32 = "0123456789abcdefghjkmnpqrstvwxyz";

const MAC_BYTES = 20; // 160 bits, which fill 32 characters exactly, so that one MAC has one spelling

/** The length of a MAC as text. */
export const MAC_CHARACTERS = (MAC_BYTES * 8) / 5;
const SEAL = new RegExp(`^${SECRET_VERSION}[0-9a-hjkmnp-tv-z]{32}$`);

/** The length of a seal: the version of its secret and a MAC. */
export const SEAL_CHARACTERS = 1 + MAC_CHARACTERS;

/** What a seal is for, so that one of them never passes for another. */
export type Purpose = "return" | "link" | "session" | "cursor" | "ledger_head" | "audit_seal";

/** The secret that new things are made under. */
export function newestSecret(secrets: KeySecrets): KeySecret {
  const [newest] = secrets;
  if (!newest) throw new Error("Nothing can be sealed without a secret.");
  return newest;
}

/** Shows later that this text came from us: the version of the secret and a MAC, 33 characters fit for a URL or a cookie. */
export async function sealOf(
  purpose: Purpose,
  text: string,
  secrets: KeySecrets,
  secret = newestSecret(secrets),
): Promise<string> {
  return secret.version + (await macOf(`${purpose}:${text}`, secret));
}

/** Whether a text came from us, without a look at any storage. */
export async function isSealed(
  purpose: Purpose,
  text: string,
  seal: string,
  secrets: KeySecrets,
): Promise<boolean> {
  const secret = SEAL.test(seal) && secrets.find(({ version }) => version === seal[0]);
  return secret ? equalInConstantTime(await macOf(`${purpose}:${text}`, secret), seal.slice(1)) : false;
}

const imported = new WeakMap<KeySecret, CryptoKey>();

async function importedKey(secret: KeySecret): Promise<CryptoKey> {
  const known = imported.get(secret);
  if (known) return known;
  const key = await importHmacKey(secret.secret);
  imported.set(secret, key);
  return key;
}

/** HMAC-SHA256 of a text: 32 bytes. Each use begins its text in a way of its own. */
export async function macBytes(body: string, secret: KeySecret): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await hmacSha256(await importedKey(secret), body));
}

/** The first 160 bits of it in base 32. */
export async function macOf(body: string, secret: KeySecret): Promise<string> {
  return base32((await macBytes(body, secret)).subarray(0, MAC_BYTES));
}

/** Base 32 of a number of bytes that is a multiple of five. */
export function base32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE_32[(value >> bits) & 31];
    }
    value &= (1 << bits) - 1;
  }
  return text;
}

/** Compares without stopping at the first difference, so that the time taken says nothing about the right MAC. */
export function equalInConstantTime(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
