import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import { DrizzleQueryError } from "drizzle-orm/errors";
import { DatabaseLate } from "./deadline";

/** D1 through drizzle. Every function of this folder rejects when D1 cannot be asked: see `isDatabaseFailure`. */
export type Database = DrizzleD1Database;

/** D1 as the queries of this folder take it. */
export function openDatabase(env: Pick<Env, "DB">): Database {
  return drizzle(env.DB);
}

/** Whether D1 could not be asked, broke off or was late. Balances and calls do not need it; lists and account changes do. */
export function isDatabaseFailure(error: unknown): boolean {
  if (error instanceof DrizzleQueryError || error instanceof DatabaseLate) return true;
  return error instanceof Error && error.message.startsWith("D1_");
}
