import { type Bindings, readSettings } from "../env";
import { LedgerUnavailable } from "../ledger/client";
import { type Directory, DirectoryUnavailable, type NumberOwner } from "../organizations/directory";
import { mayKnow, ownerAt, presentOwner } from "../organizations/number-owners";
import { type OrganizationHandle, openOrganization } from "../organizations/open-organization";
import { SECOND_MS } from "../units/duration";
import { refuse } from "../units/refusal";
import { beganAt, type EdgeCaller, type EdgeOperation, type EdgeRefusal } from "./edge-operation";

/** The organization that an operation is about, or why it may not be; null: that cannot be told now. */
export type Subject = { outcome: "reached"; reached: OrganizationHandle } | EdgeRefusal | null;

/** Calls that a ledger knows, and whether they are live there. */
type Known = ReadonlyMap<string, boolean>;

/** What each organization knows of the calls that it was asked for; undefined when it could not be asked. */
type Answers = ReadonlyMap<string, Known | undefined>;

/** An operation that names a number, with what may decide whose call it is. */
interface ByNumber {
  call_id: string;
  number: string;
  /** Whether it may be a call that nobody has heard of, which is nothing to wonder at. */
  is_new: boolean;
  owners: readonly NumberOwner[];
  /** Organizations to be asked whether they know the call, the latest owner first; none where there is no doubt. */
  asked: string[];
}

/**
 * The organizations that operations are about. A call stays with the organization that was asked for it, so every owner of
 * its number within the longest report is asked, each once for all its calls; a new call is the only owner's without that. A
 * call that none of them knows may be of one whom the copy of the directory does not show yet, so D1 is asked, and then
 * belongs to whoever had the number when it began.
 */
export async function resolveSubjects(
  env: Bindings,
  directory: Directory,
  caller: EdgeCaller,
  operations: readonly EdgeOperation[],
  since_ms: number,
): Promise<Subject[]> {
  const now_ms = Date.now();
  const by_number = await Promise.all(
    operations.map((operation) => doubtOf(directory, caller, operation, now_ms).catch(nullIfUnavailable)),
  );
  const first = await askOwners(env, directory, by_number, since_ms);
  const latest = await Promise.all(
    by_number.map((doubt) =>
      doubt && isUnknownToAll(doubt, first) ? asInD1(directory, caller, doubt, now_ms) : doubt,
    ),
  );
  const changed = latest.filter((doubt, place) => doubt !== by_number[place]);
  const known = joined(first, await askOwners(env, directory, changed, since_ms));
  return Promise.all(
    operations.map((operation, place) => {
      const doubt = latest[place];
      if (doubt === null) return null;
      const organization_id =
        doubt === undefined ? operation.organization_id : ownerOf(env, operation, doubt, known, now_ms);
      if (organization_id === "unavailable") return null;
      return resolveAllowed(env, directory, caller, organization_id).catch(nullIfUnavailable);
    }),
  );
}

/** Undefined for an operation that names no number, or the organization itself. */
async function doubtOf(
  directory: Directory,
  caller: EdgeCaller,
  { op, call_id, organization_id, number }: EdgeOperation,
  now_ms: number,
): Promise<ByNumber | undefined> {
  if (organization_id !== undefined || number === undefined) return undefined;
  const owners = await directory.ownersOf(number);
  const asked = mayKnow(owners, caller.organization_ids, now_ms);
  const is_new = op === "authorize";
  const is_sure = is_new && asked.length === 1 && asked[0] === presentOwner(owners);
  return { call_id, number, is_new, owners, asked: is_sure ? [] : asked };
}

/** Whether it is about a call that none of those knows who were asked, and all have answered. */
function isUnknownToAll({ call_id, is_new, owners, asked }: ByNumber, known: Answers): boolean {
  return !is_new && owners.length > 0 && asked.every((id) => known.get(id)?.has(call_id) === false);
}

