import type { z } from "zod";
import type { ListedSession, SessionFilter, SessionPage } from "../../access/session-list";
import { isoTime, isoTimeOrNull } from "../../units/duration";
import type { AppContext } from "../context";
import { idPlace, readCursor, writeCursor } from "../cursor";
import type { sessionPageQuery, sessionPageSchema } from "./schema";

/** What the query asks for. */
export async function sessionFilter(
  c: AppContext,
  query: z.output<typeof sessionPageQuery>,
): Promise<SessionFilter> {
  const { user_id = null, key_id = null, status, limit } = query;
  const before_id = await readCursor(c, idPlace);
  return { user_id, key_id, statuses: status ? [status] : [], before_id, limit };
}

/** A page of links and sessions as the API shows it; keys of operators to operators only. */
export async function sessionPageBody(
  c: AppContext,
  { sessions, next_before_id }: SessionPage,
  shows_operators_keys: boolean,
): Promise<z.input<typeof sessionPageSchema>> {
  const body = ({ session, standing, is_own_key }: ListedSession) => ({
    id: session.id,
    user: { id: session.user_id, name: session.user_name },
    role: session.role,
    status: standing.status,
    end_reason: standing.end_reason,
    key_id: is_own_key || shows_operators_keys ? session.key_id : null,
    created_at: isoTime(session.created_at_ms),
    signed_in_at: isoTimeOrNull(session.used_at_ms),
    last_seen_at: isoTimeOrNull(session.last_seen_at_ms),
    expires_at: isoTime(standing.expires_at_ms),
    ended_at: isoTimeOrNull(standing.ended_at_ms),
  });
  const next_cursor = next_before_id === null ? null : await writeCursor(c, next_before_id);
  return { portal_sessions: sessions.map(body), next_cursor };
}
