import { env } from "cloudflare:workers";
import { insertCheck, type LedgerCheckRow } from "../../../src/storage/calls/ledger-checks";
import { openDatabase } from "../../../src/storage/database";
import { newId } from "../../../src/units/id";

/** A check of a ledger that has begun and has not come to its end. */
export function checkUnderWay(organization_id: string): Promise<LedgerCheckRow> {
  return insertCheck(openDatabase(env), {
    id: newId("chk"),
    organization_id,
    started_at_ms: Date.now(),
    finished_at_ms: null,
    taken_until_ms: 0,
    entry_seq: 0,
    notice_seq: 0,
    position: { until_seq: 0, seq: 0, balance_micros: 0, call_id: null },
    found: null,
  });
}
