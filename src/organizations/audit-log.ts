import type { Bindings } from "../env";
import { insertAudit, insertBoundedAudit } from "../storage/accounts/audit";
import { openDatabase } from "../storage/database";
import type { AuditFact, AuditOutcome } from "../units/audit-fact";
import { toHex } from "../units/digest";
import { HOUR_MS } from "../units/duration";
import { newId } from "../units/id";
import { log } from "../units/log";
import { isRefused } from "../units/refusal";
import type { Actor } from "./actor";
import type { AuditedRequest } from "./audit-actions";

/** As many as a digest is worth. */
const SALT_BYTES = 16;

/** Refused attempts of one actor that are written down in one hour: the first of them say what there is to say. */
const REFUSALS_AN_HOUR = 20;

const REFUSED: AuditOutcome = "refused";

/** Full buckets that an isolate remembers, so that what is repeated a million times does not ask D1 each time. */
const MAX_FULL_BUCKETS = 10_000;

/** What a "no" says when nothing was refused: there is no such thing, it was made before, or it is not known yet what comes of it. */
const NOT_REFUSED: ReadonlySet<string> = new Set([
  "not_found",
  "no_such_organization",
  "exists",
  "request_in_progress",
  "payments_unavailable",
  "purchases_unavailable",
  "failed",
]);

const full_buckets = new Set<string>();

/**
 * The row of what somebody asked for, to be written in the transaction of the change that it is about: in the same batch of
 * D1, or in the same commit of an object. It says that it was done.
 */
export function auditFact(actor: Actor, { action, organization_id, detail }: AuditedRequest): AuditFact {
  const { id: key_id, kind: actor_kind, name: actor_name, session_id, origin } = actor;
  return {
    id: newId("aud"),
    at_ms: Date.now(),
    key_id,
    actor_name,
    action,
    organization_id,
    detail: { ...detail },
    actor_kind,
    session_id,
    ...origin,
    outcome: "done",
    code: null,
    salt: toHex(crypto.getRandomValues(new Uint8Array(SALT_BYTES)).buffer),
    bucket: null,
  };
}

/** Writes down what is done by being answered, before it is: a file that leaves, for one. */
export async function recordDone(env: Bindings, actor: Actor, request: AuditedRequest): Promise<void> {
  await insertAudit(openDatabase(env), auditFact(actor, request));
}

/** As `recordDone`, of something that has a name: what is done again under it is not written down again. */
export async function recordDoneOnce(
  env: Bindings,
  actor: Actor,
  request: AuditedRequest,
  name: string,
): Promise<void> {
  await recordBounded(env, { ...auditFact(actor, request), bucket: name }, 1);
}

/**
 * Carries out what somebody asks for: `work` writes the row that it is given in the transaction of the change. What is
 * refused has changed nothing, and is written down as that.
 */
export async function audited<Answer extends { outcome: string }>(
  env: Bindings,
  actor: Actor,
  request: AuditedRequest,
  work: (fact: AuditFact) => Promise<Answer>,
): Promise<Answer> {
  const answer = await work(auditFact(actor, request));
  if (isRefused(answer)) {
    const { code = "refused" } = answer as { code?: string };
    if (!NOT_REFUSED.has(code)) await recordRefusal(env, actor, request, code);
  }
  return answer;
}

/** Writes down that something was refused, of each actor and hour the first few times; the answer does not wait for D1 to be there. */
async function recordRefusal(
  env: Bindings,
  actor: Actor,
  request: AuditedRequest,
  code: string,
): Promise<void> {
  const fact: AuditFact = { ...auditFact(actor, request), code, outcome: REFUSED };
  const bucket = `refused ${actor.id} ${Math.floor(fact.at_ms / HOUR_MS)}`;
  try {
    await recordBounded(env, { ...fact, bucket }, REFUSALS_AN_HOUR);
  } catch (error) {
    const { action, organization_id } = request;
    log.error("refusal_not_audited", {
      actor: actor.id,
      action,
      organization_id,
      code,
      error,
    });
  }
}

/** Writes a row down unless its bucket is full. */
async function recordBounded(
  env: Bindings,
  fact: AuditFact & { bucket: string },
  most: number,
): Promise<void> {
  if (full_buckets.has(fact.bucket)) return;
  if (await insertBoundedAudit(openDatabase(env), fact, most)) return;
  if (full_buckets.size >= MAX_FULL_BUCKETS) full_buckets.clear();
  full_buckets.add(fact.bucket);
}
