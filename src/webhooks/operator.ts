import type { OrganizationRef } from "../units/organization-ref";

/** The name of the object that keeps the operators' own endpoints: no organization's id looks like it. */
export const OPERATOR = "operator";

export const OPERATOR_OWNER: OrganizationRef = { organization_id: OPERATOR, jurisdiction: null };
