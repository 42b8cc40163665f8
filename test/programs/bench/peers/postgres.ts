import pg from "pg";
import { NOTHING_GRANTED, sizeQuota } from "../../../../src/ledger/core/calls/quota";
import { DEFAULT_LEDGER_SETTINGS } from "../../../../src/ledger/core/settings";
import { type Authorize, CREDIT_MICROS, type Held, ORGANIZATION_IDS, RATE, servePeer } from "./app";

const TABLES = `
  CREATE TABLE IF NOT EXISTS organization (
    id text PRIMARY KEY, posted_micros bigint NOT NULL, held_micros bigint NOT NULL DEFAULT 0,
    live_calls integer NOT NULL DEFAULT 0, CHECK (held_micros <= posted_micros));
  CREATE TABLE IF NOT EXISTS hold (
    organization_id text NOT NULL, call_id text NOT NULL, held_micros bigint NOT NULL, facts jsonb NOT NULL,
    PRIMARY KEY (organization_id, call_id))`;

/** Everything is decided while the organization's row is locked. */
const LOCK = {
  name: "lock",
  text: "SELECT posted_micros, held_micros, live_calls FROM organization WHERE id = $1 FOR UPDATE",
};
const HOLD = {
  name: "hold",
  text: `WITH added AS (
    INSERT INTO hold (organization_id, call_id, held_micros, facts) VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING RETURNING held_micros)
  UPDATE organization SET held_micros = organization.held_micros + added.held_micros, live_calls = live_calls + 1
  FROM added WHERE id = $1`,
};
const FIND = { name: "find", text: "SELECT facts FROM hold WHERE organization_id = $1 AND call_id = $2" };

interface OrganizationRow {
  posted_micros: string;
  held_micros: string;
  live_calls: number;
}

type Facts = Held & Pick<Authorize, "from" | "to" | "direction">;

const pool = new pg.Pool({ connectionString: process.env.POSTGRES_URL, max: 16 });

async function authorize(call: Authorize): Promise<Held> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const held = await hold(client, call);
    await client.query("COMMIT");
    return held;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}

async function hold(client: pg.PoolClient, call: Authorize): Promise<Held> {
  const { organization_id, call_id, from, to, direction } = call;
  const { rows } = await client.query<OrganizationRow>({ ...LOCK, values: [organization_id] });
  const row = rows[0];
  if (!row) throw new Error("There is no such organization.");
  const book = {
    posted_micros: Number(row.posted_micros),
    held_micros: Number(row.held_micros),
    live_calls: row.live_calls,
    settings: DEFAULT_LEDGER_SETTINGS,
  };
  const terms = {
    rate: RATE,
    expected_provider_micros_per_minute: call.expected_provider_micros_per_minute ?? 0,
    max_duration_seconds: call.max_duration_seconds ?? null,
    elapsed_seconds: 0,
    provider_cost_micros: null,
  };
  const quota = sizeQuota(book, terms, NOTHING_GRANTED);
  if (quota.granted_seconds === 0) return { ...quota, conflict: false };
  const facts: Facts = { ...quota, conflict: false, from, to, direction };
  const values = [organization_id, call_id, quota.held_micros, JSON.stringify(facts)];
  const { rowCount } = await client.query({ ...HOLD, values });
  if (rowCount === 1) return facts;
  const found = await client.query<{ facts: Facts }>({ ...FIND, values: [organization_id, call_id] });
  const known = found.rows[0]?.facts;
  if (!known) throw new Error("The hold is gone.");
  return { ...known, conflict: known.from !== from || known.to !== to || known.direction !== direction };
}

await pool.query(TABLES);
for (const id of ORGANIZATION_IDS)
  await pool.query("INSERT INTO organization (id, posted_micros) VALUES ($1, $2) ON CONFLICT DO NOTHING", [
    id,
    CREDIT_MICROS,
  ]);
servePeer(authorize);
