import { eq, lt, sql } from "drizzle-orm";
import type { Database } from "../database";
import { stripe_events } from "./purchase-schema";

/** An event of Stripe's, how often it has come and what was made of it. */
export type StripeEventRow = typeof stripe_events.$inferSelect;

/** Writes down that an event has come, once more when it has come before; answers its row. */
export async function receiveEvent(
  db: Database,
  event: Pick<StripeEventRow, "id" | "type" | "object_id" | "created_at_ms" | "received_at_ms">,
): Promise<StripeEventRow> {
  const [, found] = await db.batch([
    db
      .insert(stripe_events)
      .values({ ...event, status: "received", attempts: 1 })
      .onConflictDoUpdate({
        target: stripe_events.id,
        set: { attempts: sql`${stripe_events.attempts} + 1` },
      }),
    db.select().from(stripe_events).where(eq(stripe_events.id, event.id)),
  ]);
  if (!found[0]) throw new Error("An event that was just received is not there.");
  return found[0];
}

/** Writes down what was made of an event; `error` is for operators. */
export async function closeEvent(
  db: Database,
  id: string,
  status: StripeEventRow["status"],
  error: string | null = null,
): Promise<void> {
  await db.update(stripe_events).set({ status, error }).where(eq(stripe_events.id, id));
}

/** Forgets events that Stripe will not send again. */
export async function dropEventsBefore(db: Database, before_ms: number): Promise<void> {
  await db.delete(stripe_events).where(lt(stripe_events.received_at_ms, before_ms));
}
