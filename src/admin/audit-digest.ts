import type { AuditRow } from "../storage/accounts/audit";
import type { AuditLeaf, AuditSealRow } from "../storage/accounts/audit-seals";
import { canonicalJson } from "../units/canonical-json";
import { type Commit, commitmentsOf, isMasked } from "../units/commitment";
import { sha256HexNow } from "../units/digest";

/**
 * The digest of a row of the audit: SHA-256, in hexadecimal, of the JSON of its fields in this order, by which anybody who has the
 * row can work it out again. What may name a person enters as its commitment only (units/commitment.ts) and may be masked: who
 * asked and from where, and each field of `detail`.
 *
 * Never change what enters: rows of years ago are proven by it.
 */
export function auditDigest(row: AuditRow): string {
  const commit = commitmentsOf(row.salt);
  return sha256HexNow(
    JSON.stringify([
      "audit",
      row.id,
      row.at_ms,
      row.action,
      row.organization_id,
      row.actor_kind,
      row.session_id,
      row.request_id,
      row.outcome,
      row.code,
      commit(row.key_id),
      commit(row.actor_name),
      commit(row.address),
      commit(row.country),
      commit(row.user_agent),
      commit(row.bucket),
      Object.entries(row.detail)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => [name, commitTo(value, commit)]),
    ]),
  );
}

/** What stands for a row in the seal that it gets. */
function auditLeaf(row: AuditRow): AuditLeaf {
  return [row.id, auditDigest(row)];
}

/** The digest of a seal: SHA-256 of the JSON of what it says, the digest of the seal before among it. */
export function sealDigest({ seq, previous, at_ms, leaves }: Omit<SealContent, "digest">): string {
  return sha256HexNow(JSON.stringify(["audit_seal", seq, previous, at_ms, leaves]));
}

type SealContent = Pick<AuditSealRow, "seq" | "previous" | "at_ms" | "leaves" | "digest">;

/** The seal of these rows, over the one before. */
export function sealOver(
  before: Pick<AuditSealRow, "seq" | "digest"> | undefined,
  rows: readonly AuditRow[],
  at_ms: number,
): SealContent {
  const seal = {
    seq: (before?.seq ?? 0) + 1,
    previous: before?.digest ?? null,
    at_ms,
    leaves: rows.map(auditLeaf),
  };
  return { ...seal, digest: sealDigest(seal) };
}

function commitTo(value: unknown, commit: Commit): string | null {
  return commit(isMasked(value) ? value : canonicalJson(value));
}
