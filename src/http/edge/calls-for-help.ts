import { isForHelp, planOfAnywhere } from "../../calls/emergency-calls";
import type { PlatformKey } from "../../organizations/directory";
import { verifyApiKey } from "../../units/api-key-format";
import type { AppContext } from "../context";

/** The largest request that is looked at before anything else was: that of a batch. */
const MAX_BYTES = 1_048_576;

const BEARER = /^Bearer +([\w-]+) *$/i;

/**
 * Whether a request, with a node's key that is ours, asks for a call for help. Looked at only where the request would be refused
 * otherwise, because of a limit or because nobody can tell whether its key is in force: the key's seal is enough for these.
 */
export async function callsForHelp(c: AppContext): Promise<boolean> {
  const is_of_calls = /\/edge\/(?:calls\/authorize|operations)$/.test(c.req.path);
  if (!is_of_calls || Number(c.req.header("Content-Length") ?? 0) > MAX_BYTES) return false;
  const text = BEARER.exec(c.req.header("Authorization") ?? "")?.[1];
  const key = text === undefined ? null : await verifyApiKey(text, c.get("settings").key_secrets);
  if (key?.kind !== "edge") return false;
  const body = await c.req.raw
    .clone()
    .json()
    .catch(() => null);
  const plan = planOfAnywhere(c.get("settings").numbering);
  return operationsIn(body).some((operation) => isForHelp(operation ?? {}, plan));
}

/** A node's key that nobody can look up now: it may call for help, and nothing else. */
export function unconfirmedKey(key_id: string, hash: string): PlatformKey {
  const nothing = {
    organization_ids: [],
    scopes: [],
    rights: null,
    secret_version: null,
    expires_at_ms: null,
    revoked_at_ms: null,
  };
  return { key_id, kind: "edge", hash, ...nothing };
}

function operationsIn(body: unknown): (object | null)[] {
  const operations = (body as { operations?: unknown } | null)?.operations;
  const all = Array.isArray(operations) ? operations : [body];
  return all.filter((each) => typeof each === "object");
}
