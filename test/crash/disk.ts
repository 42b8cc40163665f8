import { cpSync, readdirSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { Call } from "./journal.ts";

/** What stands on disk after a kill, before anything runs again. */
export interface Disk {
  /** Facts not yet marked as projected when the process died. */
  outbox: number;
  /** Last renewal of each call that holds credit. */
  holds: Map<string, number>;
  resolved: Set<string>;
}

/** Reads a copy of the objects' files: opening the files themselves would recover them before workerd does. */
export function readDisk(platform_directory: string, copy: string): Disk {
  const disk: Disk = { outbox: 0, holds: new Map(), resolved: new Set() };
  cpSync(`${platform_directory}/objects/OrganizationLedger`, copy, { recursive: true });
  for (const name of readdirSync(copy))
    if (name.endsWith(".sqlite") && name !== "metadata.sqlite") addLedger(disk, `${copy}/${name}`);
  rmSync(copy, { recursive: true });
  return disk;
}

function addLedger(disk: Disk, file: string): void {
  const database = new DatabaseSync(file);
  const rows = (sql: string) => database.prepare(sql).all() as Record<string, string | number>[];
  if (rows("SELECT 1 FROM sqlite_master WHERE name = 'hold'").length > 0) {
    const [ahead] = rows(`SELECT
      (SELECT coalesce(max(seq), 0) FROM entry) - entry_seq + (SELECT coalesce(max(seq), 0) FROM notice) - notice_seq
      AS facts FROM projection`);
    disk.outbox += Number(ahead?.facts);
    for (const { call_id, facts } of rows("SELECT call_id, facts FROM hold")) {
      const { request_number } = JSON.parse(String(facts)) as { request_number: number };
      disk.holds.set(String(call_id), request_number);
    }
    for (const { call_id } of rows("SELECT call_id FROM call")) disk.resolved.add(String(call_id));
  }
  database.close();
}

/** Whether the last thing said about the call had been carried out when the process died. */
export function wasCarriedOut({ resolved, holds }: Disk, { call_id, last }: Call): boolean {
  if (resolved.has(call_id)) return true;
  const request_number = holds.get(call_id);
  if (request_number === undefined || last.op === "settle" || last.op === "void") return false;
  return last.op === "authorize" || request_number >= Number(last.request_number);
}
