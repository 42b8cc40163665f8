import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";

export type Database = DrizzleD1Database;

/** D1 as the queries of this folder take it. */
export function openDatabase(env: Pick<Env, "DB">): Database {
  return drizzle(env.DB);
}
