import type { Database } from "./database";
import { deployment } from "./purchases/purchase-schema";

/** The deployment's name. The first to ask makes it; of two at once, both are answered the one that stays. */
export async function findOrNameDeployment(
  db: Database,
  new_name: string,
  created_at_ms: number,
): Promise<string> {
  const [, found] = await db.batch([
    db.insert(deployment).values({ id: 1, name: new_name, created_at_ms }).onConflictDoNothing(),
    db.select().from(deployment),
  ]);
  if (!found[0]) throw new Error("The deployment's name was just written and is not there.");
  return found[0].name;
}
