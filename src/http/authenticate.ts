import { createMiddleware } from "hono/factory";
import { noteSecretOf } from "../access/platform-key-secrets";
import { openLedger } from "../ledger/client";
import type { Scope } from "../ledger/core/account/api-keys";
import { type Actor, originOf } from "../organizations/actor";
import { DirectoryUnavailable, organizationRef, platformKey } from "../organizations/directory";
import { type KeyKind, type VerifiedKey, verifyApiKey } from "../units/api-key-format";
import { SECOND_MS } from "../units/duration";
import { requireRight } from "./admin/rights";
import { type AppContext, type AppEnv, unwrapAuthenticated, type Variables } from "./context";
import { callsForHelp, unconfirmedKey } from "./edge/calls-for-help";
import { ApiError, type ErrorCode } from "./errors";
import { limitByAddress, requiresProof } from "./middleware/anonymous-limit";
import { knownRejection } from "./middleware/revoked-keys";
import { strayParameter } from "./validate";

/** Errors after which the ledger is not asked again. */
const WITHOUT_LEDGER: ReadonlySet<ErrorCode | null> = new Set<ErrorCode>(["ledger_unavailable", "internal"]);

const BEARER = /^Bearer +([\w-]+) *$/i;

/** Tells the holder of a customer key how many requests are left, in the headers of every answer, errors included. */
export const rateLimitHeaders = createMiddleware<AppEnv>(async (c, next) => {
  await next();
  const rate_limit = c.get("rate_limit");
  if (!rate_limit) return;
  const { limit, remaining, reset_at_ms } = rate_limit;
  const { headers } = c.res;
  headers.set("X-RateLimit-Limit", String(limit));
  headers.set("X-RateLimit-Remaining", String(Math.max(0, remaining)));
  headers.set("X-RateLimit-Reset", String(Math.ceil(reset_at_ms / SECOND_MS)));
});

/** Lets in an organization's own key. Its status, scope and rate are checked by the ledger, in the request's own hop. */
export function organizationKey(scope: Scope) {
  const authenticate = createMiddleware<AppEnv>(async (c, next) => {
    const { key_id, hash, organization_id, secret_version } = await verifiedKey(c, "live");
    if (organization_id === null) throw new ApiError("unauthorized");
    const dead = knownRejection(hash);
    if (dead) throw await rejectKey(c, dead);
    c.set("organization_id", organization_id);
    c.set("caller", { key_id, hash, scope, secret_version });
    const stray = strayParameter(c);
    if (!stray) await next();
    if (!c.var.asked && !WITHOUT_LEDGER.has(c.var.error_code)) await checkKeyAtLedger(c);
    if (stray) throw stray;
  });
  return requiresProof(authenticate);
}

/** Lets in the key of a telephony node. */
export function edgeKey() {
  return platformKeyOf("edge");
}

/** Lets in the key of an operator. */
export function adminKey() {
  return platformKeyOf("admin");
}

/** The ledger of the organization whose key was let in. */
export async function ledgerOf(c: AppContext) {
  const organization = await organizationRef(c.env, c.var.organization_id);
  return openLedger(c.env, organization, c.var.settings.ledger_deadline_ms);
}

/**
 * Lets the ledger check and count the key of a request that it is asked nothing else for: also of one that was refused
 * before, which says no more to a key that is void. Answers all that the key may do.
 * @throws ApiError when the key is refused
 */
export async function checkKeyAtLedger(c: AppContext): Promise<{ scopes: Scope[] }> {
  const ledger = await ledgerOf(c);
  return unwrapAuthenticated(c, await ledger.ask(async (object) => object.admit(c.var.caller)));
}

/** Who asks for a change: the holder of the key that was let in. */
export function actorOf(c: AppContext): Actor {
  const { caller, platform_key }: Partial<Variables> = c.var;
  const key = caller ?? platform_key;
  if (!key) throw new Error("No key was let in.");
  const kind = caller ? "organization_key" : platform_key?.kind === "edge" ? "edge_key" : "admin_key";
  const origin = originOf(c.req.raw, c.var.request_id);
  return { id: key.key_id, kind, name: null, session_id: null, origin };
}

/** Who gets the file that is answered; null of HEAD, whose answer has none. */
export function readerOf(c: AppContext): Actor | null {
  return c.req.method === "HEAD" ? null : actorOf(c);
}

/** The organization whose key was let in, with its ledger. */
export async function ownOrganization(c: AppContext) {
  return { organization_id: c.var.organization_id, ledger: await ledgerOf(c) };
}

function platformKeyOf(kind: "edge" | "admin") {
  const authenticate = createMiddleware<AppEnv>(async (c, next) => {
    const { key_id, hash, secret_version } = await verifiedKey(c, kind);
    const key = await platformKey(c.env, key_id).catch(async (error) => {
      if (!(error instanceof DirectoryUnavailable) || kind !== "edge" || !(await callsForHelp(c)))
        throw error;
      c.set("is_unconfirmed", true);
      return unconfirmedKey(key_id, hash);
    });
    if (!key || key.hash !== hash || key.kind !== kind) throw await rejectKey(c, "unauthorized");
    if (key.revoked_at_ms !== null) throw await rejectKey(c, "api_key_revoked");
    if (key.expires_at_ms !== null && key.expires_at_ms <= Date.now())
      throw await rejectKey(c, "api_key_expired");
    c.set("platform_key", key);
    if (!c.var.is_unconfirmed) c.executionCtx.waitUntil(noteSecretOf(c.env, key, secret_version));
    if (kind === "admin") requireRight(c, key);
    const stray = strayParameter(c);
    if (stray) throw stray;
    await next();
  });
  return requiresProof(authenticate);
}

/** Why a key does not open, or that its address has tried too many. */
async function rejectKey(c: AppContext, code: ErrorCode, message?: string): Promise<ApiError> {
  await limitByAddress(c);
  return new ApiError(code, { message });
}

async function verifiedKey(c: AppContext, kind: KeyKind): Promise<VerifiedKey> {
  const text = BEARER.exec(c.req.header("Authorization") ?? "")?.[1];
  const key = text === undefined ? null : await verifyApiKey(text, c.get("settings").key_secrets);
  if (!key) throw await rejectKey(c, "unauthorized");
  if (key.kind !== kind)
    throw await rejectKey(c, "forbidden", `This route takes keys that start with rf_${kind}_.`);
  return key;
}
