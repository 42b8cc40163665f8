import type { Bindings } from "../env";
import type { LedgerVerification } from "../ledger/client";
import type { NoSuchOrganization } from "../ledger/core/refusals";
import type { VerifyCursor } from "../ledger/object/verify";
import type { OrganizationHandle } from "../organizations/open-organization";
import { openDatabase } from "../storage/database";
import type { LedgerFinding } from "../storage/schema";
import { isRefused } from "../units/refusal";
import { compareCopies, missingFromLedger } from "./ledger-copies";
import { compareWithHead } from "./ledger-heads";

/** What a proof has found. */
export type LedgerProof = LedgerFinding & { outcome: "verified" };

/** Where a proof stands. Once the ledger has proven itself, its entries are compared with D1 from `compared_seq` on. */
export interface ProofPosition extends VerifyCursor {
  compared_seq?: number;
  found?: LedgerProof;
}

/**
 * Portions of a comparison that one request or run makes: fewer when its time is up, but never fewer than a few, so that a proof of
 * many portions ends. Each asks its ledger and D1 three times.
 */
const MIN_PORTIONS = 20;
const MAX_PORTIONS = 60;

/** For a release that knows no comparison and goes on from here: the ledger is proven, there is nothing left to do. */
const AT_ITS_END: VerifyCursor = { until_seq: 0, seq: 0, balance_micros: 0, call_id: "\uffff" };

type LedgerHandle = Pick<OrganizationHandle, "organization_id" | "ledger">;

/**
 * Proves a ledger from `position` on, the whole of it with null: that it adds up and its chain is whole; that it is the one that
 * the last head has left, whose signature is ours; and that what came after that head is as D1 has it. `unfinished` when
 * `until_ms` comes before the end: go on from its position.
 * @throws LedgerUnavailable
 */
export async function proveLedger(
  env: Bindings,
  organization: LedgerHandle,
  { position, until_ms }: { position: ProofPosition | null; until_ms: number },
): Promise<LedgerProof | { outcome: "unfinished"; position: ProofPosition } | NoSuchOrganization> {
  const { found, compared_seq = 0 } = position ?? {};
  if (found) return compareOn(env, organization, { found, compared_seq, until_ms });
  const answer = await organization.ledger.verify({ cursor: position, until_ms });
  if (isRefused(answer)) return answer;
  if (answer.outcome === "unfinished") return { outcome: answer.outcome, position: answer.cursor };
  if (!answer.ok) return answer;
  return compareFromHead(env, organization, answer, until_ms);
}

async function compareFromHead(
  env: Bindings,
  organization: LedgerHandle,
  verified: LedgerVerification,
  until_ms: number,
) {
  const { head, difference } = await compareWithHead(env, organization);
  const found: LedgerProof = head ? { ...verified, head } : verified;
  const missing = difference ?? (await missingFromLedger(openDatabase(env), organization));
  if (missing !== null) return differing(found, missing);
  const compared_seq = head?.seq ?? found.proves_from_seq - 1;
  return compareOn(env, organization, { found, compared_seq, until_ms });
}

async function compareOn(
  env: Bindings,
  organization: LedgerHandle,
  { found, compared_seq, until_ms }: { found: LedgerProof; compared_seq: number; until_ms: number },
): Promise<LedgerProof | { outcome: "unfinished"; position: ProofPosition }> {
  const db = openDatabase(env);
  let seq = compared_seq;
  for (let portions = 1; ; portions++) {
    const portion = await compareCopies(db, organization, seq);
    if (portion.difference !== null) return differing(found, portion.difference);
    if (portion.compared_seq === null) return found;
    seq = portion.compared_seq;
    const is_enough = portions >= MAX_PORTIONS || (portions >= MIN_PORTIONS && Date.now() >= until_ms);
    if (is_enough) return { outcome: "unfinished", position: { ...AT_ITS_END, compared_seq: seq, found } };
  }
}

function differing(found: LedgerProof, first_difference: string): LedgerProof {
  return { ...found, ok: false, first_difference };
}
