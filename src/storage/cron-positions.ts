import { eq } from "drizzle-orm";
import type { Database } from "./database";
import { cron_positions } from "./schema";

/** Where a job that goes round has come to; undefined: it has not begun. What it says is the job's own business. */
export async function findCronPosition<Position>(db: Database, name: string): Promise<Position | undefined> {
  const row = await db.select().from(cron_positions).where(eq(cron_positions.name, name)).get();
  return row?.position as Position | undefined;
}

/** Writes down where a job has come to, in the place of what was known before. */
export async function putCronPosition(db: Database, name: string, position: object): Promise<void> {
  const set = { position: { ...position } };
  await db
    .insert(cron_positions)
    .values({ name, ...set })
    .onConflictDoUpdate({ target: cron_positions.name, set });
}
