import type { z } from "zod";
import type { Account } from "../../../ledger/core/account/account";
import type { OrganizationRow } from "../../../storage/accounts/organizations";
import { isoTime } from "../../../units/duration";
import { accountBody } from "../../account/present";
import type { organizationAccountSchema, organizationSchema } from "./schema";

type OrganizationBody = z.input<typeof organizationSchema>;

/** An organization as its record in D1 has it. */
export function organizationBody(row: OrganizationRow): OrganizationBody {
  return {
    id: row.id,
    company_name: row.company_name,
    email: row.email,
    language: row.language,
    state: row.state,
    location_hint: row.location_hint as OrganizationBody["location_hint"],
    jurisdiction: row.jurisdiction as OrganizationBody["jurisdiction"],
    external_id: row.external_id,
    created_at: isoTime(row.created_at_ms),
  };
}

/** An organization with its balance, as its ledger knows it, and the platform's own id. */
export function organizationAccountBody(
  account: Account,
  external_id: string | null,
): z.input<typeof organizationAccountSchema> {
  return {
    ...accountBody(account),
    language: account.language,
    location_hint: account.location_hint as OrganizationBody["location_hint"],
    jurisdiction: account.jurisdiction as OrganizationBody["jurisdiction"],
    external_id,
    epoch: account.epoch,
  };
}
