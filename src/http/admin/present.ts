import type { z } from "zod";
import type { Account } from "../../ledger/core/account/account";
import type { DatedRate } from "../../ledger/core/credit/rating";
import type { AuditRow } from "../../storage/audit";
import type { LedgerFinding } from "../../storage/ledger-check-schema";
import type { LedgerCheckRow } from "../../storage/ledger-checks";
import type { NumberRow } from "../../storage/numbers";
import type { OrganizationRow } from "../../storage/organizations";
import type { PlatformKeyRow } from "../../storage/platform-keys";
import { isoTime } from "../../units/duration";
import { accountBody, isoTimeOrNull, rateBody } from "../present";
import type * as schemas from "./schema";

type Body<S extends z.ZodType> = z.input<S>;
type OrganizationBody = Body<typeof schemas.organizationSchema>;

export function organizationBody(row: OrganizationRow): OrganizationBody {
  return {
    id: row.id,
    company_name: row.company_name,
    email: row.email,
    language: row.language,
    state: row.state,
    location_hint: row.location_hint as OrganizationBody["location_hint"],
    jurisdiction: row.jurisdiction as OrganizationBody["jurisdiction"],
    created_at: isoTime(row.created_at_ms),
  };
}

/** An organization with its balance, as its ledger knows it. */
export function organizationAccountBody(account: Account): Body<typeof schemas.organizationAccountSchema> {
  return {
    ...accountBody(account),
    language: account.language,
    location_hint: account.location_hint as OrganizationBody["location_hint"],
    jurisdiction: account.jurisdiction as OrganizationBody["jurisdiction"],
    epoch: account.epoch,
  };
}

export function datedRateBody(rate: DatedRate): Body<typeof schemas.datedRateSchema> {
  return { ...rateBody(rate), effective_from: isoTime(rate.effective_from_ms) };
}

export function numberBody(row: NumberRow): Body<typeof schemas.numberSchema> {
  return {
    number: row.e164,
    organization_id: row.organization_id,
    from: isoTime(row.from_ms),
    until: isoTimeOrNull(row.until_ms),
  };
}

export function platformKeyBody(row: PlatformKeyRow): Body<typeof schemas.platformKeySchema> {
  return {
    id: row.key_id,
    kind: row.kind,
    label: row.label,
    organization_ids: row.organization_ids,
    scopes: row.scopes,
    created_at: isoTime(row.created_at_ms),
    expires_at: isoTimeOrNull(row.expires_at_ms),
    revoked_at: isoTimeOrNull(row.revoked_at_ms),
  };
}

export function auditBody({ at_ms, organization_id: _, ...row }: AuditRow) {
  return { ...row, created_at: isoTime(at_ms) };
}

/** What a check of a ledger has found. */
export function findingBody({ ok, first_difference, ...rest }: LedgerFinding) {
  const { posted_micros, held_micros, entries, proves_from_seq } = rest;
  const difference = first_difference === null ? {} : { first_difference };
  return { ok, ...difference, posted_micros, held_micros, entries, proves_from_seq };
}

export function checkBody({ id, started_at_ms, finished_at_ms, found }: LedgerCheckRow) {
  return {
    report_id: id,
    status: finished_at_ms === null ? ("under_way" as const) : ("finished" as const),
    started_at: isoTime(started_at_ms),
    finished_at: finished_at_ms === null ? null : isoTime(finished_at_ms),
    verification: found && findingBody(found),
  };
}
