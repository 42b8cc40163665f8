import { forgetOldPortalSessions } from "../access/portal-sessions";
import type { Bindings } from "../env";
import { forgetOldRequests } from "../organizations/repeated-requests";
import { log } from "../units/log";
import { warnOfEndingKeys } from "./key-ends";
import { checkLedgerHealth } from "./watchdog";

/** Every deployment's, also of one that sells nothing. A part that fails is logged, comes again, and holds up no other. */
const TASKS: [name: string, work: (env: Bindings) => Promise<unknown>][] = [
  ["watchdog", checkLedgerHealth],
  ["portal_sessions", forgetOldPortalSessions],
  ["requests", forgetOldRequests],
  ["admin_keys", warnOfEndingKeys],
];

/** What is due every few minutes: ledgers that stand still, people who are not to be remembered. */
export async function runMaintenance(env: Bindings): Promise<void> {
  const attempt = async ([part, work]: (typeof TASKS)[number]) => {
    try {
      await work(env);
    } catch (error) {
      log.error("upkeep_failed", { part, error: String(error) });
    }
  };
  await Promise.all(TASKS.map(attempt));
}
