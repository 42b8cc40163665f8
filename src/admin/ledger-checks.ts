import type { Bindings } from "../env";
import type { NoSuchOrganization } from "../ledger/core/refusals";
import { notifyOperators } from "../notifications/record-event";
import type { Actor } from "../organizations/actor";
import { recordDone } from "../organizations/audit-log";
import { type OrganizationHandle, openOrganization } from "../organizations/open-organization";
import {
  checkUnderWay,
  finishCheck,
  insertCheck,
  type LedgerCheckRow,
  leaseChecks,
  provenLedgers,
  putProvenLedger,
  releaseCheck,
  reportedDifferences,
} from "../storage/calls/ledger-checks";
import { openDatabase } from "../storage/database";
import type { LedgerFinding } from "../storage/schema";
import { MINUTE_MS, SECOND_MS } from "../units/duration";
import { newId } from "../units/id";
import { log } from "../units/log";
import { isRefused } from "../units/refusal";
import { leaveHead } from "./ledger-heads";
import { type LedgerProof, type ProofPosition, proveLedger } from "./prove-ledger";

/** How long whoever asks for a proof waits for it. */
const VERIFY_BUDGET_MS = 10 * SECOND_MS;

/** Checks that are gone on with in one run of the cron. */
const CHECKS_PER_RUN = 4;

/** The newest reports of a ledger that may have told a difference before. */
const REPORTS_LOOKED_AT = 20;

/** Longer than one run. */
const LEASE_MS = 2 * MINUTE_MS;

/** A proof that takes longer: its report is to be asked for. */
export interface CheckUnderWay {
  outcome: "under_way";
  check: LedgerCheckRow;
}

/**
 * Lets a ledger prove that it adds up. What is not proven after `budget_ms` is gone on with by the cron, and so is what an
 * earlier request has begun.
 * @throws LedgerUnavailable
 */
export async function checkLedger(
  env: Bindings,
  organization: OrganizationHandle,
  budget_ms = VERIFY_BUDGET_MS,
): Promise<LedgerProof | CheckUnderWay | NoSuchOrganization> {
  const { organization_id, ledger } = organization;
  const db = openDatabase(env);
  const known = await checkUnderWay(db, organization_id);
  if (known) return { outcome: "under_way", check: known };
  const started_at_ms = Date.now();
  const written = await ledger.ask(async (object) => object.written());
  if (isRefused(written)) return written;
  const answer = await proveLedger(env, organization, {
    position: null,
    until_ms: started_at_ms + budget_ms,
  });
  if (isRefused(answer)) return answer;
  const { entry_seq, notice_seq } = written;
  const row = { organization_id, started_at_ms, taken_until_ms: 0, entry_seq, notice_seq };
  if (answer.outcome === "unfinished") {
    const position = { ...answer.position };
    const id = newId("chk");
    const check = await insertCheck(db, { id, ...row, position, finished_at_ms: null, found: null });
    return { outcome: "under_way", check };
  }
  await conclude(
    env,
    { id: newId("chk"), ...row, position: null, finished_at_ms: null, found: null },
    answer,
  );
  return answer;
}

/** The same for an operator who asks for it: audited when it takes longer than the operator waits. */
export async function verifyLedger(env: Bindings, actor: Actor, organization: OrganizationHandle) {
  const answer = await checkLedger(env, organization);
  if (answer.outcome === "under_way") {
    const { organization_id } = organization;
    const detail = { report_id: answer.check.id };
    await recordDone(env, actor, { action: "ledger.verify", organization_id, detail });
  }
  return answer;
}

/** Goes on with proofs that are under way, until `until_ms`. One that fails is left to the next run and holds up no other. */
export async function continueChecks(env: Bindings, until_ms: number): Promise<void> {
  const now_ms = Date.now();
  const taken = await leaseChecks(openDatabase(env), {
    now_ms,
    until_ms: now_ms + LEASE_MS,
    limit: CHECKS_PER_RUN,
  });
  await Promise.all(taken.map((check) => runStep(check, () => continueCheck(env, check, until_ms))));
}

async function runStep({ id, organization_id }: LedgerCheckRow, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const detail = { check_id: id, organization_id, error };
    log.error("ledger_check_failed", detail);
  }
}

async function continueCheck(env: Bindings, check: LedgerCheckRow, until_ms: number): Promise<void> {
  const db = openDatabase(env);
  const organization = await openOrganization(env, check.organization_id);
  if (!organization) throw new Error(`There is no organization ${check.organization_id}.`);
  // Its ledger made it.
  const position = check.position as ProofPosition | null;
  const answer = await proveLedger(env, organization, { position, until_ms });
  if (isRefused(answer)) throw new Error(answer.message);
  if (answer.outcome === "unfinished") await releaseCheck(db, check, { ...answer.position });
  else {
    await conclude(env, check, answer);
    if (answer.ok) await leaveHead(env, organization, check.entry_seq);
  }
}

/** Remembers what was proven; a difference is kept in a report, and operators are told of it once: again only after the ledger was proven in between. */
async function conclude(env: Bindings, check: LedgerCheckRow, answer: LedgerProof): Promise<void> {
  const db = openDatabase(env);
  const { outcome: _, ...found } = answer;
  const finished_at_ms = Date.now();
  const { organization_id, entry_seq, notice_seq } = check;
  if (!found.ok) await report(env, check, found, finished_at_ms);
  if (check.position !== null) await finishCheck(db, check, { finished_at_ms, found });
  if (found.ok)
    await putProvenLedger(db, { organization_id, proven_at_ms: finished_at_ms, entry_seq, notice_seq });
}

async function report(
  env: Bindings,
  check: LedgerCheckRow,
  found: LedgerFinding,
  finished_at_ms: number,
): Promise<void> {
  const { id, organization_id, started_at_ms } = check;
  const first_difference = found.first_difference ?? "";
  log.error("ledger_difference", { organization_id, first_difference });
  // Before the report is kept: one that is kept says that it was told.
  if (!(await wasReported(env, organization_id, first_difference)))
    await notifyOperators(env, `ledger_difference:${id}`, {
      type: "ops.ledger_difference",
      occurred_at_ms: started_at_ms,
      data: { organization_id, report_id: id, first_difference },
    });
  if (check.position === null) await insertCheck(openDatabase(env), { ...check, finished_at_ms, found });
}

/** Whether a report has named this difference since the ledger was proven last: operators were told then. */
async function wasReported(env: Bindings, organization_id: string, difference: string): Promise<boolean> {
  const db = openDatabase(env);
  const [proven] = await provenLedgers(db, [organization_id]);
  const since_ms = proven?.proven_at_ms ?? 0;
  const known = await reportedDifferences(db, organization_id, { since_ms, limit: REPORTS_LOOKED_AT });
  return known.includes(difference);
}
