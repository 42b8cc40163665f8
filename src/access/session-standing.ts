import type { KeyLife } from "../ledger/core/account/api-keys";
import type { PortalSessionRow } from "../storage/accounts/portal-sessions";
import { MINUTE_MS } from "../units/duration";

/** A link that was not used yet, a session, or what is left of either. */
export const SESSION_STATUSES = ["pending", "active", "ended"] as const;
export type SessionStatus = (typeof SESSION_STATUSES)[number];

/** Why nobody gets in by a link or a session any more. */
export const END_REASONS = [
  "signed_out",
  "ended",
  "idle",
  "expired",
  "link_expired",
  "key_expired",
  "key_revoked",
] as const;
type EndReason = (typeof END_REASONS)[number];

/** How a link or a session stands. */
export interface Standing {
  status: SessionStatus;
  /** When it ends however much it is used. */
  expires_at_ms: number;
  /** Null while it has not, and where that was not written down. */
  ended_at_ms: number | null;
  end_reason: EndReason | null;
}

/** A session that is not used for so long ends. */
const IDLE_MS = 30 * MINUTE_MS;

/**
 * How a link or a session stands. `key` is the one that opened it: a session ends no later than that. Null when the key is known
 * no more, which is long after it was revoked; undefined where it was not looked up.
 */
export function standingOf(row: PortalSessionRow, key: KeyLife | null | undefined, now_ms: number): Standing {
  const is_used = row.used_at_ms !== null;
  const own_end_ms = (is_used ? row.session_expires_at_ms : row.link_expires_at_ms) ?? 0;
  const key_ends = [row.key_expires_at_ms, key?.expires_at_ms].filter((at_ms) => typeof at_ms === "number");
  const expires_at_ms = Math.min(own_end_ms, ...key_ends);
  const ended = (end_reason: EndReason, ended_at_ms: number | null): Standing => ({
    status: "ended",
    expires_at_ms,
    ended_at_ms,
    end_reason,
  });
  // As the version before has ended them.
  if (is_used && row.session_hash === null && row.ended_at_ms === null) return ended("signed_out", null);
  const ends: [reason: EndReason, at_ms: number | null | undefined][] = [
    [row.end_reason ?? "ended", row.ended_at_ms],
    ["key_revoked", key?.revoked_at_ms],
    ...key_ends.map((at_ms): [EndReason, number] => ["key_expired", at_ms]),
    [is_used ? "expired" : "link_expired", own_end_ms],
    ["idle", is_used && row.last_seen_at_ms !== null ? row.last_seen_at_ms + IDLE_MS : null],
  ];
  let first: [reason: EndReason, at_ms: number] | undefined;
  for (const [reason, at_ms] of ends)
    if (typeof at_ms === "number" && at_ms <= now_ms && (!first || at_ms < first[1])) first = [reason, at_ms];
  if (first) return ended(...first);
  if (key === null) return ended("key_revoked", null);
  return { status: is_used ? "active" : "pending", expires_at_ms, ended_at_ms: null, end_reason: null };
}
