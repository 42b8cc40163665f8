import type { Bindings } from "../env";
import { notifyOperators } from "../notifications/record-event";
import { findCronPosition, putCronPosition } from "../storage/cron-positions";
import { openDatabase } from "../storage/database";
import { DAY_MS } from "../units/duration";
import { log } from "../units/log";
import { leaveAuditSeal } from "./audit-seals";
import { type AuditCursor, verifyAudit } from "./verify-audit";

const POSITION = "audit_check";

/** Portions of one run: the next one goes on where it ends. */
const PORTIONS_PER_RUN = 3;

/** Where the check stands. */
interface Position {
  cursor: AuditCursor | null;
  /** The day, counted from 1970, on which the last round has ended. */
  over_on: number | null;
}

/**
 * Checks the audit against its seals, a round each day and a part of it in each run, and signs the newest seal, which leaves with the
 * heads of ledgers. Operators are told of a difference, once a day for as long as it is there.
 */
export async function checkAudit(env: Bindings, now_ms = Date.now()): Promise<void> {
  const db = openDatabase(env);
  const today = Math.floor(now_ms / DAY_MS);
  let { cursor, over_on } = (await findCronPosition<Position>(db, POSITION)) ?? {
    cursor: null,
    over_on: null,
  };
  for (let portions = 0; portions < PORTIONS_PER_RUN && over_on !== today; portions++) {
    const found = await verifyAudit(env, cursor);
    const { first_difference } = found;
    if (first_difference !== null) await tellDifference(env, first_difference, today, now_ms);
    cursor = found.cursor;
    over_on = cursor === null ? today : over_on;
    await putCronPosition(db, POSITION, { cursor, over_on });
  }
  await leaveAuditSeal(env, now_ms);
}

async function tellDifference(
  env: Bindings,
  first_difference: string,
  today: number,
  now_ms: number,
): Promise<void> {
  log.error("audit_difference", { first_difference });
  await notifyOperators(env, `audit_difference:${today}`, {
    type: "ops.audit_difference",
    occurred_at_ms: now_ms,
    data: { first_difference },
  });
}
