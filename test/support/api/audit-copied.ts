import { listDurableObjectIds, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { turnsUntil } from "../turns";

/** Waits until every object has handed over to D1 what is audited of its changes. */
export async function auditCopied(): Promise<void> {
  for (const namespace of [env.LEDGER, env.WEBHOOKS]) {
    const ids = await listDurableObjectIds(namespace as DurableObjectNamespace);
    for (const id of ids) {
      const stub = (namespace as DurableObjectNamespace).get(id);
      await turnsUntil(async () => (await factsIn(stub)).length === 0);
    }
  }
}

/** The facts of the audit that an object still keeps, as JSON, the oldest first. */
export function factsIn(stub: DurableObjectStub): Promise<string[]> {
  return runInDurableObject(stub, (_, { storage: { sql } }) => {
    const is_made = sql.exec("SELECT 1 FROM sqlite_schema WHERE name = 'audit_fact'").toArray().length > 0;
    if (!is_made) return [];
    return sql
      .exec<{ facts: string }>("SELECT facts FROM audit_fact ORDER BY id")
      .toArray()
      .map(({ facts }) => facts);
  });
}
