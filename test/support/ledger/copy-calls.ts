import type { TestOrganization } from "../api/organizations";
import { copyRows } from "../copy-rows";

/** Puts copies of an organization's one call into the records, many of them at the same instant. */
export async function copyCalls({ id }: TestOrganization, count: number): Promise<void> {
  const changes = { call_id: "'copy-' || n", started_at_ms: "started_at_ms - n / 100" };
  await copyRows("calls", count, changes, { sql: "organization_id = ?", values: [id] });
}
