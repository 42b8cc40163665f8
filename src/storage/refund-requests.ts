import { and, eq } from "drizzle-orm";
import type { Database } from "./database";
import { refund_requests } from "./purchase-schema";

export type RefundRequestRow = typeof refund_requests.$inferSelect;

export async function findRefundRequest(
  db: Database,
  purchase_id: string,
  request_key: string,
): Promise<RefundRequestRow | undefined> {
  return db.select().from(refund_requests).where(isRequest(purchase_id, request_key)).get();
}

/** Writes down what is to be given back. A repeat changes nothing and answers the first row. */
export async function insertRefundRequest(db: Database, row: RefundRequestRow): Promise<RefundRequestRow> {
  const [, found] = await db.batch([
    db.insert(refund_requests).values(row).onConflictDoNothing(),
    db.select().from(refund_requests).where(isRequest(row.purchase_id, row.request_key)),
  ]);
  if (!found[0]) throw new Error("A refund request that was just written is not there.");
  return found[0];
}

export async function noteRefundRequest(
  db: Database,
  { purchase_id, request_key }: RefundRequestRow,
  change: Partial<Pick<RefundRequestRow, "attempt" | "refund_id">>,
): Promise<void> {
  await db.update(refund_requests).set(change).where(isRequest(purchase_id, request_key));
}

function isRequest(purchase_id: string, request_key: string) {
  return and(eq(refund_requests.purchase_id, purchase_id), eq(refund_requests.request_key, request_key));
}
