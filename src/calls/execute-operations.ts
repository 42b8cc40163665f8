import { type Bindings, readSettings } from "../env";
import { type LedgerStub, LedgerUnavailable } from "../ledger/client";
import type { CallAnswer, CallCommand } from "../ledger/core/calls/commands";
import { type NumberingPlan, readNumber } from "../numbers/read-number";
import { Directory, type RateCard } from "../organizations/directory";
import type { OrganizationHandle } from "../organizations/open-organization";
import { DeckReader } from "../pricing/deck/reader";
import type { PriceSources } from "../pricing/destination/decide";
import { priceSources } from "../pricing/destination/sources";
import { soonOr } from "../runtime/deadline";
import { log } from "../units/log";
import { E164 } from "../units/phone-number";
import { isRefused } from "../units/refusal";
import {
  beganAt,
  commandOf,
  type EdgeAnswer,
  type EdgeCaller,
  type EdgeOperation,
  helpAnswer,
} from "./edge-operation";
import { HELP_PATIENCE_MS, isForHelp, planOf, planOfAnywhere } from "./emergency-calls";
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
  env: Bindings;
  caller: EdgeCaller;
  /** Null: it cannot be read. */
  card: RateCard | null;
  reader: DeckReader;
  /** The operator's own. */
  numbering: NumberingPlan;
  since_ms: number;
  answers: EdgeAnswer[];
}

/**
 * Carries out what a node says about calls. A call for help is allowed whatever is away, refuses or is late: alone it waits for its
 * ledger for `HELP_PATIENCE_MS`, so that it is known there, and no longer.
 */
export async function executeOperations(
  env: Bindings,
  caller: EdgeCaller,
  operations: readonly EdgeOperation[],
  since_ms = Date.now(),
): Promise<EdgeAnswer[] | { outcome: "too_many_organizations" }> {
  const anywhere = planOfAnywhere(readSettings(env).numbering);
  const [first, ...others] = operations;
  if (!first || !operations.some((operation) => isNewCallForHelp(operation, anywhere)))
    return askLedgers(env, caller, operations, since_ms);
  const alone = [helpAnswer(first, first.organization_id ?? null)];
  if (others.length > 0) return askLedgers(env, caller, operations, since_ms);
  const asking = askLedgers(env, caller, operations, since_ms).catch((error) => {
    log.error("help_not_recorded", { error });
    return alone;
  });
  return soonOr(HELP_PATIENCE_MS, () => asking, alone);
}

/** What a node is answered whose key nobody can look up: it may call for help, and of anything else nothing is known. */
export function unconfirmedAnswers(env: Bindings, operations: readonly EdgeOperation[]): EdgeAnswer[] {
  const anywhere = planOfAnywhere(readSettings(env).numbering);
  return operations.map((operation) =>
    isNewCallForHelp(operation, anywhere)
      ? helpAnswer(operation, operation.organization_id ?? null)
      : { outcome: "unavailable" },
  );
}

/** Whether an operation asks that a call for help may start. */
function isNewCallForHelp(operation: EdgeOperation, plan: NumberingPlan): boolean {
  return operation.op === "authorize" && isForHelp(operation, plan);
}

/**
 * Carries out what a node says about any number of calls of any organizations, one request for each ledger, all at
 * once. Answers in the order of the operations, each as it would be answered alone; a ledger that fails or is slow
 * makes its own operations unavailable and no others. Ledgers have until their deadline after `since_ms`.
 */
async function askLedgers(
  env: Bindings,
  caller: EdgeCaller,
  stated: readonly EdgeOperation[],
  since_ms: number,
): Promise<EdgeAnswer[] | { outcome: "too_many_organizations" }> {
  const { numbering } = readSettings(env);
  const operations = stated.map((operation) => withNumberAsKept(operation, numbering));
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
  const reader = new DeckReader(env);
  const request = { env, caller, card, reader, numbering, since_ms, answers };
  await Promise.all([...groups.values()].map((group) => askLedger(group, request)));
  for (const answer of answers) countRejection(env, answer);
  return answers.map((answer, place) => {
    const operation = operations[place];
    if (!operation || answer.outcome === "granted") return answer;
    const subject = subjects[place];
    const reached = subject && !isRefused(subject) ? subject.reached : null;
    const plan = reached ? planOf(numbering, reached.country) : planOfAnywhere(numbering);
    if (!isNewCallForHelp(operation, plan)) return answer;
    const organization_id = reached?.organization_id ?? operation.organization_id ?? null;
    log.warn("help_not_recorded", { organization_id, outcome: answer.outcome });
    return helpAnswer(operation, organization_id);
  });
}

/** The operation with its number in the form by which owners are found. */
function withNumberAsKept(operation: EdgeOperation, plan: NumberingPlan): EdgeOperation {
  const { number } = operation;
  if (number === undefined || E164.test(number)) return operation;
  return { ...operation, number: readNumber(number, plan).normalized };
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
async function askLedger({ reached, members }: Group, request: Request): Promise<void> {
  const { since_ms, answers } = request;
  const commands = await commandsOf({ reached, members }, request);
  if (commands.length === 0) return;
  let given: CallAnswer[];
  try {
    const operate = async (ledger: LedgerStub, patience_ms: number) =>
      ledger.operate(
        commands.map(({ command }) => command),
        patience_ms,
      );
    given = await reached.ledger.ask(operate, since_ms);
  } catch (error) {
    if (!(error instanceof LedgerUnavailable)) throw error;
    const { organization_id } = reached;
    log.warn("ledger_unavailable", { organization_id, error });
    return;
  }
  const { organization_id, language } = reached;
  for (const [index, { place }] of commands.entries()) {
    const answer = given[index];
    if (answer) answers[place] = { ...answer, organization_id, language };
  }
}

/** What can be carried out: without the card or a deck that is in force only what needs no price. */
async function commandsOf(
  { reached, members }: Group,
  request: Request,
): Promise<{ place: number; command: CallCommand }[]> {
  const { caller, card, numbering } = request;
  const plan = planOf(numbering, reached.country);
  const now_ms = Date.now();
  const read = await Promise.all(
    members.map(async ({ place, operation }) => {
      const needs_price = needsRate(operation) && !isForHelp(operation, plan);
      const sources = needs_price
        ? await sourcesAt(reached, beganAt(operation, now_ms) ?? now_ms, request)
        : null;
      if (needs_price && (card === null || sources === null)) return [];
      const reading = { caller, card: card?.rates ?? [], plan, sources, now_ms };
      return [{ place, command: commandOf(operation, reading) }];
    }),
  );
  return read.flat();
}

/** What prices are looked up in, null while that cannot be read. */
async function sourcesAt(
  { decks }: OrganizationHandle,
  at_ms: number,
  { env, card, reader }: Request,
): Promise<PriceSources | null> {
  if (card === null) return null;
  const versions = { own: decks, standard: card.decks };
  return priceSources(reader, versions, at_ms, readSettings(env)).catch(nullIfUnavailable);
}

/** The rate card when any operation may need it, null when it cannot be read. */
async function cardFor(directory: Directory, operations: readonly EdgeOperation[]): Promise<RateCard | null> {
  return operations.some(needsRate)
    ? directory.rateCard().catch(nullIfUnavailable)
    : { rates: [], decks: [] };
}

function needsRate(operation: EdgeOperation): boolean {
  return operation.op === "authorize" || (operation.op === "settle" && operation.direction !== undefined);
}