/** The same by the owners that D1 has, when these are others; they are asked then. */
async function asInD1(
  directory: Directory,
  caller: EdgeCaller,
  doubt: ByNumber,
  now_ms: number,
): Promise<ByNumber> {
  const owners = await directory.ownersInD1(doubt.number);
  const asked = mayKnow(owners, caller.organization_ids, now_ms);
  return JSON.stringify(owners) === JSON.stringify(doubt.owners) ? doubt : { ...doubt, owners, asked };
}

function joined(some: Answers, others: Answers): Answers {
  const all = new Map(some);
  for (const [id, known] of others) {
    const before = all.get(id);
    all.set(id, known && before ? new Map([...before, ...known]) : known);
  }
  return all;
}

async function askOwners(
  env: Bindings,
  directory: Directory,
  by_number: readonly (ByNumber | null | undefined)[],
  since_ms: number,
): Promise<Answers> {
  const questions = new Map<string, Set<string>>();
  for (const doubt of by_number)
    for (const organization_id of doubt?.asked ?? []) {
      const call_ids = questions.get(organization_id) ?? new Set();
      questions.set(organization_id, call_ids.add(doubt?.call_id ?? ""));
    }
  const answers = await Promise.all(
    [...questions].map(async ([organization_id, call_ids]) => {
      const asking = knownCalls(env, directory, organization_id, [...call_ids], since_ms);
      const known = await asking.catch(nullIfUnavailable);
      return [organization_id, known ?? undefined] as const;
    }),
  );
  return new Map(answers);
}

async function knownCalls(
  env: Bindings,
  directory: Directory,
  organization_id: string,
  call_ids: string[],
  since_ms: number,
): Promise<Known> {
  const reached = await openOrganization(env, organization_id, directory);
  const answer = await reached?.ledger.ask(async (ledger) => ledger.knownCalls(call_ids), since_ms);
  const known = answer?.outcome === "known" ? answer.known : [];
  return new Map(known.map(({ call_id, is_live }) => [call_id, is_live]));
}

/** Null: nobody's. Unavailable: an owner that may know the call could not be asked, and no other knows it. */
function ownerOf(
  env: Bindings,
  operation: EdgeOperation,
  { call_id, owners, asked }: ByNumber,
  known: Answers,
  now_ms: number,
): string | null | "unavailable" {
  const isLiveAt = (organization_id: string) => known.get(organization_id)?.get(call_id);
  const owner = asked.find((id) => isLiveAt(id)) ?? asked.find((id) => isLiveAt(id) !== undefined);
  if (owner !== undefined) return owner;
  if (asked.some((id) => known.get(id) === undefined)) return "unavailable";
  const began_at_ms = beganAt(operation, now_ms);
  if (operation.op !== "settle" || began_at_ms === null) return presentOwner(owners);
  const { node_time_tolerance_seconds } = readSettings(env).ledger;
  return ownerAt(owners, began_at_ms, node_time_tolerance_seconds * SECOND_MS);
}

/** The organization, when there is one of which the key may speak. */
export async function resolveAllowed(
  env: Bindings,
  directory: Directory,
  caller: EdgeCaller,
  organization_id: string | null | undefined,
): Promise<NonNullable<Subject>> {
  if (organization_id === undefined)
    return refuse("missing_field", {
      param: "organization_id",
      message:
        "Say whose call it is: organization_id, as authorize answered it, or the organization's number.",
    });
  // Alike for numbers of others and of nobody, so that a limited key learns nothing of others.
  if (caller.organization_ids && !caller.organization_ids.includes(organization_id ?? ""))
    return refuse("forbidden", { message: "This API key may not act for this organization." });
  if (organization_id === null)
    return refuse("not_found", { message: "This number belongs to no organization." });
  const reached = await openOrganization(env, organization_id, directory);
  if (!reached) return refuse("not_found", { message: "There is no such organization." });
  return { outcome: "reached", reached };
}

/** Nothing is known of it now, which must not be answered as a refusal. */
export function nullIfUnavailable(error: unknown): null {
  if (error instanceof DirectoryUnavailable || error instanceof LedgerUnavailable) return null;
  throw error;
}
