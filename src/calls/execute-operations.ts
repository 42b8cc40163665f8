import type { Bindings } from "../env";
import { type LedgerStub, LedgerUnavailable } from "../ledger/client";
import type { CallAnswer } from "../ledger/core/calls/commands";
import type { DatedRate } from "../ledger/core/credit/rating";
import { Directory } from "../organizations/directory";
import type { OrganizationHandle } from "../organizations/open-organization";
import { log } from "../units/log";
import { isRefused } from "../units/refusal";
import { commandOf, type EdgeAnswer, type EdgeCaller, type EdgeOperation } from "./edge-operation";
import { nullIfUnavailable, resolveSubjects } from "./resolve-subjects";

/** Operations in one request. */
export const MAX_OPERATIONS = 500;

/** Organizations, and numbers that stand for one, in one request: each may be another ledger. */
export const MAX_ORGANIZATIONS = 40;

/** Operations of one organization, each with its place in the request. */
interface Group {
  reached: OrganizationHandle;
  members: { place: number; operation: EdgeOperation }[];
}

/** What all ledgers of one request are asked with, and where each answer goes. */
interface Request {
  caller: EdgeCaller;
  /** Null: it cannot be read. */
  card: readonly DatedRate[] | null;
  since_ms: number;
  answers: EdgeAnswer[];
}

/**
 * Carries out what a node says about any number of calls of any organizations, one request for each ledger, all at
 * once. Answers in the order of the operations, each as it would be answered alone; a ledger that fails or is slow
 * makes its own operations unavailable and no others. Ledgers have until their deadline after `since_ms`.
 */
export async function executeOperations(
  env: Bindings,
  caller: EdgeCaller,
  operations: readonly EdgeOperation[],
  since_ms = Date.now(),
): Promise<EdgeAnswer[] | { outcome: "too_many_organizations" }> {
  // Before anything is looked up: a request that is refused must cost next to nothing.
  if (subjectsNamed(operations) > MAX_ORGANIZATIONS) return { outcome: "too_many_organizations" };
  const answers: EdgeAnswer[] = operations.map(() => ({ outcome: "unavailable" }));
  const groups = new Map<string, Group>();
  const directory = new Directory(env);
  const subjects = await resolveSubjects({ env, directory, caller, since_ms }, operations);
  for (const [place, operation] of operations.entries()) {
    const subject = subjects[place];
    if (!subject) continue;
    if (isRefused(subject)) {
      answers[place] = subject;
      continue;
    }
    const { reached } = subject;
    const group = groups.get(reached.organization_id) ?? { reached, members: [] };
    group.members.push({ place, operation });
    groups.set(reached.organization_id, group);
  }
  const card = await cardFor(directory, operations);
  const request = { caller, card, since_ms, answers };
  await Promise.all([...groups.values()].map((group) => askLedger(group, request)));
  for (const answer of answers) countRejection(env, answer);
  return answers;
}

/** Organizations, and numbers that stand for one: each may be another ledger, and costs a look-up to tell. */
function subjectsNamed(operations: readonly EdgeOperation[]): number {
  return new Set(operations.flatMap(({ organization_id, number }) => organization_id ?? number ?? [])).size;
}

function countRejection(env: Bindings, answer: EdgeAnswer): void {
  if (answer.outcome !== "rejected") return;
  env.METRICS.writeDataPoint({
    indexes: [answer.organization_id],
    blobs: ["rejected", answer.reason],
    doubles: [1],
  });
}

/** Puts the answers of one ledger in their places; those stay unavailable that it could not give in time. */
async function askLedger(
  { reached, members }: Group,
  { caller, card, since_ms, answers }: Request,
): Promise<void> {
  // Without the card only that can be carried out which needs no rate.
  const ready = members.filter(({ operation }) => card !== null || !needsRate(operation));
  if (ready.length === 0) return;
  const now_ms = Date.now();
  const commands = ready.map(({ operation }) => commandOf(operation, caller, card ?? [], now_ms));
  let given: CallAnswer[];
  try {
    const operate = async (ledger: LedgerStub, patience_ms: number) => ledger.operate(commands, patience_ms);
    given = await reached.ledger.ask(operate, since_ms);
  } catch (error) {
    if (!(error instanceof LedgerUnavailable)) throw error;
    const { organization_id } = reached;
    log.warn("ledger_unavailable", { organization_id, error: error.message });
    return;
  }
  const { organization_id, language } = reached;
  for (const [index, { place }] of ready.entries()) {
    const answer = given[index];
    if (answer) answers[place] = { ...answer, organization_id, language };
  }
}

/** The rate card when any operation may need it, null when it cannot be read. */
async function cardFor(
  directory: Directory,
  operations: readonly EdgeOperation[],
): Promise<DatedRate[] | null> {
  return operations.some(needsRate) ? directory.standardRates().catch(nullIfUnavailable) : [];
}

function needsRate(operation: EdgeOperation): boolean {
  return operation.op === "authorize" || (operation.op === "settle" && operation.direction !== undefined);
}
