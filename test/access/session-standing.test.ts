import { describe, expect, it } from "vitest";
import { standingOf } from "../../src/access/session-standing";
import type { KeyLife } from "../../src/ledger/core/account/api-keys";
import type { PortalSessionRow } from "../../src/storage/accounts/portal-sessions";
import { HOUR_MS, MINUTE_MS } from "../../src/units/duration";

const MADE_MS = Date.parse("2026-11-30T08:00:00Z");
const at = (minutes: number) => MADE_MS + minutes * MINUTE_MS;
/** Ends of a key: none, within the link's time, within the session's, after both. */
const ENDS = [null, at(3), at(20), at(20 * 60)];
const KEYS: [what: string, key: KeyLife | null | undefined][] = [
  ["not looked up", undefined],
  ["no longer known", null],
  ...ENDS.map((expires_at_ms): [string, KeyLife] => [
    `ends ${when(expires_at_ms)}`,
    { expires_at_ms, revoked_at_ms: null },
  ]),
  ...[at(2), at(25)].map((revoked_at_ms): [string, KeyLife] => [
    `revoked ${when(revoked_at_ms)}`,
    { expires_at_ms: null, revoked_at_ms },
  ]),
];
const TABLE = [false, true].flatMap((is_used) =>
  ENDS.flatMap((noted_ms) =>
    KEYS.map(([what, key]) => ({ is_used, noted_ms, noted: when(noted_ms), what, key })),
  ),
);

function when(at_ms: number | null): string {
  return at_ms === null ? "never" : `after ${(at_ms - MADE_MS) / MINUTE_MS} min`;
}

/** A link, or a session that is in use all the time, of a key whose end was noted when it was made. */
function row(is_used: boolean, key_expires_at_ms: number | null, now_ms: number): PortalSessionRow {
  return {
    used_at_ms: is_used ? at(1) : null,
    last_seen_at_ms: is_used ? now_ms : null,
    session_hash: is_used ? "hash" : null,
    session_expires_at_ms: is_used ? at(1) + 8 * HOUR_MS : null,
    link_expires_at_ms: at(5),
    key_expires_at_ms,
    ended_at_ms: null,
    end_reason: null,
  } as PortalSessionRow;
}

describe("a link or a session works no longer than the key that opened it", () => {
  it.each(TABLE)("used: $is_used, end noted: $noted, key: $what", ({ is_used, noted_ms, key }) => {
    const own_end_ms = is_used ? at(1) + 8 * HOUR_MS : at(5);
    const ends = [own_end_ms, noted_ms, key?.expires_at_ms, key?.revoked_at_ms];
    const last_ms = key === null ? MADE_MS : Math.min(...ends.filter((end) => typeof end === "number"));
    for (const now_ms of [at(1), last_ms - 1, last_ms, at(30), at(24 * 60)]) {
      const standing = standingOf(row(is_used, noted_ms, now_ms), key, now_ms);
      const works = key !== null && now_ms < last_ms;
      expect([now_ms, standing.status]).toEqual([now_ms, works ? (is_used ? "active" : "pending") : "ended"]);
      if (works) expect(standing.expires_at_ms).toBeGreaterThan(now_ms);
      for (const end of [own_end_ms, noted_ms, key?.expires_at_ms])
        if (typeof end === "number") expect(standing.expires_at_ms).toBeLessThanOrEqual(end);
    }
  });
});
