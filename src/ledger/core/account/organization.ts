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
}
