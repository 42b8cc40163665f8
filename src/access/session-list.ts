import type { Bindings } from "../env";
import type { KeyLife, KeyRefusal } from "../ledger/core/account/api-keys";
import type { NoSuchOrganization } from "../ledger/core/refusals";
import type { Actor } from "../organizations/actor";
import { auditFact } from "../organizations/audit-log";
import type { OrganizationHandle } from "../organizations/open-organization";
import {
  endPortalSessions,
  findPortalSessionById,
  listPortalSessions,
  type PortalSessionRow,
} from "../storage/accounts/portal-sessions";
import { openDatabase } from "../storage/database";
import { HOUR_MS } from "../units/duration";
import { firstIdAt } from "../units/id";
import { isRefused, type Refusal, refuse } from "../units/refusal";
import { type SessionStatus, type Standing, standingOf } from "./session-standing";

/** Rows that are looked through for a page: more of them have to be asked for again, from where it stopped. */
const MOST_ROWS = 1_000;

/** What is older works no more: a link is for five minutes and a session for eight hours. */
const LONGEST_MS = 9 * HOUR_MS;

/** Rounds of `MOST_ROWS` in which the sessions of one person are ended. */
const MOST_ROUNDS = 10;

/** A link or a session, with how it stands. */
export interface ListedSession {
  session: PortalSessionRow;
  standing: Standing;
  /** Whether the key that opened it is one of the organization's own, and not an operator's. */
  is_own_key: boolean;
}

/** Which of an organization's links and sessions are asked for: those before one of them, the newest first. */
export interface SessionFilter {
  user_id: string | null;
  key_id: string | null;
  /** Empty: in any. */
  statuses: readonly SessionStatus[];
  before_id: string | null;
  limit: number;
}

/** A page of them; `next_before_id` is where the next one begins. A page may be short, or empty, while there is a next one. */
export interface SessionPage {
  outcome: "sessions";
  sessions: ListedSession[];
  next_before_id: string | null;
}

/** There is no link or session of that id that this organization knows. */
export type NoSuchSession = Refusal<"not_found">;

type LedgerHandle = Pick<OrganizationHandle, "organization_id" | "ledger">;

/** The links and sessions of an organization, of a month, with how each stands now. */
export async function listSessions(
  env: Bindings,
  { organization_id, ledger }: LedgerHandle,
  { user_id, key_id, statuses, before_id, limit }: SessionFilter,
): Promise<SessionPage | NoSuchOrganization | KeyRefusal> {
  const now_ms = Date.now();
  const may_work = statuses.length > 0 && !statuses.includes("ended");
  const after_id = may_work ? firstIdAt("pse", now_ms - LONGEST_MS) : null;
  const is_sifted = key_id !== null || statuses.length > 0;
  const most = is_sifted ? MOST_ROWS : limit;
  const of = { organization_id, user_id, before_id, after_id };
  const [own, found] = await Promise.all([
    ledger.ask(async (object) => object.keys(null)),
    listPortalSessions(openDatabase(env), of, most + 1),
  ]);
  if (isRefused(own)) return own;
  const own_keys = new Map<string, KeyLife>(own.keys.map((key) => [key.key_id, key]));
  const sifted = found
    .slice(0, most)
    .map(({ session, operators_key }) => listed(session, { own_keys, operators_key, now_ms }))
    .filter(({ session, standing }) => {
      if (key_id !== null && session.key_id !== key_id) return false;
      return statuses.length === 0 || statuses.includes(standing.status);
    });
  const sessions = sifted.slice(0, limit);
  const last_seen = sifted.length > limit ? sessions.at(-1)?.session : found[most - 1]?.session;
  const has_more = sifted.length > limit || found.length > most;
  return { outcome: "sessions", sessions, next_before_id: has_more ? (last_seen?.id ?? null) : null };
}

/** Ends one link or session at once, and audits it. One that has ended stays as it is. */
export async function endSession(
  env: Bindings,
  actor: Actor,
  organization_id: string,
  id: string,
): Promise<{ outcome: "ended" } | NoSuchSession> {
  const db = openDatabase(env);
  const session = await findPortalSessionById(db, organization_id, id);
  if (!session) return refuse("not_found", { message: "There is no such session.", param: "session_id" });
  const { user_id, user_name } = session;
  const detail = { session_id: id, user: { id: user_id, name: user_name } };
  const fact = auditFact(actor, { action: "portal_session.end", organization_id, detail });
  if (session.ended_at_ms === null)
    await endPortalSessions(db, { organization_id, user_id, from_id: id, to_id: id }, fact);
  return { outcome: "ended" };
}

/**
 * Ends all links and sessions of one person at once, but one if that is said, and audits it. Answers how many there were; `has_more` when there are more
 * than were ended at a time.
 */
export async function endSessionsOf(
  env: Bindings,
  actor: Actor,
  { organization_id, user_id, except_id }: { organization_id: string; user_id: string; except_id?: string },
): Promise<{ ended: number; has_more: boolean }> {
  const db = openDatabase(env);
  const detail = { user: { id: user_id } };
  const fact = auditFact(actor, { action: "portal_session.end", organization_id, detail });
  const after_id = firstIdAt("pse", fact.at_ms - LONGEST_MS);
  let before_id: string | null = null;
  let ended = 0;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const of = { organization_id, user_id, before_id, after_id };
    const found = await listPortalSessions(db, of, MOST_ROWS);
    const [newest, oldest] = [found.at(0)?.session, found.at(-1)?.session];
    if (!newest || !oldest) return { ended, has_more: false };
    const range = { organization_id, user_id, from_id: oldest.id, to_id: newest.id, except_id };
    const ended_now = await endPortalSessions(db, range, fact);
    // Some had ended by themselves before.
    const worked = ({ session }: (typeof found)[number]) =>
      ended_now.has(session.id) && standingOf(session, undefined, fact.at_ms).status !== "ended";
    ended += found.filter(worked).length;
    if (found.length < MOST_ROWS) return { ended, has_more: false };
    before_id = oldest.id;
  }
  return { ended, has_more: true };
}

function listed(
  session: PortalSessionRow,
  known: { own_keys: ReadonlyMap<string, KeyLife>; operators_key: KeyLife | null; now_ms: number },
): ListedSession {
  const own = known.own_keys.get(session.key_id);
  // Of rows from before that was kept: whoever has the key.
  const is_own_key = session.key_kind === null ? own !== undefined : session.key_kind === "organization_key";
  const key = (is_own_key ? own : known.operators_key) ?? null;
  return { session, standing: standingOf(session, key, known.now_ms), is_own_key };
}
