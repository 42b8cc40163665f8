import { within } from "../runtime/deadline";
import { listOwners, type NumberRow } from "../storage/accounts/numbers";
import { findOrganizationEntry } from "../storage/accounts/organizations";
import { findPlatformKey, type PlatformKeyRow } from "../storage/accounts/platform-keys";
import { type DeckOwner, decksInForceSince } from "../storage/accounts/rate-decks";
import { listStandardRates, type StandardRateRow } from "../storage/accounts/standard-rates";
import { openDatabase } from "../storage/database";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "../units/duration";
import { log } from "../units/log";
import type { OrganizationRef } from "../units/organization-ref";
import { type DeckPointer, READABLE_MS } from "./deck-versions";

/** What a request must know of an organization to reach its ledger and to speak to its callers. */
export interface OrganizationEntry {
  jurisdiction: string | null;
  language: string;
  /** Where it is, when its billing profile says so. Missing in entries from before it was kept. */
  country?: string | null;
  /** Versions of its own rate deck. Missing where it never had one. */
  decks?: DeckPointer[];
}

/** What all organizations have in common: the operator's rates and versions of the standard rate deck. */
export interface RateCard {
  rates: StandardRateRow[];
  decks: DeckPointer[];
}

/** Who had a number from when to when; `until_ms` null: still has it. */
export type NumberOwner = Pick<NumberRow, "organization_id" | "from_ms" | "until_ms">;

/** Whose a number is, null when it is nobody's, since when, and whose it was. */
interface NumberEntry {
  organization_id: string | null;
  since_ms: number;
  /** The latest first. Missing in entries from before it was kept. */
  owners?: NumberOwner[];
}

/** A key of a node or an operator, as far as a request must know it. */
export type PlatformKey = Omit<PlatformKeyRow, "label" | "created_at_ms" | "end_told_days">;

/** Neither KV nor D1 could be asked: nothing is known, which must not be answered as "there is none". */
export class DirectoryUnavailable extends Error {
  override readonly name = "DirectoryUnavailable";
}

/** Not `rates`, which programs from before there were decks read as a list. */
const CARD = "rate_card";

const FRESH_MS = MINUTE_MS;
const ABSENT_MS = 5 * SECOND_MS;
const ENTRIES_KEPT = 20_000;
/** Longer than any call may be reported after it. */
const HISTORY_MS = 32 * DAY_MS;
/** KV's shortest. What is read from D1 may be older than what a change has just written to KV, so it must not stay. */
const REPAIR_SECONDS = 60;

/** How long each store is waited for: one that hangs must not make a call set-up hang. */
const KV_PATIENCE_MS = 500;
const D1_PATIENCE_MS = SECOND_MS;

interface CacheEntry {
  value: unknown;
  until_ms: number;
}

const cache = new Map<string, CacheEntry>();

/**
 * Forgets all, as a new isolate would.
 *
 * @internal exported for tests
 */
export function clearDirectoryCache(): void {
  cache.clear();
}

/**
 * What the hot path must know and the ledger cannot say: read from this isolate's memory, else KV, and D1 only when KV
 * has nothing. Changes are written here after D1; other isolates see them within a minute plus KV's own delay.
 */
export class Directory {
  /** Reads under way, so that a request that asks the same thing many times at once reads it once. */
  private readonly pending = new Map<string, Promise<unknown>>();

  constructor(private readonly env: Pick<Env, "DIRECTORY" | "DB">) {}

  async organization(id: string): Promise<OrganizationEntry | null> {
    const key = `organization:${id}`;
    const fromD1 = () => this.organizationInD1(id);
    const entry = await this.read(key, fromD1);
    if (!entry || entry.country !== undefined) return entry;
    // Calls must go on without D1: where the organization is can wait.
    const row = await withDeadline(D1_PATIENCE_MS, fromD1).catch(() => null);
    return remember(key, row ?? { ...entry, country: null });
  }

  /** Says what is known of an organization, as D1 has it and where that has it not yet, as it is stated. */
  async putOrganization(id: string, stated: Omit<OrganizationEntry, "country">): Promise<void> {
    const { jurisdiction, language } = stated;
    const row = await this.organizationInD1(id);
    await this.write(`organization:${id}`, { country: null, ...row, jurisdiction, language });
  }

