import { createTables } from "../../runtime/object-migrations";
import { RequestRows } from "../../runtime/request-rows";
import type { RequestRecord } from "../../units/repeatable";
import {
  type ApiKey,
  REVOKED_KNOWN,
  REVOKED_KNOWN_FOR_MS,
  REVOKED_ROWS,
  type Scope,
} from "../core/account/api-keys";
import type { Organization, OrganizationState } from "../core/account/organization";
import type { OwnNumber } from "../core/account/own-numbers";
import { type DatedRate, extrasOf } from "../core/credit/rating";
import { LEDGER_SCHEMA, SCHEMA_VERSION } from "./schema";

interface OrganizationRow extends Record<string, SqlStorageValue> {
  organization_id: string;
  epoch: number;
  state: OrganizationState;
  company_name: string;
  email: string | null;
  language: string;
  location_hint: string | null;
  jurisdiction: string | null;
  created_at_ms: number;
  schema_version: number;
  /** Null: not told yet. */
  external_id: string | null;
}

/** What stands for an organization that has no id of the platform's, as it was told. */
const NO_ID = "";

/** What a commit may change of the account. */
export interface OrganizationChanges {
  /** The first commit of an object: makes its tables. */
  created?: Organization;
  /** Who the organization is from now on, and the generation of its ledger. */
  organization?: { organization: Organization; epoch: number };
  /** A key that is new, used or revoked. */
  api_key?: ApiKey;
  /** The request that has made it, for whoever repeats that. */
  request?: RequestRecord;
  /** A version of one of the organization's own rates. */
  rate?: DatedRate;
  /** Numbers that are new or marked otherwise. */
  numbers?: readonly OwnNumber[];
  /** A number that is not the organization's any more. */
  removed_number?: string;
}

/** Rows of the account that the object keeps: who the organization is, its keys, numbers and own rates. */
export class OrganizationStore {
  readonly requests: RequestRows;

  constructor(private readonly sql: SqlStorage) {
    this.requests = new RequestRows(sql);
  }

  /** Who the organization is. To be asked only when there are tables. */
  organization(): { profile: Organization; epoch: number } {
    const {
      epoch,
      schema_version: _,
      id: __,
      external_id,
      ...profile
    } = this.sql.exec<OrganizationRow>("SELECT * FROM organization").one();
    if (external_id === null) return { profile, epoch };
    return { profile: { ...profile, external_id: external_id === NO_ID ? null : external_id }, epoch };
  }

  /** Those that memory has to know: all but the ones that were revoked long ago or before many others. */
  keys(now_ms: number): ApiKey[] {
    return this.keysWhere(
      `revoked_at_ms IS NULL OR key_id IN (
         SELECT key_id FROM api_key WHERE revoked_at_ms > ? ORDER BY revoked_at_ms DESC LIMIT ?)`,
      now_ms - REVOKED_KNOWN_FOR_MS,
      REVOKED_KNOWN,
    );
  }

  /** A key by its id, also one that memory has let go of. */
  key(key_id: string): ApiKey | undefined {
    return this.keysWhere("key_id = ?", key_id)[0];
  }

  private keysWhere(condition: string, ...bindings: (string | number)[]): ApiKey[] {
    return this.sql
      .exec<Record<string, SqlStorageValue> & Omit<ApiKey, "scopes"> & { scopes: string }>(
        `SELECT * FROM api_key WHERE ${condition}`,
        ...bindings,
      )
      .toArray()
      .map((row) => ({ ...row, scopes: JSON.parse(row.scopes) as Scope[] }));
  }

  rates(): DatedRate[] {
    const rows = this.sql.exec<Record<string, SqlStorageValue> & Required<Omit<DatedRate, "destination">>>(
      "SELECT * FROM rate",
    );
    return Array.from(rows, ({ connection_fee_micros, free_seconds, ...rate }) => ({
      ...rate,
      ...extrasOf({ connection_fee_micros, free_seconds }),
    }));
  }

  numbers(): OwnNumber[] {
    return this.sql
      .exec<{ e164: string; since_ms: number; is_default: number; updated_at_ms: number | null }>(
        "SELECT e164, since_ms, is_default, updated_at_ms FROM number",
      )
      .toArray()
      .map((row) => ({
        ...row,
        is_default: row.is_default === 1,
        updated_at_ms: row.updated_at_ms ?? row.since_ms,
      }));
  }

