/**
 * Names an organization's Durable Objects. Both fields are needed: the same id in another jurisdiction is another object, and
 * an empty one.
 */
export interface OrganizationRef {
  organization_id: string;
  /** Where its data must stay, such as `eu`; null: anywhere. Decided when the organization is created, for good. */
  jurisdiction: string | null;
}
