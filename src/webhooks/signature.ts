import { hmacSha256, importHmacKey, importHmacKeyBytes, toHex } from "../units/digest";
import { SECOND_MS } from "../units/duration";
import type { DeliveryJob } from "./types";

const PREFIX = "whsec_";

/** A secret of 32 bytes that nobody can guess, in the form of Standard Webhooks: `whsec_` and base 64. */
export function secretOfBytes(bytes: Uint8Array): string {
  return `${PREFIX}${btoa(String.fromCharCode(...bytes))}`;
}

/** One attempt to deliver one event, which is signed. */
export interface Message {
  event_id: string;
  type: string;
  body: string;
  sent_at_ms: number;
}

/**
 * The headers of an attempt, in the form of Standard Webhooks 1.0.0 (one signature for each secret, the newest first)
 * and in the product's own. That has room for one signature: while a secret is being replaced it is the old one's, so that a
 * receiver which knows no other goes on, and each of the two has a header of its own beside it. A secret that is not of that
 * form (an operator's own for its dialer) is the key as it stands: "raw" in the libraries.
 */
export async function signedHeaders(
  message: Message,
  { secret, previous_secret }: Pick<DeliveryJob, "secret" | "previous_secret">,
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(message.sent_at_ms / SECOND_MS));
  const secrets = previous_secret ? [secret, previous_secret] : [secret];
  const standard = await Promise.all(secrets.map((each) => standardSignature(each, message, timestamp)));
  const own = await ownSignature(secret, message.body, timestamp);
  const previous = previous_secret && (await ownSignature(previous_secret, message.body, timestamp));
  return {
    "content-type": "application/json",
    "user-agent": "Ringfence-Webhooks/1",
    "webhook-id": message.event_id,
    "webhook-timestamp": timestamp,
    "webhook-signature": standard.join(" "),
    "x-webhook-event": message.type,
    "x-webhook-timestamp": timestamp,
    "x-webhook-signature": previous || own,
    ...(previous && { "x-webhook-signature-next": own, "x-webhook-signature-previous": previous }),
  };
}

async function standardSignature(secret: string, { event_id, body }: Message, timestamp: string) {
  const key = await (secret.startsWith(PREFIX) ? importHmacKeyBytes(bytesOf(secret)) : importHmacKey(secret));
  const signature = await hmacSha256(key, `${event_id}.${timestamp}.${body}`);
  return `v1,${btoa(String.fromCharCode(...new Uint8Array(signature)))}`;
}

function bytesOf(secret: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(secret.slice(PREFIX.length)), (character) => character.charCodeAt(0));
}

/** The whole secret as it was shown is the key: what an existing receiver has in its settings. */
async function ownSignature(secret: string, body: string, timestamp: string): Promise<string> {
  return `sha256=${toHex(await hmacSha256(await importHmacKey(secret), `${timestamp}.${body}`))}`;
}
