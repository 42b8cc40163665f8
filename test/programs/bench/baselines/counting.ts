import worker from "../../../../src/index";
import { openLedger } from "../../../../src/ledger/client";
import { OrganizationLedger as Ledger } from "../../../../src/ledger/object/organization-ledger";
import type { DeliveryBatch } from "../../../../src/webhooks/types";

export { OrganizationWebhooks } from "../../../../src/webhooks/object/organization-webhooks";

/** What is billed by the row. */
export interface Tally {
  object_rows: number;
  cursor_rows: number;
  alarms_set: number;
  d1_rows: number;
  projections: number;
}

const tally: Tally = { object_rows: 0, cursor_rows: 0, alarms_set: 0, d1_rows: 0, projections: 0 };
const counted = new WeakSet<object>();
let open_cursors: { cursor: SqlStorageCursor<Record<string, SqlStorageValue>>; projection: boolean }[] = [];

/** The ledger as it is, with everything counted that it writes. */
export class OrganizationLedger extends Ledger {
  constructor(ctx: DurableObjectState, env: Env) {
    countStatements(ctx.storage.sql);
    countAlarms(ctx.storage);
    super(ctx, { ...env, DB: countedD1(env.DB) });
  }
}

const PROOF_DEADLINE_MS = 10_000;

/**
 * The Worker as it is, and the tally at `/tally`: Worker and objects share one isolate in workerd. At `/proof`, what a ledger
 * proves by itself.
 */
export default {
  ...worker,
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/proof") {
      const address = { organization_id: searchParams.get("organization_id") ?? "", jurisdiction: null };
      return Response.json(await openLedger(env, address, PROOF_DEADLINE_MS).verify());
    }
    if (pathname !== "/tally") return worker.fetch(request, env, ctx);
    countCursors();
    return Response.json(tally);
  },
} satisfies ExportedHandler<Env, DeliveryBatch>;

/** A cursor knows its rows only when it has run, so each is read when the next statement comes. */
function countStatements(sql: SqlStorage): void {
  const prototype = Object.getPrototypeOf(sql) as SqlStorage;
  if (counted.has(prototype)) return;
  counted.add(prototype);
  const { exec } = prototype;
  prototype.exec = function <Row extends Record<string, SqlStorageValue>>(
    this: SqlStorage,
    query: string,
    ...bindings: unknown[]
  ) {
    countCursors();
    const cursor = exec.call(this, query, ...bindings);
    open_cursors.push({ cursor, projection: /\bprojection\b/.test(query) });
    return cursor as SqlStorageCursor<Row>;
  };
}

function countCursors(): void {
  for (const { cursor, projection } of open_cursors)
    tally[projection ? "cursor_rows" : "object_rows"] += cursor.rowsWritten;
  open_cursors = [];
}

function countAlarms(storage: DurableObjectStorage): void {
  const prototype = Object.getPrototypeOf(storage) as DurableObjectStorage;
  if (counted.has(prototype)) return;
  counted.add(prototype);
  const { setAlarm } = prototype;
  prototype.setAlarm = function (this: DurableObjectStorage, ...time) {
    tally.alarms_set += 1;
    return setAlarm.apply(this, time);
  };
}

function countedD1(db: D1Database): D1Database {
  return new Proxy(db, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (name !== "batch") return typeof value === "function" ? value.bind(target) : value;
      return async (statements: D1PreparedStatement[]) => {
        const results = await target.batch(statements);
        tally.projections += 1;
        for (const { meta } of results) tally.d1_rows += meta.rows_written;
        return results;
      };
    },
  });
}
