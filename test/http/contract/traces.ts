import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { ProjectionStatus } from "../../../src/ledger/object/commands/checks";
import type { TestOrganization } from "../../support/api/organizations";
import { until } from "../../support/until";

/** Every row of the records and of one organization's ledger, to compare before and after. */
export async function everyRow(organization: TestOrganization): Promise<string> {
  const stub = env.LEDGER.getByName(organization.id);
  // What was written before is copied to the records by itself, a moment later.
  await until("the copy to the records", async () => {
    const health = await stub.health();
    if (health.outcome === "refused") return true;
    const { rebuild, check } = (await stub.projection()) as ProjectionStatus;
    return health.outbox === 0 && rebuild?.finished_at_ms !== null && check?.finished_at_ms !== null;
  });
  const ledger = await runInDurableObject(stub, async (_, { storage }) => {
    const tables = storage.sql.exec<{ name: string }>(TABLES).toArray();
    return tables.map(({ name }) => [
      `ledger.${name}`,
      storage.sql.exec(`SELECT * FROM "${name}"`).toArray(),
    ]);
  });
  const { results: tables } = await env.DB.prepare(TABLES).all<{ name: string }>();
  const records = await Promise.all(
    tables.map(async ({ name }) => [name, (await env.DB.prepare(`SELECT * FROM "${name}"`).all()).results]),
  );
  return JSON.stringify([...ledger, ...records], withoutUse, 1);
}

/** That a key was used is noted whatever it was used for. */
function withoutUse(name: string, value: unknown): unknown {
  return name === "last_used_at_ms" ? undefined : value;
}

/** All but how far events were told: that goes on by itself. */
const TABLES =
  "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\' AND name <> 'told'";
