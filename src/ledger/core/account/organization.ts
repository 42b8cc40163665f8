import type { OrganizationRef } from "../../../units/organization-ref";

/** Whether an organization may call: only an active one is granted anything. */
export type OrganizationState = "active" | "suspended" | "closed";

/** What an organization is, as its ledger keeps it, so that reading an account needs no other store. */
export interface Organization extends OrganizationRef {
  company_name: string;
  email: string | null;
  /** The language of announcements to its callers. */
  language: string;
  state: OrganizationState;
  location_hint: string | null;
  created_at_ms: number;
  /** The platform's own id of it, null when it has none; undefined: it was made before that was kept here, and is not told yet. */
  external_id?: string | null;
}

/** What may be changed of it. */
export type OrganizationChange = Partial<
  Pick<Organization, "company_name" | "email" | "language" | "state" | "external_id">
>;