  /** Copies what D1 has of an organization: where it is, and its rate decks. */
  async copyOrganization(id: string): Promise<void> {
    const row = await this.organizationInD1(id);
    if (row) await this.write(`organization:${id}`, row);
  }

  private async organizationInD1(id: string): Promise<OrganizationEntry | null> {
    const [row, decks] = await Promise.all([
      findOrganizationEntry(openDatabase(this.env), id),
      this.decksInD1(id),
    ]);
    return row ? { ...row, ...(decks.length > 0 && { decks }) } : null;
  }

  private async decksInD1(owner: DeckOwner): Promise<DeckPointer[]> {
    const rows = await decksInForceSince(openDatabase(this.env), owner, Date.now() - READABLE_MS);
    return rows.map(({ deck_id, effective_from_ms, markup_basis_points, outbound_rows, inbound_rows }) => {
      return { deck_id, effective_from_ms, markup_basis_points, has_rows: outbound_rows + inbound_rows > 0 };
    });
  }

  /** Who has a number and who had it, the latest first; without D1, unless KV has nothing or an entry from before. */
  async ownersOf(e164: string): Promise<readonly NumberOwner[]> {
    const key = `number:${e164}`;
    const fromD1 = () => listOwners(openDatabase(this.env), e164);
    const entry = await this.read(key, async () => numberEntry(await fromD1()));
    if (!entry || entry.owners) return entry?.owners ?? [];
    const { organization_id, since_ms } = entry;
    const present = organization_id === null ? [] : [{ organization_id, from_ms: since_ms, until_ms: null }];
    // Whoever had it before can matter no more.
    if (since_ms < Date.now() - HISTORY_MS) return present;
    // Calls must go on without D1: then the present owner is the best answer.
    const rows = await withDeadline(D1_PATIENCE_MS, fromD1).catch(() => null);
    if (!rows) return present;
    return remember(key, numberEntry(rows))?.owners ?? [];
  }

  /**
   * The same as D1 has it: copies lag behind a move by a minute and more. Asked once in a few seconds for a number; what the
   * copies say where D1 cannot be asked, because calls must go on.
   */
  async ownersInD1(e164: string): Promise<readonly NumberOwner[]> {
    const checked = `checked:${e164}`;
    if ((cache.get(checked)?.until_ms ?? 0) > Date.now()) return this.ownersOf(e164);
    const reading = withDeadline(D1_PATIENCE_MS, () => listOwners(openDatabase(this.env), e164));
    const rows = await reading.catch(() => null);
    if (!rows) return this.ownersOf(e164);
    remember(checked, null);
    return remember(`number:${e164}`, numberEntry(rows))?.owners ?? [];
  }

  /** Says whose a number is and was, as D1 has it: its owners, the latest first. */
  async putNumber(e164: string, rows: readonly NumberRow[]): Promise<void> {
    const entry = numberEntry(rows);
    if (entry) await this.write(`number:${e164}`, entry);
  }

  async platformKey(key_id: string): Promise<PlatformKey | null> {
    const name = `key:${key_id}`;
    const fromD1 = async () => {
      const row = await findPlatformKey(openDatabase(this.env), key_id);
      return row ? keyEntry(row) : null;
    };
    const entry = await this.read(name, fromD1);
    // An entry from before rights were kept does not say what the key may do.
    if (entry?.kind !== "admin" || entry.rights !== undefined) return entry;
    return remember(name, await withDeadline(D1_PATIENCE_MS, fromD1).catch(unavailable("key")));
  }

  putPlatformKey(row: PlatformKeyRow): Promise<void> {
    return this.write(`key:${row.key_id}`, keyEntry(row));
  }

  /** The operator's rate card: all versions of all rates, and the versions of the standard deck. */
  async rateCard(): Promise<RateCard> {
    const card = await this.read(CARD, () => this.rateCardInD1());
    return card ?? { rates: [], decks: [] };
  }

  /** Copies the rate card from D1 to KV when they differ, also an empty one: calls must not need D1 to know it. */
  async copyRateCard(): Promise<void> {
    const card = await this.rateCardInD1();
    const known = await this.env.DIRECTORY.get(CARD);
    if (known === JSON.stringify(card)) remember(CARD, card);
    else await this.write(CARD, card);
  }

