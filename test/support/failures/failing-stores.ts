import { env } from "cloudflare:workers";
import { setTimeout as pause } from "node:timers/promises";

const NEVER = new Promise<never>(() => {});

/** A KV namespace that answers nothing, ever. Counts how often it was asked. */
export function hangingKv() {
  const kv = { asked: 0, DIRECTORY: env.DIRECTORY };
  kv.DIRECTORY = new Proxy(env.DIRECTORY, {
    get: () => () => {
      kv.asked += 1;
      return NEVER;
    },
  });
  return kv;
}

/** A KV namespace that fails whatever it is asked. */
export const failing_kv = new Proxy(env.DIRECTORY, {
  get: () => () => Promise.reject(new Error("KV GET failed: 500 (made by the test)")),
});

/** A D1 database that answers no query. Counts how many it was sent. */
export function hangingD1() {
  const d1 = { asked: 0, DB: env.DB };
  const send = () => {
    d1.asked += 1;
    return NEVER;
  };
  const statement: object = new Proxy(
    {},
    { get: (_, method) => (method === "bind" ? () => statement : send) },
  );
  d1.DB = new Proxy(env.DB, { get: (_, method) => (method === "prepare" ? () => statement : send) });
  return d1;
}

const UNASKED = new Proxy({} as never, {
  get() {
    throw new Error("A store was asked.");
  },
});

/** Bindings with which any question to a store is a fault. */
export const unasked_stores = { ...env, DB: UNASKED, DIRECTORY: UNASKED, LEDGER: UNASKED };

/** A D1 database that does all that it is asked, and answers so much later what is about one table. */
export function slowD1(delay_ms: number, table: string): D1Database {
  const originals = new WeakMap<object, { statement: D1PreparedStatement; is_slow: boolean }>();
  const late = async (is_slow: boolean, answer: Promise<unknown>) => {
    const found = await answer;
    if (is_slow) await pause(delay_ms);
    return found;
  };
  function slow(statement: D1PreparedStatement, is_slow: boolean): D1PreparedStatement {
    const methods = new Proxy(statement, {
      get(_, method: "bind" | "all") {
        if (method === "bind") return (...values: unknown[]) => slow(statement.bind(...values), is_slow);
        return (...options: []) => late(is_slow, statement[method](...options));
      },
    });
    originals.set(methods, { statement, is_slow });
    return methods;
  }
  return new Proxy(env.DB, {
    get(_, method) {
      if (method === "prepare") return (sql: string) => slow(env.DB.prepare(sql), sql.includes(table));
      return (statements: object[]) => {
        const sent = statements.flatMap((each) => originals.get(each) ?? []);
        const is_slow = sent.some((each) => each.is_slow);
        return late(is_slow, env.DB.batch(sent.map(({ statement }) => statement)));
      };
    },
  });
}

/** Empties KV, as before anything was ever written to it. */
export async function emptyKv(): Promise<void> {
  const { keys } = await env.DIRECTORY.list();
  await Promise.all(keys.map(({ name }) => env.DIRECTORY.delete(name)));
}
