import { sql } from "drizzle-orm";
import type { Database } from "../database";
import { key_secret_uses, platform_keys } from "../schema";

type LedgerUseKind = (typeof key_secret_uses.$inferSelect)["kind"];

/** How much of one ledger needs one secret; `secret_version` null: which one is not known. */
export interface LedgerUse {
  kind: LedgerUseKind;
  secret_version: string | null;
  uses: number;
}

/** What needs one secret in all, as far as it was counted. */
export interface CountedUses {
  kind: LedgerUseKind | "edge_key" | "admin_key";
  secret_version: string | null;
  uses: number;
  /** Some of the organizations whose they are; none of keys of the platform. */
  organization_ids: string[];
  /** The count ends where it may: there are more. */
  has_more: boolean;
}

/** Rows that are counted of each kind and secret, and organizations that are named. */
const MOST_COUNTED = 200;
const MOST_NAMED = 20;

/** Not known, as a part of a key. */
const UNKNOWN = "";

/** Writes down what a ledger needs secrets for, in the place of what was counted before: what is as it was costs no row. */
export async function putLedgerUses(
  db: Database,
  organization_id: string,
  uses: readonly LedgerUse[],
): Promise<void> {
  const rows = uses.map(({ kind, secret_version, uses }) => [kind, secret_version ?? UNKNOWN, uses]);
  const told = sql`json_each(${JSON.stringify(rows)})`;
  await db.batch([
    db.delete(key_secret_uses).where(
      sql`${key_secret_uses.organization_id} = ${organization_id} AND (${key_secret_uses.kind}, ${key_secret_uses.secret_version})
        NOT IN (SELECT value ->> 0, value ->> 1 FROM ${told})`,
    ),
    db
      .insert(key_secret_uses)
      .select(sql`SELECT ${organization_id}, value ->> 0, value ->> 1, value ->> 2 FROM ${told} WHERE true`)
      .onConflictDoUpdate({
        target: [key_secret_uses.organization_id, key_secret_uses.kind, key_secret_uses.secret_version],
        set: { uses: sql`excluded.uses` },
        setWhere: sql`${key_secret_uses.uses} <> excluded.uses`,
      }),
  ]);
}

/** What needs any of these secrets, and what needs one that is not known. Kinds of which there is nothing are left out. */
export async function countUses(
  db: Database,
  versions: readonly string[],
  now_ms: number,
): Promise<CountedUses[]> {
  const version = sql`json_each(${JSON.stringify([...versions, UNKNOWN])}) AS version`;
  const of_ledgers = sql`SELECT organization_id, uses FROM ${key_secret_uses}
    WHERE kind = kind.value AND secret_version = version.value LIMIT ${MOST_COUNTED}`;
  const of_platform = sql`SELECT 1 FROM ${platform_keys}
    WHERE revoked_at_ms IS NULL AND secret_version IS nullif(version.value, ${UNKNOWN}) AND platform_keys.kind = replace(kind.value, '_key', '')`;
  const counted = await db.all<Counted>(sql`
    SELECT kind.value AS kind, version.value AS version, (
      SELECT json_array(count(*), coalesce(sum(uses), 0), json_group_array(organization_id)) FROM (${of_ledgers})) AS found
    FROM json_each('["organization_key", "ledger_head"]') AS kind, ${version}
    UNION ALL
    SELECT kind.value, version.value, (SELECT json_array(count(*), count(*), json_array()) FROM (
      ${of_platform} AND expires_at_ms IS NULL UNION ALL ${of_platform} AND expires_at_ms > ${now_ms} LIMIT ${MOST_COUNTED}))
    FROM json_each('["edge_key", "admin_key"]') AS kind, ${version}`);
  return counted.map(usesOf).filter(({ uses }) => uses > 0);
}

interface Counted {
  kind: CountedUses["kind"];
  version: string;
  found: string;
}

function usesOf({ kind, version, found }: Counted): CountedUses {
  const [rows, uses, ids] = JSON.parse(found) as [number, number, string[]];
  return {
    kind,
    secret_version: version === UNKNOWN ? null : version,
    uses,
    organization_ids: ids.slice(0, MOST_NAMED),
    has_more: rows === MOST_COUNTED,
  };
}
