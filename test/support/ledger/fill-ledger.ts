import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { OrganizationLedger } from "../../../src/index";

/** Begins a statement that inserts so many rows, numbered by `i`. */
export function rowsUpTo(count: number): string {
  return `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`;
}

/** Writes many rows at once into an organization's ledger, as if they had come one by one. */
export async function fillLedger({ id }: { id: string }, ...statements: string[]): Promise<void> {
  const ledger = env.LEDGER.getByName(id);
  await runInDurableObject(ledger, (_: OrganizationLedger, { storage }) => {
    for (const statement of statements) storage.sql.exec(statement);
  });
  await evictDurableObject(ledger);
}

/** Gives an organization as many numbers as it may have, without telling anybody else. */
export function giveEveryNumber(organization: { id: string }): Promise<void> {
  const insert = "INSERT INTO number (e164, since_ms) SELECT '+31' || (600000000 + i), 1 FROM n";
  return fillLedger(organization, `${rowsUpTo(10_000)} ${insert}`);
}
