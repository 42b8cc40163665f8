import { ConcurrencyLimit } from "../runtime/concurrency-limit";
import { isUnderLimit } from "../runtime/ip-rate-limit";
import { whenRead } from "../runtime/when-read";
import { MINUTE_MS } from "../units/duration";
import type { PageContext } from "./context";
import { PageError } from "./page-error";

/** Files that may be on their way at once, in each isolate. */
const AT_ONCE_A_SESSION = 2;
const AT_ONCE_AN_ORGANIZATION = 4;

/** How long a file counts as on its way whose reader never says that it is over. */
const LONGEST_MS = 2 * MINUTE_MS;

/** What is kept of those whose readers never said that they were over: beyond it all is forgiven. */
const MAX_KEPT = 10_000;

/** Of each session and organization that has files on their way. */
const under_way = new Map<string, ConcurrencyLimit>();

/**
 * Answers with a file, of which a session, and an organization, gets a few at once and a minute: each costs the stores that all
 * share, or Stripe, far more than a page does.
 * @throws PageError when there are too many
 */
export async function limitedExport(c: PageContext, make: () => Promise<Response>): Promise<Response> {
  const { id, organization_id } = c.var.session;
  const leave = acquire(id, organization_id);
  try {
    const is_allowed =
      (await isUnderLimit(c.env.EXPORTS, id)) &&
      (await isUnderLimit(c.env.ORGANIZATION_EXPORTS, organization_id));
    if (!is_allowed) throw new PageError("too_many_exports");
    const answer = await make();
    // Nobody reads the body of an answer to HEAD.
    if (answer.body && c.req.method !== "HEAD") return new Response(whenRead(answer.body, leave), answer);
    await answer.body?.cancel();
    leave();
    return new Response(null, answer);
  } catch (error) {
    leave();
    throw error;
  }
}

function acquire(session_id: string, organization_id: string): () => void {
  const now_ms = Date.now();
  const leaveSession = slotOf(session_id, AT_ONCE_A_SESSION, now_ms);
  const leaveOrganization = leaveSession && slotOf(organization_id, AT_ONCE_AN_ORGANIZATION, now_ms);
  if (leaveSession && leaveOrganization)
    return () => {
      leaveSession();
      leaveOrganization();
    };
  leaveSession?.();
  throw new PageError("too_many_exports");
}

function slotOf(key: string, most: number, now_ms: number): (() => void) | null {
  const limit = under_way.get(key) ?? new ConcurrencyLimit(most);
  const leave = limit.acquire(now_ms, now_ms + LONGEST_MS);
  if (!leave) return null;
  if (under_way.size >= MAX_KEPT) under_way.clear();
  under_way.set(key, limit);
  return () => {
    leave();
    if (limit.isEmpty) under_way.delete(key);
  };
}
