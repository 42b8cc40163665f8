import { env } from "cloudflare:workers";
import type { TestOrganization } from "../api/organizations";

/** Puts copies of an organization's one call into the records, many of them at the same instant. */
export async function copyCalls({ id }: TestOrganization, count: number): Promise<void> {
  const { results } = await env.DB.prepare("SELECT name FROM pragma_table_info('calls')").all<{
    name: string;
  }>();
  const columns = results.map(({ name }) => {
    if (name === "call_id") return "'copy-' || n";
    return name === "started_at_ms" ? "started_at_ms - n / 100" : name;
  });
  const numbers = "WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < ?)";
  await env.DB.prepare(
    `${numbers} INSERT INTO calls SELECT ${columns.join(", ")} FROM calls, copies WHERE organization_id = ?`,
  )
    .bind(count, id)
    .run();
}
