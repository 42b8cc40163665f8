import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { checkAudit } from "../../src/admin/audit-check";
import { sealAudit } from "../../src/admin/audit-seals";
import { verifyAudit } from "../../src/admin/verify-audit";
import { STRIPE } from "../../src/organizations/actor";
import { auditFact } from "../../src/organizations/audit-log";
import { insertAudit } from "../../src/storage/accounts/audit";
import { openDatabase } from "../../src/storage/database";
import { sha256HexNow } from "../../src/units/digest";
import { api } from "../support/api/api";
import { adminKey } from "../support/api/organizations";

const NOON = Date.parse("2031-05-02T12:00:00Z");
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

beforeEach(async () => {
  await env.DB.batch([env.DB.prepare("DELETE FROM audit"), env.DB.prepare("DELETE FROM audit_seals")]);
  await env.DB.prepare("DELETE FROM cron_positions").run();
  vi.spyOn(console, "error").mockImplementation(() => {});
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(NOON);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Writes a row of the audit, and answers its id. */
async function write(number = "+31201234567"): Promise<string> {
  const asked = { action: "number.free", organization_id: "org_1", detail: { number } } as const;
  const fact = { ...auditFact(STRIPE, asked), address: "192.0.2.7", actor_name: "J. Jansen" };
  await insertAudit(openDatabase(env), fact);
  return fact.id;
}

const sql = (statement: string, ...values: unknown[]) =>
  env.DB.prepare(statement)
    .bind(...values)
    .run();

/** Three seals of two rows; answers the ids. */
async function sealed(): Promise<string[]> {
  const ids: string[] = [];
  for (let seal = 0; seal < 3; seal++) {
    ids.push(await write(), await write());
    await sealAudit(env);
    vi.setSystemTime(Date.now() + 300_000);
  }
  return ids;
}

const difference = async () => (await verifyAudit(env, null)).first_difference;

test("rows are sealed once, over the seal before, and proven", async () => {
  await sealed();
  await sealAudit(env);
  const unsealed = await write();
  expect(await verifyAudit(env, null)).toMatchObject({
    first_difference: null,
    seals: 3,
    rows: 6,
    from_ms: NOON,
    until_ms: NOON + 600_000,
    late_ids: [],
    cursor: null,
  });
  await sql("UPDATE audit SET action = 'x' WHERE id = ?", unsealed);
  expect(await difference()).toBeNull();
});

test.for(
  Object.entries({
    id: "aud_other",
    at_ms: 1,
    key_id: "key_1",
    actor_name: "Somebody",
    action: "number.move",
    organization_id: "org_2",
    detail: '{"number":"+31201234568"}',
    actor_kind: "person",
    session_id: "pse_1",
    address: "192.0.2.8",
    country: "NL",
    user_agent: "x",
    request_id: "req_1",
    outcome: "refused",
    code: "x",
    salt: "x",
    bucket: "x",
    seal: 1,
  }),
)("%s of a sealed row that is changed is named", async ([column, value]) => {
  const id = (await sealed())[3] ?? "";
  await sql(`UPDATE audit SET ${column} = ? WHERE id = ?`, value, id);
  expect(await difference()).toMatch(new RegExp(`^row (${id}|aud_other): it `));
});

test("a row that is taken out is named, and one that is put in", async () => {
  const ids = await sealed();
  const row = (await env.DB.prepare("SELECT * FROM audit WHERE id = ?").bind(ids[1]).all()).results[0] ?? {};
  await sql("DELETE FROM audit WHERE id = ?", ids[1]);
  expect(await difference()).toBe(`row ${ids[1]}: it is missing, and seal 1 has it`);
  const values = Object.values(row);
  await sql(`INSERT INTO audit VALUES (${values.map(() => "?").join()})`, ...values);
  expect(await difference()).toBeNull();
  const copy = { ...row, id: "aud_put_in" };
  await sql(`INSERT INTO audit VALUES (${values.map(() => "?").join()})`, ...Object.values(copy));
  expect(await difference()).toBe("row aud_put_in: it was put in after seal 1 was made");
  await sql("UPDATE audit SET seal = 9 WHERE id = 'aud_put_in'");
  expect(await difference()).toBe("row aud_put_in: it names seal 9, which is not there");
});

test("one that is put in as if it had come late is told as late", async () => {
  await sealed();
  vi.setSystemTime(NOON - HOUR_MS);
  const id = await write();
  vi.setSystemTime(NOON + HOUR_MS);
  await sealAudit(env);
  expect(await verifyAudit(env, null)).toMatchObject({ first_difference: null, late_ids: [id] });
});

test("a seal that is changed or taken out is named", async () => {
  const ids = await sealed();
  await sql("UPDATE audit_seals SET at_ms = at_ms + 1 WHERE seq = 2");
  expect(await difference()).toBe("seal 2: it is not as it was made");
  await sql("UPDATE audit_seals SET at_ms = at_ms - 1 WHERE seq = 2");
  await sql("UPDATE audit_seals SET previous = 'x' WHERE seq = 3");
  expect(await difference()).toBe("seal 3: it does not follow seal 2");
  await sql("DELETE FROM audit_seals WHERE seq = 2");
  expect(await difference()).toBe("seal 2 is missing");
  await sql("DELETE FROM audit_seals WHERE seq = 3");
  expect(await difference()).toMatch(
    new RegExp(`^row (${ids.slice(2).join("|")}): it names seal [23], which is not there`),
  );
});

test("a value that is masked by its commitment breaks nothing", async () => {
  const [id = ""] = await sealed();
  const row = await env.DB.prepare("SELECT * FROM audit WHERE id = ?").bind(id).first();
  const masked = (value: unknown) => `masked:${sha256HexNow(`${row?.salt}${value}`)}`;
  await sql(
    "UPDATE audit SET address = ?, actor_name = ?, detail = ? WHERE id = ?",
    masked(row?.address),
    masked(row?.actor_name),
    JSON.stringify({ number: masked('"+31201234567"') }),
    id,
  );
  expect(await difference()).toBeNull();
  await sql("UPDATE audit SET address = ? WHERE id = ?", masked("192.0.2.8"), id);
  expect(await difference()).toBe(`row ${id}: it was changed after seal 1 was made`);
});

test("rows from before are sealed as they stand, also without a salt", async () => {
  await sql(
    "INSERT INTO audit (id, at_ms, key_id, action, organization_id, detail) VALUES ('aud_0', 1, 'key_1', 'x', NULL, '{}')",
  );
  await sealAudit(env);
  expect(await verifyAudit(env, null)).toMatchObject({ first_difference: null, rows: 1, from_ms: NOON });
  await sql("UPDATE audit SET key_id = 'key_2'");
  expect(await difference()).toBe("row aud_0: it was changed after seal 1 was made");
});

test("one run seals a bounded number of rows, and a check goes on by its cursor", async () => {
  const rows = JSON.stringify(Array.from({ length: 2_300 }, (_, at) => `aud_${String(at).padStart(5, "0")}`));
  await sql(
    `INSERT INTO audit (id, at_ms, key_id, action, organization_id, detail)
     SELECT value, 1, 'key_1', 'x', NULL, '{}' FROM json_each(?)`,
    rows,
  );
  const counted = "SELECT count(*) AS n FROM audit WHERE seal IS NULL";
  await sealAudit(env);
  expect(await env.DB.prepare(counted).first("n")).toBe(300);
  await sealAudit(env);
  expect(await env.DB.prepare(counted).first("n")).toBe(0);
  for (let at = 0; at < 12; at++) {
    await write();
    await sealAudit(env);
  }
  const key = await adminKey();
  const first = await api("GET", "/api/v1/admin/audit/verify", { key });
  expect(first.body).toMatchObject({ ok: true, seals: 20, signed_seal: null });
  const cursor = encodeURIComponent(first.body.next_cursor);
  const second = await api("GET", `/api/v1/admin/audit/verify?cursor=${cursor}`, { key });
  expect(second.body).toMatchObject({ ok: true, seals: 4, next_cursor: null });
  await sql("UPDATE audit SET action = 'y' WHERE id = 'aud_00001'");
  const changed = await api("GET", "/api/v1/admin/audit/verify", { key });
  expect(changed.body).toMatchObject({
    ok: false,
    first_difference: "row aud_00001: it was changed after seal 1 was made",
    next_cursor: null,
  });
});

test("the newest seal leaves signed each day: whoever makes the audit anew cannot sign it", async () => {
  await sealed();
  await checkAudit(env);
  const signed = await verifyAudit(env, null);
  expect(signed).toMatchObject({ first_difference: null, signed: { seq: 3 } });
  await write();
  await sealAudit(env);
  await checkAudit(env);
  expect((await verifyAudit(env, null)).signed).toEqual(signed.signed);
  vi.setSystemTime(NOON + DAY_MS);
  await checkAudit(env);
  expect((await verifyAudit(env, null)).signed?.seq).toBe(4);
  await sql("UPDATE audit_seals SET digest = 'x' WHERE seq = 4");
  expect(await difference()).toBe("seal 4: it is not as it was signed");
});
