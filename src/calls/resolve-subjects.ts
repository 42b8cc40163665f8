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
interface OwnerLookup {
  call_id: string;
  number: string;
  /** Whether it may be a call that nobody has heard of, which is nothing to wonder at. */
  is_new: boolean;
  owners: readonly NumberOwner[];
  /** Organizations to be asked whether they know the call, the latest owner first; none where that is sure. */
  asked: string[];
}

/** What says whose call it is: the owners of its number, and what the ledgers that were asked know. */
interface OwnerEvidence {
  lookup: OwnerLookup;
  known: Answers;
  now_ms: number;
  /** How far a node's time may run ahead of ours. */
  tolerance_ms: number;
}

/** Who speaks, and with what their request is answered; ledgers have until their deadline after `since_ms`. */
interface SubjectRequest {
  env: Bindings;
  directory: Directory;
  caller: EdgeCaller;
  since_ms: number;
}

/**
 * The organizations that operations are about. A call stays with the organization that was asked for it, so every owner of
 * its number within the longest report is asked, each once for all its calls; a new call is the only owner's without that. A
 * call that none of them knows may be of one whom the copy of the directory does not show yet, so D1 is asked, and then
 * belongs to whoever had the number when it began.
 */
export async function resolveSubjects(
  request: SubjectRequest,
  operations: readonly EdgeOperation[],
): Promise<Subject[]> {
  const { env, directory, caller } = request;
  const now_ms = Date.now();
  const { node_time_tolerance_seconds } = readSettings(env).ledger;
  const tolerance_ms = node_time_tolerance_seconds * SECOND_MS;
  const lookups = await Promise.all(
    operations.map((operation) =>
      ownerLookupOf(directory, caller, operation, now_ms).catch(nullIfUnavailable),
    ),
  );
  const first = await askOwners(request, lookups);
  const latest = await Promise.all(
    lookups.map((lookup) =>
      lookup && isUnknownToAll(lookup, first) ? asInD1(directory, caller, lookup, now_ms) : lookup,
    ),
  );
  const changed = latest.filter((lookup, place) => lookup !== lookups[place]);
  const known = joined(first, await askOwners(request, changed));
  return Promise.all(
    operations.map((operation, place) => {
      const lookup = latest[place];
      if (lookup === null) return null;
      const organization_id =
        lookup === undefined
          ? operation.organization_id
          : ownerOf(operation, { lookup, known, now_ms, tolerance_ms });
      if (organization_id === "unavailable") return null;
      return resolveAllowed(env, directory, caller, organization_id).catch(nullIfUnavailable);
    }),
  );
}

/** Undefined for an operation that names no number, or the organization itself. */
async function ownerLookupOf(
  directory: Directory,
  caller: EdgeCaller,
  { op, call_id, organization_id, number }: EdgeOperation,
  now_ms: number,
): Promise<OwnerLookup | undefined> {
  if (organization_id !== undefined || number === undefined) return undefined;
  const owners = await directory.ownersOf(number);
  const asked = mayKnow(owners, caller.organization_ids, now_ms);
  const is_new = op === "authorize";
  const is_sure = is_new && asked.length === 1 && asked[0] === presentOwner(owners);
  return { call_id, number, is_new, owners, asked: is_sure ? [] : asked };
}

/** Whether it is about a call that none of those knows who were asked, and all have answered. */
function isUnknownToAll({ call_id, is_new, owners, asked }: OwnerLookup, known: Answers): boolean {
  return !is_new && owners.length > 0 && asked.every((id) => known.get(id)?.has(call_id) === false);
}

/** The same by the owners that D1 has, when these are others; they are asked then. */
async function asInD1(
  directory: Directory,
  caller: EdgeCaller,
  lookup: OwnerLookup,
  now_ms: number,
): Promise<OwnerLookup> {
  const owners = await directory.ownersInD1(lookup.number);
  const asked = mayKnow(owners, caller.organization_ids, now_ms);
  return JSON.stringify(owners) === JSON.stringify(lookup.owners) ? lookup : { ...lookup, owners, asked };
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
  request: SubjectRequest,
  lookups: readonly (OwnerLookup | null | undefined)[],
): Promise<Answers> {
  const questions = new Map<string, Set<string>>();
  for (const lookup of lookups)
    for (const organization_id of lookup?.asked ?? []) {
      const call_ids = questions.get(organization_id) ?? new Set();
      questions.set(organization_id, call_ids.add(lookup?.call_id ?? ""));
    }
  const answers = await Promise.all(
    [...questions].map(async ([organization_id, call_ids]) => {
      const asking = knownCalls(request, organization_id, [...call_ids]);
      const known = await asking.catch(nullIfUnavailable);
      return [organization_id, known ?? undefined] as const;
    }),
  );
  return new Map(answers);
}

async function knownCalls(
  { env, directory, since_ms }: SubjectRequest,
  organization_id: string,
  call_ids: string[],
): Promise<Known> {
  const reached = await openOrganization(env, organization_id, directory);
  const answer = await reached?.ledger.ask(async (ledger) => ledger.knownCalls(call_ids), since_ms);
  const known = answer?.outcome === "known" ? answer.known : [];
  return new Map(known.map(({ call_id, is_live }) => [call_id, is_live]));
}

/** Null: nobody's. Unavailable: an owner that may know the call could not be asked, and no other knows it. */
function ownerOf(
  operation: EdgeOperation,
  { lookup, known, now_ms, tolerance_ms }: OwnerEvidence,
): string | null | "unavailable" {
  const { call_id, owners, asked } = lookup;
  const isLiveAt = (organization_id: string) => known.get(organization_id)?.get(call_id);
  const owner = asked.find((id) => isLiveAt(id)) ?? asked.find((id) => isLiveAt(id) !== undefined);
  if (owner !== undefined) return owner;
  if (asked.some((id) => known.get(id) === undefined)) return "unavailable";
  const began_at_ms = beganAt(operation, now_ms);
  if (operation.op !== "settle" || began_at_ms === null) return presentOwner(owners);
  return ownerAt(owners, began_at_ms, tolerance_ms);
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
