import { within } from "../runtime/deadline";
import { SECOND_MS } from "../units/duration";

/** How long a request waits for the answer to one query. */
const QUERY_DEADLINE_MS = 5 * SECOND_MS;

/** D1 did not answer in time. Its query runs on, as D1 can cancel none: of a write, nobody knows yet whether it was made. */
export class DatabaseLate extends Error {
  override readonly name = "DatabaseLate";
}

type Query<Answer> = () => Promise<Answer>;

const inTime = <Answer>(query: Query<Answer>) =>
  within(QUERY_DEADLINE_MS, query, () => new DatabaseLate(`D1 has not answered in ${QUERY_DEADLINE_MS} ms.`));

const with_deadline = new WeakMap<object, { DB: D1Database }>();

/**
 * The bindings as requests use them: each query rejects that takes longer than its deadline. Crons, queues and objects wait
 * for D1 itself, which ends a query after 30 s: what they do goes on later, and an early end would only begin it again.
 */
export function withQueryDeadline<Bindings extends { DB: D1Database }>(env: Bindings): Bindings {
  const known = with_deadline.get(env) ?? { ...env, DB: databaseInTime(env.DB) };
  with_deadline.set(env, known);
  return known as Bindings;
}

function databaseInTime(db: D1Database): D1Database {
  const originals = new WeakMap<D1PreparedStatement, D1PreparedStatement>();

  function statementInTime(original: D1PreparedStatement): D1PreparedStatement {
    const statement = new Proxy(original, {
      get(_, method) {
        if (method === "bind") return (...values: unknown[]) => statementInTime(original.bind(...values));
        return sentInTime(original, method);
      },
    });
    originals.set(statement, original);
    return statement;
  }

  return new Proxy(db, {
    get(_, method) {
      if (method === "prepare") return (sql: string) => statementInTime(db.prepare(sql));
      if (method !== "batch") return sentInTime(db, method);
      return (statements: D1PreparedStatement[]) =>
        inTime(() => db.batch(statements.map((each) => originals.get(each) ?? each)));
    },
  });
}

/** A method that asks D1, with a deadline on its answer; anything else as it is. */
function sentInTime(target: object, name: string | symbol): unknown {
  const send: unknown = Reflect.get(target, name);
  if (typeof send !== "function") return send;
  return (...options: unknown[]) => inTime(() => send.apply(target, options));
}
