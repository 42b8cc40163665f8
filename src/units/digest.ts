// With its extension, because the start script runs in Node what makes keys.
import { hash } from "node:crypto";
import { sha256OfShort } from "./sha256.ts";

const utf8 = new TextEncoder();

/** Bytes in lower-case hexadecimal. */
export function toHex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** SHA-256 of a text: 32 bytes. */
export async function sha256Bytes(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", utf8.encode(text)));
}

/** SHA-256 of a text, in hexadecimal. */
export async function sha256Hex(text: string): Promise<string> {
  return toHex((await sha256Bytes(text)).buffer);
}

/** Up to this length the runtime's own digest takes longer, because it has to be called: `npm run bench:chain` prints both. */
const SHORT_CHARACTERS = 100;

/** The same at once, for what may not wait: a transaction of a Durable Object. */
export function sha256HexNow(text: string): string {
  return text.length > SHORT_CHARACTERS ? hash("sha256", text, "hex") : sha256OfShort(text);
}

/** A random UUID (122 random bits) without its dashes: 32 hexadecimal characters, many times cheaper than to spell bytes. */
export function newSalt(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

/** A secret as the key of HMAC-SHA256. */
export function importHmacKey(secret: string): Promise<CryptoKey> {
  return importHmacKeyBytes(utf8.encode(secret));
}

/** The same, of a secret that is not text. */
export function importHmacKeyBytes(secret: BufferSource): Promise<CryptoKey> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
}

/** HMAC-SHA256 of a text: 32 bytes. */
export function hmacSha256(key: CryptoKey, text: string): Promise<ArrayBuffer> {
  return crypto.subtle.sign("HMAC", key, utf8.encode(text));
}
