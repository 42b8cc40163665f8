import type { Bindings } from "../env";
import { notifyOperators } from "../notifications/record-event";
import {
  type AdminKeyRow,
  type EndToldDays,
  listEndingAdminKeys,
  markEndTold,
} from "../storage/accounts/platform-keys";
import { openDatabase } from "../storage/database";
import { DAY_MS, isoTime } from "../units/duration";
import { log } from "../units/log";

/** Keys that are told of in one run: the others with the next one. */
const KEYS_PER_RUN = 100;

/** Tells operators once, 14 days and once more 1 day ahead, of each of their keys that is about to end. */
export async function warnOfEndingKeys(env: Bindings, now_ms = Date.now()): Promise<void> {
  const db = openDatabase(env);
  for (const { key, days } of await listEndingAdminKeys(db, now_ms, KEYS_PER_RUN)) {
    await warn(env, key, days);
    await markEndTold(db, key.key_id, days);
  }
}

/** Told again after it was cut off, it is the same event: its id is made of the key and the day. */
async function warn(env: Bindings, { key_id, label, expires_at_ms }: AdminKeyRow, days: EndToldDays) {
  const data = { key_id, label, expires_at: isoTime(expires_at_ms), days };
  log.warn("admin_key_ending", { key_id, expires_at: data.expires_at, days });
  await notifyOperators(env, `admin_key_ending:${key_id}:${days}`, {
    type: "ops.admin_key_ending",
    occurred_at_ms: expires_at_ms - days * DAY_MS,
    data,
  });
}
