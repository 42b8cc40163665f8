import { and, eq, sql } from "drizzle-orm";
import type { AuditFact } from "../../units/audit-fact";
import { auditStatement } from "../accounts/audit";
import type { Database } from "../database";
import { refund_requests } from "./purchase-schema";

/** An operator's refund: what was asked for, under which idempotency key, and what Stripe made of it. */
export type RefundRequestRow = typeof refund_requests.$inferSelect;

/** What was asked for under an idempotency key; undefined: nothing yet. */
export async function findRefundRequest(
  db: Database,
  purchase_id: string,
  request_key: string,
): Promise<RefundRequestRow | undefined> {
  return db.select().from(refund_requests).where(isRequest(purchase_id, request_key)).get();
}

/** What was asked to be given back for a purchase so far. */
export async function listRefundRequests(db: Database, purchase_id: string): Promise<RefundRequestRow[]> {
  return db.select().from(refund_requests).where(eq(refund_requests.purchase_id, purchase_id));
}

/**
 * Writes down what is to be given back, as long as the purchase still has `known` requests: what was worked out from
 * them holds no longer when another one has come. A repeat changes nothing and answers the first row; undefined: work
 * it out again.
 */
export async function insertRefundRequest(
  db: Database,
  row: Omit<RefundRequestRow, "attempt" | "refund_id" | "is_refused" | "balance_note_id">,
  { known, fact }: { known: number; fact: AuditFact },
): Promise<RefundRequestRow | undefined> {
  const { purchase_id, request_key, request_fingerprint, gross_cents, reason, created_at_ms, balance_cents } =
    row;
  const is_first = sql`(SELECT count(*) FROM ${refund_requests} WHERE purchase_id = ${purchase_id}) = ${known}
    AND NOT EXISTS (SELECT 1 FROM ${refund_requests} WHERE purchase_id = ${purchase_id} AND request_key = ${request_key})`;
  const [, , found] = await db.batch([
    auditStatement(db, fact, is_first),
    db
      .insert(refund_requests)
      .select(
        sql`SELECT ${purchase_id}, ${request_key}, ${request_fingerprint}, CAST(${gross_cents} AS INTEGER), ${reason}, 1,
              NULL, ${created_at_ms}, 0, CAST(${balance_cents} AS INTEGER), NULL
            WHERE (SELECT count(*) FROM ${refund_requests} WHERE purchase_id = ${purchase_id}) = ${known}`,
      )
      .onConflictDoNothing(),
    db.select().from(refund_requests).where(isRequest(purchase_id, request_key)),
  ]);
  return found[0];
}

/** Writes down what came of a request. */
export async function updateRefundRequest(
  db: Database,
  { purchase_id, request_key }: RefundRequestRow,
  change: Partial<Pick<RefundRequestRow, "attempt" | "refund_id" | "is_refused" | "balance_note_id">>,
): Promise<void> {
  await db.update(refund_requests).set(change).where(isRequest(purchase_id, request_key));
}

function isRequest(purchase_id: string, request_key: string) {
  return and(eq(refund_requests.purchase_id, purchase_id), eq(refund_requests.request_key, request_key));
}
