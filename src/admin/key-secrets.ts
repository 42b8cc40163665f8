import { LINK_FOR_MS, SESSION_FOR_MS } from "../access/portal-sessions";
import { type Bindings, readSettings } from "../env";
import type { KeysOfSecret } from "../ledger/core/account/api-keys";
import { RETURN_FOR_MS } from "../purchases/return-pages";
import { lastSignedSeal } from "../storage/accounts/audit-seals";
import { type CountedUses, countUses, putLedgerUses } from "../storage/accounts/key-secret-uses";
import { latestHead } from "../storage/calls/ledger-heads";
import { findCronPosition, putCronPosition } from "../storage/cron-positions";
import { openDatabase } from "../storage/database";
import { DAY_MS } from "../units/duration";
import { REPEATABLE_FOR_MS } from "../units/repeatable";
import { newestSecret, SECRET_VERSIONS } from "../units/seal";

/** What is made under a secret without being kept, and for how long it is good. A cursor is good as long as its secret: a day will do. */
const LIVES_FOR_MS = {
  dashboard_link: LINK_FOR_MS,
  dashboard_session: SESSION_FOR_MS,
  idempotency_key: REPEATABLE_FOR_MS,
  return_address: RETURN_FOR_MS,
  cursor: DAY_MS,
} as const;

/** All that a secret can be needed for. */
export const SECRET_USE_KINDS = [
  "organization_key",
  "edge_key",
  "admin_key",
  "ledger_head",
  "audit_seal",
  "dashboard_link",
  "dashboard_session",
  "idempotency_key",
  "return_address",
  "cursor",
] as const;

/** Every version that a secret may have. */
const VERSIONS = [...SECRET_VERSIONS];

const TURNS = "key_secrets:turns";
const COUNT = "key_secrets:count";

/** Which secret makes new things, and since when the others do not. */
interface Turns {
  newest: string;
  replaced_at_ms: Record<string, number>;
  /** Those that there were when this was first noted: things from before were made under one of them. */
  first: string[];
}

/** The last night in which all ledgers were asked for what they need secrets for. */
interface Count {
  began_at_ms: number;
  /** Ledgers that could not be asked. */
  not_counted: number;
}

/** What a secret is needed for: so many things, or whatever was made under it, until a time. */
type SecretUse =
  | (Pick<CountedUses, "uses" | "has_more" | "organization_ids"> & {
      kind: CountedUses["kind"] | "audit_seal";
      until_ms: null;
    })
  | { kind: keyof typeof LIVES_FOR_MS; uses: null; until_ms: number };

/** One secret of KEY_SECRETS, or one that has left it and is needed all the same. */
export interface SecretStanding {
  version: string;
  is_set: boolean;
  /** New things are made under it. */
  is_newest: boolean;
  /** When another one came into its place, as far as that was noted. */
  replaced_at_ms: number | null;
  uses: SecretUse[];
  /** Nothing that works now stops working without it. */
  can_be_removed: boolean;
}

/** Notes when another secret of KEY_SECRETS becomes the one that new things are made under. */
export async function noteNewestSecret(env: Bindings, now_ms = Date.now()): Promise<void> {
  const { key_secrets } = readSettings(env);
  const db = openDatabase(env);
  const versions = key_secrets.map(({ version }) => version);
  const newest = newestSecret(key_secrets).version;
  const known = await findCronPosition<Turns>(db, TURNS);
  if (known?.newest === newest) return;
  const before = known ? [known.newest] : versions;
  const { [newest]: _, ...earlier } = known?.replaced_at_ms ?? {};
  const replaced = before.filter((version) => version !== newest).map((version) => [version, now_ms]);
  const replaced_at_ms = { ...earlier, ...Object.fromEntries(replaced) };
  await putCronPosition(db, TURNS, { newest, replaced_at_ms, first: known?.first ?? versions });
}

/** Writes down what a ledger needs secrets for: its keys that are in force, and its last head. */
export async function countLedgerUses(
  env: Bindings,
  organization_id: string,
  keys: readonly KeysOfSecret[],
): Promise<void> {
  const db = openDatabase(env);
  const head = await latestHead(db, organization_id);
  const of_keys = keys.map(({ secret_version, keys }) => ({
    kind: "organization_key" as const,
    secret_version,
    uses: keys,
  }));
  const of_head = head ? [{ kind: "ledger_head" as const, secret_version: head.key_version, uses: 1 }] : [];
  await putLedgerUses(db, organization_id, [...of_keys, ...of_head]);
}

/** Notes that all ledgers were asked, but those that could not be. */
export async function noteCount(env: Bindings, count: Count): Promise<void> {
  await putCronPosition(openDatabase(env), COUNT, count);
}

/** Every secret that is set, and every other that something still needs, the newest first; and when ledgers were asked last. */
export async function keySecrets(
  env: Bindings,
  now_ms = Date.now(),
): Promise<{ secrets: SecretStanding[]; count: Count | null }> {
  const db = openDatabase(env);
  const [turns, count, counted, seal] = await Promise.all([
    findCronPosition<Turns>(db, TURNS),
    findCronPosition<Count>(db, COUNT),
    countUses(db, VERSIONS, now_ms),
    lastSignedSeal(db),
  ]);
  const { key_secrets } = readSettings(env);
  const newest = newestSecret(key_secrets).version;
  const standings = VERSIONS.toReversed().map((version): SecretStanding => {
    const is_set = key_secrets.some((each) => each.version === version);
    const is_newest = version === newest;
    const replaced_at_ms = (!is_newest && turns?.replaced_at_ms[version]) || null;
    const uses = [
      ...countedOf(version, counted, turns?.first ?? VERSIONS),
      ...(seal?.key_version === version ? [{ kind: "audit_seal" as const, ...ONE }] : []),
      ...(is_set && !is_newest ? livingOf(replaced_at_ms ?? now_ms, now_ms) : []),
    ];
    const is_counted =
      replaced_at_ms !== null && count?.not_counted === 0 && count.began_at_ms >= replaced_at_ms;
    const can_be_removed = is_set && !is_newest && uses.length === 0 && is_counted;
    return { version, is_set, is_newest, replaced_at_ms, uses, can_be_removed };
  });
  const secrets = standings.filter(({ is_set, uses }) => is_set || uses.length > 0);
  return { secrets, count: count ?? null };
}

const ONE = { uses: 1, has_more: false, organization_ids: [], until_ms: null };

/** What was counted of a secret: also what may be its, because it is not known whose it is. */
function countedOf(
  version: string,
  counted: readonly CountedUses[],
  first: readonly string[],
): (SecretUse & { until_ms: null })[] {
  const own = counted.filter(
    ({ secret_version }) =>
      secret_version === version || (secret_version === null && first.includes(version)),
  );
  return [...Map.groupBy(own, ({ kind }) => kind)].map(([kind, all]) => ({
    kind,
    uses: all.reduce((sum, { uses }) => sum + uses, 0),
    has_more: all.some(({ has_more }) => has_more),
    organization_ids: [...new Set(all.flatMap(({ organization_ids }) => organization_ids))],
    until_ms: null,
  }));
}

/** What was made under a secret until another one came, as long as some of it may be good. */
function livingOf(replaced_at_ms: number, now_ms: number): SecretUse[] {
  const kinds = Object.keys(LIVES_FOR_MS) as (keyof typeof LIVES_FOR_MS)[];
  return kinds
    .map((kind) => ({ kind, uses: null, until_ms: replaced_at_ms + LIVES_FOR_MS[kind] }))
    .filter(({ until_ms }) => until_ms > now_ms);
}
