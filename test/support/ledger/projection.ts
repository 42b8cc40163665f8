import { env } from "cloudflare:workers";
import { rollUpUsage } from "../../../src/calls/usage/roll-up";
import { DAY_MS } from "../../../src/units/duration";
import { type Answer, api, type Json } from "../api/api";
import { adminKey } from "../api/organizations";
import { until } from "../until";

/** All rows of D1 that are made of a ledger, in their order, once a cron has added up what is to be. */
export async function recordsOf({ id }: { id: string }) {
  while ((await rollUpUsage(env, Date.now() + DAY_MS)).rolled > 0);
  const queries = {
    organization: "SELECT * FROM organizations WHERE id = ?",
    calls: "SELECT * FROM calls WHERE organization_id = ? ORDER BY started_at_ms, call_id",
    entries: "SELECT * FROM ledger_entries WHERE organization_id = ? ORDER BY epoch, seq",
    days: "SELECT * FROM usage_days WHERE organization_id = ? AND calls <> 0 ORDER BY day_ms, direction, status",
  };
  const names = Object.keys(queries) as (keyof typeof queries)[];
  const found = await env.DB.batch<Json>(names.map((name) => env.DB.prepare(queries[name]).bind(id)));
  const rows = Object.fromEntries(
    names.map((name, at) => [name, (found[at]?.results ?? []).map(toldByLedger)]),
  );
  return rows as Record<keyof typeof queries, Json[]>;
}

/** Without what says how the row was copied. */
function toldByLedger({ epoch, counted, first_notice_seq, ...row }: Json): Json {
  return row;
}

/** Changes D1 behind the back of a ledger; each statement's `?` is the organization. */
export async function changeRecords({ id }: { id: string }, ...statements: string[]): Promise<void> {
  for (const statement of statements) await env.DB.prepare(statement).bind(id).run();
}

/** Waits until D1 has all that the ledger has posted. */
export function copied({ id }: { id: string }): Promise<unknown> {
  return until("the copy in D1", async () => {
    const health = await env.LEDGER.getByName(id).health();
    return health.outcome === "health" && health.outbox === 0;
  });
}

/** Asks for a projection to be made anew. */
export async function askForRebuild({ id }: { id: string }): Promise<Answer> {
  return api("POST", `/api/v1/admin/organizations/${id}/projection`, { key: await adminKey() });
}

/** How the copy of a ledger stands. */
export async function projectionOf({ id }: { id: string }): Promise<Json> {
  const { body } = await api("GET", `/api/v1/admin/organizations/${id}/projection`, {
    key: await adminKey(),
  });
  return body;
}

/** Waits for the end of a rebuild, and answers what it has done. */
export async function rebuilt(organization: { id: string }): Promise<Json> {
  return until("the end of the rebuild", async () => {
    const { rebuild } = await projectionOf(organization);
    return rebuild?.status === "finished" && rebuild;
  });
}

/** Makes a projection anew and waits for its end. */
export async function rebuild(organization: { id: string }): Promise<Json> {
  const { status } = await askForRebuild(organization);
  if (status !== 202) throw new Error(`A rebuild answers ${status}.`);
  return rebuilt(organization);
}
