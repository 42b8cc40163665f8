import { cpSync, readdirSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { LiveCall } from "../../../src/ledger/core/calls/call.ts";
import type { Call } from "./journal.ts";

/** What stands on disk after a kill, before anything runs again. */
export interface Disk {
  /** Facts not yet marked as projected when the process died. */
  outbox: number;
  /** Ledgers whose last batch D1 had taken, and whose cursor had not moved yet. */
  cut_between_stores: number;
  /** Last renewal of each call that holds credit. */
  holds: Map<string, number>;
  resolved: Set<string>;
}

/** Reads a copy of the objects' files: opening the files themselves would recover them before workerd does. */
export function readDisk(platform_directory: string, copy: string): Disk {
  const disk: Disk = { outbox: 0, cut_between_stores: 0, holds: new Map(), resolved: new Set() };
  cpSync(`${platform_directory}/objects/OrganizationLedger`, `${copy}/objects`, { recursive: true });
  cpSync(`${platform_directory}/d1-data/D1DatabaseObject`, `${copy}/d1`, { recursive: true });
  const projected = new Map<string, number>();
  for (const file of databasesIn(`${copy}/d1`))
    for (const row of read(file, "calls", "SELECT organization_id, count(*) AS calls FROM calls GROUP BY 1"))
      projected.set(String(row.organization_id), Number(row.calls));
  for (const file of databasesIn(`${copy}/objects`)) addLedger(disk, file, projected);
  rmSync(copy, { recursive: true });
  return disk;
}

function databasesIn(directory: string): string[] {
  const names = readdirSync(directory).filter(
    (name) => name.endsWith(".sqlite") && name !== "metadata.sqlite",
  );
  return names.map((name) => `${directory}/${name}`);
}

type Row = Record<string, string | number>;

/** Rows of a database that has this table, none of one that has not. */
function read(file: string, table: string, sql: string): Row[] {
  const database = new DatabaseSync(file);
  const found = database.prepare("SELECT 1 FROM sqlite_master WHERE name = ?").get(table);
  const rows = found ? (database.prepare(sql).all() as Row[]) : [];
  database.close();
  return rows;
}

/** How far the ledger is, and how far its projection: no call has a second fact here, since none is corrected. */
const PROGRESS = `SELECT organization_id,
  (SELECT coalesce(max(seq), 0) FROM entry) - entry_seq + (SELECT coalesce(max(seq), 0) FROM notice) - notice_seq AS ahead,
  (SELECT count(*) FROM entry WHERE seq <= entry_seq AND call_id IS NOT NULL) + notice_seq AS marked
  FROM projection, organization`;

function addLedger(disk: Disk, file: string, projected: ReadonlyMap<string, number>): void {
  for (const { organization_id, ahead, marked } of read(file, "projection", PROGRESS)) {
    disk.outbox += Number(ahead);
    if ((projected.get(String(organization_id)) ?? 0) > Number(marked)) disk.cut_between_stores += 1;
  }
  for (const { facts } of read(file, "hold", "SELECT facts FROM hold")) {
    const { call_id, request_number } = JSON.parse(String(facts)) as LiveCall;
    disk.holds.set(call_id, request_number);
  }
  for (const { call_id } of read(file, "call", "SELECT call_id FROM call"))
    disk.resolved.add(String(call_id));
}

/** Whether the last thing said about the call had been carried out when the process died. */
export function wasCarriedOut({ resolved, holds }: Disk, { call_id, last }: Call): boolean {
  if (resolved.has(call_id)) return true;
  const request_number = holds.get(call_id);
  if (request_number === undefined || last.op === "settle" || last.op === "void") return false;
  return last.op === "authorize" || request_number >= Number(last.request_number);
}
