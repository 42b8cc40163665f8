import { idPattern } from "../units/id";

/** What a purchase's objects at Stripe carry, so that they are recognized in an account that others use as well. */
export function purchaseMetadata({
  id,
  organization_id,
  deployment,
}: MarkedPurchase): Record<string, string> {
  return { purchase_id: id, organization_id, ...(deployment === null ? {} : { deployment }) };
}

/** `deployment`: the name that its objects carry; null for a purchase from before there was one. */
export interface MarkedPurchase {
  id: string;
  organization_id: string;
  deployment: string | null;
}

type Metadata = Record<string, string> | null | undefined;

const PURCHASE = idPattern("pur");
const ORGANIZATION = idPattern("org");

/**
 * Whether an object of Stripe's is one of this deployment's: by the name that it carries, or, when it carries none, by ids of
 * our form, as those from before there were names have.
 */
export function isOurs(metadata: Metadata, deployment: string): boolean {
  if (!metadata) return false;
  if (metadata.deployment) return metadata.deployment === deployment;
  const { purchase_id, organization_id } = metadata;
  if (purchase_id) return PURCHASE.test(purchase_id);
  return ORGANIZATION.test(organization_id ?? "");
}
