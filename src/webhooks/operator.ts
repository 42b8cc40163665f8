import type { Owner } from "./object/store";

/** The name of the object that keeps the operators' own endpoints: no organization's id looks like it. */
export const OPERATOR = "operator";

export const OPERATOR_OWNER: Owner = { organization_id: OPERATOR, jurisdiction: null };