  /** Writes what changes of the account. */
  apply({ created, organization, api_key, request, rate, ...changes }: OrganizationChanges): void {
    const { numbers = [], removed_number } = changes;
    if (created) this.insertOrganization(created);
    if (organization) this.updateOrganization(organization.organization, organization.epoch);
    if (api_key) this.putKey(api_key);
    if (api_key && api_key.revoked_at_ms !== null) this.deleteOldRevoked();
    if (request) this.requests.put(request);
    if (rate) this.putRate(rate);
    for (const number of numbers) this.putNumber(number);
    if (removed_number !== undefined) this.removeNumber(removed_number);
  }

  private insertOrganization(profile: Organization): void {
    createTables(this.sql, LEDGER_SCHEMA);
    this.sql.exec(
      `INSERT INTO organization (id, organization_id, epoch, state, company_name, email, language, location_hint,
         jurisdiction, created_at_ms, schema_version, external_id) VALUES (1, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      profile.organization_id,
      profile.state,
      profile.company_name,
      profile.email,
      profile.language,
      profile.location_hint,
      profile.jurisdiction,
      profile.created_at_ms,
      SCHEMA_VERSION,
      storedId(profile),
    );
  }

  private updateOrganization(profile: Organization, epoch: number): void {
    this.sql.exec(
      "UPDATE organization SET state = ?, company_name = ?, email = ?, language = ?, external_id = ?, epoch = ?",
      profile.state,
      profile.company_name,
      profile.email,
      profile.language,
      storedId(profile),
      epoch,
    );
  }

  private putKey(key: ApiKey): void {
    this.sql.exec(
      `INSERT INTO api_key (key_id, hash, label, scopes, created_at_ms, expires_at_ms, revoked_at_ms, last_used_at_ms,
         made_by, secret_version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key_id) DO UPDATE SET
         revoked_at_ms = excluded.revoked_at_ms, last_used_at_ms = excluded.last_used_at_ms,
         secret_version = excluded.secret_version`,
      key.key_id,
      key.hash,
      key.label,
      JSON.stringify(key.scopes),
      key.created_at_ms,
      key.expires_at_ms,
      key.revoked_at_ms,
      key.last_used_at_ms,
      // A Worker of the version before does not say these.
      key.made_by ?? null,
      key.secret_version ?? null,
    );
  }

  /** Deletes the rows of revoked keys but the newest. */
  private deleteOldRevoked(): void {
    this.sql.exec(
      `DELETE FROM api_key WHERE revoked_at_ms IS NOT NULL AND key_id NOT IN (
         SELECT key_id FROM api_key WHERE revoked_at_ms IS NOT NULL ORDER BY revoked_at_ms DESC LIMIT ?)`,
      REVOKED_ROWS,
    );
  }

  private putRate(rate: DatedRate): void {
    this.sql.exec(
      `INSERT OR REPLACE INTO rate (name, effective_from_ms, price_micros_per_minute, first_seconds, next_seconds,
         minimum_seconds, connection_fee_micros, free_seconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      rate.name,
      rate.effective_from_ms,
      rate.price_micros_per_minute,
      rate.first_seconds,
      rate.next_seconds,
      rate.minimum_seconds,
      rate.connection_fee_micros ?? 0,
      rate.free_seconds ?? 0,
    );
  }

  private putNumber({ e164, since_ms, is_default, updated_at_ms }: OwnNumber): void {
    this.sql.exec(
      `INSERT INTO number (e164, since_ms, is_default, updated_at_ms) VALUES (?, ?, ?, ?)
       ON CONFLICT (e164) DO UPDATE SET is_default = excluded.is_default, updated_at_ms = excluded.updated_at_ms`,
      e164,
      since_ms,
      is_default ? 1 : 0,
      updated_at_ms,
    );
  }

  private removeNumber(e164: string): void {
    this.sql.exec("DELETE FROM number WHERE e164 = ?", e164);
  }
}

/** The platform's id as it is kept: told to be none, and not told, are two things. */
function storedId({ external_id }: Organization): string | null {
  return external_id === undefined ? null : (external_id ?? NO_ID);
}
