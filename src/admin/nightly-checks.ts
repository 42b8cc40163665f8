import type { Bindings } from "../env";
import type { Written } from "../ledger/object/commands/checks";
import { type OrganizationHandle, openOrganization } from "../organizations/open-organization";
import { runSteps } from "../runtime/run-steps";
import { listOrganizations, type OrganizationRow } from "../storage/accounts/organizations";
import { type ProvenLedgerRow, provenLedgers } from "../storage/calls/ledger-checks";
import { latestHead } from "../storage/calls/ledger-heads";
import { findCronPosition, putCronPosition } from "../storage/cron-positions";
import { openDatabase } from "../storage/database";
import { DAY_MS, HOUR_MS, SECOND_MS } from "../units/duration";
import { log } from "../units/log";
import { isRefused } from "../units/refusal";
import { agreeOnExternalId } from "./external-ids";
import { countLedgerUses, noteCount } from "./key-secrets";
import { checkLedger, continueChecks } from "./ledger-checks";
import { isHead, leaveHead, tellHeads } from "./ledger-heads";
import { restoreUnlisted } from "./unlisted";

/** What one run of the cron takes; with what it asks for in that time it stays far within a thousand sub-requests. */
const RUN_MS = 20 * SECOND_MS;

/** Ledgers visited in one run, as many at once, and the time that each has before its check becomes a report of its own. */
const LEDGERS_PER_RUN = 40;
const CONCURRENCY = 8;
const LEDGER_TIMEOUT_MS = 5 * SECOND_MS;

/** A ledger that nothing was written in is proven again after this long. */
const UNCHANGED_MS = 7 * DAY_MS;

/** When a night begins, in UTC. */
const NIGHT_BEGINS_MS = HOUR_MS;

const POSITION = "ledger_checks:night";

/** How far a night has come. */
interface Night {
  began_at_ms: number;
  /** Null: not begun. */
  after_id: string | null;
  /** Whether all that D1 lists were visited. */
  is_over: boolean;
  /** Ledgers that could not be asked what they need KEY_SECRETS for. A night that the version before began does not say it. */
  not_counted?: number;
  /** Where the search for organizations that D1 does not list stands; null: at its end, undefined: not begun. */
  directory_cursor?: string | null;
}

/**
 * Proves every night each ledger that was written in since its last proof, and the others once a week, and has each compare
 * itself with its copy in D1: a portion in each run, the next one where this one ended. Also goes on with proofs that take
 * longer than a run. The head of a ledger that is proven leaves it, and operators are told of it. Never throws: what fails is logged, and comes again with the next run.
 */
export async function checkLedgers(env: Bindings, now_ms = Date.now()): Promise<void> {
  const until_ms = now_ms + RUN_MS;
  await runSteps("ledger_checks", { under_way: () => continueChecks(env, until_ms) });
  await runSteps("ledger_checks", { night: () => goOnWithNight(env, now_ms, until_ms) });
  await runSteps("ledger_checks", { heads: () => tellHeads(env, now_ms) });
}

async function goOnWithNight(env: Bindings, now_ms: number, until_ms: number): Promise<void> {
  const db = openDatabase(env);
  const night = nightAt(now_ms, await findCronPosition<Night>(db, POSITION));
  if (Date.now() >= until_ms) return;
  if (!night.is_over) {
    const next = await visitSome(env, night, now_ms, until_ms);
    await putCronPosition(db, POSITION, next);
    const { began_at_ms, not_counted } = next;
    if (next.is_over && not_counted !== undefined) await noteCount(env, { began_at_ms, not_counted });
    return;
  }
  if (night.directory_cursor === null) return;
  // After the lists: an organization that D1 has lost is in none of them.
  const directory_cursor = await restoreUnlisted(env, night.directory_cursor);
  await putCronPosition(db, POSITION, { ...night, directory_cursor });
}

async function visitSome(env: Bindings, night: Night, now_ms: number, until_ms: number): Promise<Night> {
  const { after_id } = night;
  const page = await listOrganizations(openDatabase(env), { after_id, limit: LEDGERS_PER_RUN });
  const proven = new Map(
    (
      await provenLedgers(
        openDatabase(env),
        page.map(({ id }) => id),
      )
    ).map((row) => [row.organization_id, row]),
  );
  let visited = 0;
  let { not_counted } = night;
  while (visited < page.length && Date.now() < until_ms) {
    const group = page.slice(visited, visited + CONCURRENCY);
    const counted = await Promise.all(group.map((row) => visit(env, row, proven.get(row.id), now_ms)));
    if (not_counted !== undefined) not_counted += counted.filter((is_counted) => !is_counted).length;
    visited += group.length;
  }
  const is_over = visited === page.length && page.length < LEDGERS_PER_RUN;
  return {
    ...night,
    after_id: page[visited - 1]?.id ?? after_id,
    is_over,
    ...(not_counted !== undefined && { not_counted }),
  };
}

function nightAt(now_ms: number, known: Night | undefined): Night {
  const began_at_ms = Math.floor((now_ms - NIGHT_BEGINS_MS) / DAY_MS) * DAY_MS + NIGHT_BEGINS_MS;
  return known?.began_at_ms === began_at_ms
    ? known
    : { began_at_ms, after_id: null, is_over: false, not_counted: 0 };
}

/**
 * One that cannot be asked now is asked again in the next night, or by the operator whom the watchdog has told. Answers whether
 * it has said what it needs KEY_SECRETS for.
 */
async function visit(
  env: Bindings,
  { id: organization_id, external_id }: OrganizationRow,
  proven: ProvenLedgerRow | undefined,
  now_ms: number,
): Promise<boolean> {
  let is_counted = false;
  try {
    const organization = await openOrganization(env, organization_id);
    if (!organization) return false;
    const written = await organization.ledger.ask(async (object) => object.written());
    if (isRefused(written)) throw new Error(written.message);
    const is_unchanged = proven?.entry_seq === written.entry_seq && proven.notice_seq === written.notice_seq;
    const { entry_seq } = written;
    const has_left =
      entry_seq === 0 || isHead(env, await latestHead(openDatabase(env), organization_id), entry_seq);
    const is_due = !(is_unchanged && has_left && proven.proven_at_ms > now_ms - UNCHANGED_MS);
    // The proof comes first: it takes D1 as a witness, and the comparison makes D1 say what the ledger says.
    if (is_due)
      await runSteps("ledger_check", { [organization_id]: () => prove(env, organization, entry_seq) });
    // After the head may have left, signed by the newest secret.
    is_counted = await count(env, organization_id, written);
    await agreeOnExternalId(openDatabase(env), organization, external_id, written.external_id);
    // It goes on by itself, and tells of a difference by itself.
    if (is_due) await organization.ledger.ask(async (object) => object.checkProjection());
  } catch (error) {
    log.error("ledger_check_failed", { organization_id, error });
  }
  return is_counted;
}

async function count(env: Bindings, organization_id: string, { keys_of_secrets }: Written): Promise<boolean> {
  if (!keys_of_secrets) return false;
  await countLedgerUses(env, organization_id, keys_of_secrets);
  return true;
}

async function prove(env: Bindings, organization: OrganizationHandle, entry_seq: number): Promise<void> {
  const answer = await checkLedger(env, organization, LEDGER_TIMEOUT_MS);
  if (isRefused(answer)) throw new Error(answer.message);
  if (answer.outcome === "verified" && answer.ok) await leaveHead(env, organization, entry_seq);
}