  private async rateCardInD1(): Promise<RateCard> {
    const [rates, decks] = await Promise.all([
      listStandardRates(openDatabase(this.env)),
      this.decksInD1(null),
    ]);
    return { rates, decks };
  }

  private async read<Entry>(key: string, fromD1: () => Promise<Entry | null>): Promise<Entry | null> {
    const known = cache.get(key);
    if (known && known.until_ms > Date.now()) return known.value as Entry | null;
    const pending = this.pending.get(key) ?? this.readStores(key, fromD1);
    this.pending.set(key, pending);
    return (await pending) as Entry | null;
  }

  private async readStores<Entry>(key: string, fromD1: () => Promise<Entry | null>): Promise<Entry | null> {
    const stored = await this.readKv<Entry>(key);
    if (stored.found) return remember(key, stored.found);
    const entry = await withDeadline(D1_PATIENCE_MS, fromD1).catch(unavailable(kindOf(key)));
    if (entry !== null && stored.asked) await this.repair(key, entry);
    return remember(key, entry);
  }

  private async readKv<Entry>(key: string): Promise<{ asked: boolean; found: Entry | null }> {
    try {
      const found = await withDeadline(KV_PATIENCE_MS, () => this.env.DIRECTORY.get<Entry>(key, "json"));
      return { asked: true, found };
    } catch (error) {
      log.error("kv_failed", { kind: kindOf(key), error });
      return { asked: false, found: null };
    }
  }

  private async repair(key: string, entry: unknown): Promise<void> {
    try {
      const text = JSON.stringify(entry);
      await withDeadline(KV_PATIENCE_MS, () =>
        this.env.DIRECTORY.put(key, text, { expirationTtl: REPAIR_SECONDS }),
      );
    } catch (error) {
      // The answer is known all the same; KV takes one write a second for a key.
      log.warn("kv_repair_failed", { kind: kindOf(key), error });
    }
  }

  private async write(key: string, entry: object): Promise<void> {
    await this.env.DIRECTORY.put(key, JSON.stringify(entry));
    remember(key, entry);
  }
}

/** Names the objects of an organization whose own key was verified: there is one, unless its creation was cut off. */
export async function organizationRef(
  env: Pick<Env, "DIRECTORY" | "DB">,
  organization_id: string,
): Promise<OrganizationRef> {
  const entry = await new Directory(env).organization(organization_id);
  return { organization_id, jurisdiction: entry?.jurisdiction ?? null };
}

/** An edge or admin key by its id, null when there is none. */
export function platformKey(env: Pick<Env, "DIRECTORY" | "DB">, key_id: string): Promise<PlatformKey | null> {
  return new Directory(env).platformKey(key_id);
}

function withDeadline<Found>(patience_ms: number, ask: () => Promise<Found>): Promise<Found> {
  return within(patience_ms, ask, () => new Error(`No answer within ${patience_ms} ms.`));
}

function unavailable(kind: string) {
  return (error: unknown): never => {
    throw new DirectoryUnavailable(`The directory cannot be asked for this ${kind}.`, { cause: error });
  };
}

function keyEntry(row: PlatformKeyRow): PlatformKey {
  const { label: _, created_at_ms: __, end_told_days: ___, ...entry } = row;
  return entry;
}

function remember<Entry>(key: string, entry: Entry | null): Entry | null {
  if (cache.size >= ENTRIES_KEPT) cache.clear();
  cache.set(key, { value: entry, until_ms: Date.now() + (entry === null ? ABSENT_MS : FRESH_MS) });
  return entry;
}

function numberEntry(rows: readonly NumberRow[]): NumberEntry | null {
  const [last] = rows;
  if (!last) return null;
  const owners = rows.map(({ organization_id, from_ms, until_ms }) => ({
    organization_id,
    from_ms,
    until_ms,
  }));
  return last.until_ms === null
    ? { organization_id: last.organization_id, since_ms: last.from_ms, owners }
    : { organization_id: null, since_ms: last.until_ms, owners };
}

/** The part of a key that is fit for a log: numbers are not. */
function kindOf(key: string): string {
  return key.split(":", 1)[0] ?? key;
}
