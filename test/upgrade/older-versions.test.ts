import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { LEDGER_SCHEMA } from "../../src/ledger/store/schema";
import type { ObjectSchema } from "../../src/runtime/object-migrations";
import { newId } from "../../src/units/id";
import { WEBHOOKS_SCHEMA } from "../../src/webhooks/object/schema";
import { authorize, fundedLedger, VOICE } from "../support/ledger/ledger";

const versionsOf = ({ steps }: ObjectSchema) => steps.map((_, index) => index + 1);

/** Gives an object that is still empty the tables of a version, and these rows, and starts it anew on them. */
async function writtenBy(
  stub: DurableObjectStub,
  { steps }: ObjectSchema,
  version: number,
  insertRows: (sql: SqlStorage) => void,
): Promise<void> {
  await runInDurableObject(stub, (_, { storage }) => {
    for (const statement of steps.slice(0, version).flat()) storage.sql.exec(statement);
    insertRows(storage.sql);
  });
  await evictDurableObject(stub);
}

function versionOf(stub: DurableObjectStub, table: string): Promise<unknown> {
  return runInDurableObject(
    stub,
    (_, { storage }) => storage.sql.exec(`SELECT schema_version FROM ${table}`).one().schema_version,
  );
}

test.for(versionsOf(LEDGER_SCHEMA))(
  "a ledger of schema version %i opens with its credit, and grants calls",
  async (version) => {
    const organization_id = newId("org");
    const ledger = env.LEDGER.getByName(organization_id);
    await writtenBy(ledger, LEDGER_SCHEMA, version, (sql) => {
      sql.exec(
        `INSERT INTO organization (id, organization_id, epoch, state, company_name, email, language, location_hint, jurisdiction,
           created_at_ms, schema_version) VALUES (1, ?, 1, 'active', 'Older', NULL, 'en', NULL, NULL, 1, ?)`,
        organization_id,
        version,
      );
      sql.exec(
        `INSERT INTO entry (seq, epoch, kind, currency, amount_micros, balance_after_micros, month_seconds_after, key,
           posted_at_ms) VALUES (1, 1, 'adjustment', 'EUR', 1000000, 1000000, 0, 'adjustment:1', 1)`,
      );
    });
    const account = await ledger.account(null, VOICE);
    expect(account).toMatchObject({ account: { organization_id, posted_micros: 1_000_000 } });
    const [answer] = await ledger.operate([authorize("call")]);
    expect(answer).toMatchObject({ outcome: "granted" });
    expect(await versionOf(ledger, "organization")).toBe(LEDGER_SCHEMA.steps.length);
  },
);

test("a ledger that the release before has opened after this one, as in a rollback, opens again", async () => {
  const { stub, account } = await fundedLedger(1_000_000);
  await runInDurableObject(stub(), (_, { storage }) => {
    // What that release writes at each start.
    storage.sql.exec("UPDATE organization SET schema_version = 9");
  });
  await evictDurableObject(stub());
  expect(await account()).toMatchObject({ posted_micros: 1_000_000 });
  expect(await versionOf(stub(), "organization")).toBe(LEDGER_SCHEMA.steps.length);
});

test.for(versionsOf(WEBHOOKS_SCHEMA))(
  "webhooks of schema version %i open with their endpoints",
  async (version) => {
    const organization_id = newId("org");
    const webhooks = env.WEBHOOKS.getByName(organization_id);
    const endpoint = {
      endpoint_id: "whe_1",
      url: "https://hooks.customer-a.com/",
      description: "",
      events: null,
      state: "enabled",
      disabled_because: null,
      created_at_ms: 1,
      failures_in_a_row: 0,
      failing_since_ms: null,
      rests_until_ms: 0,
      previous_secret_until_ms: null,
    };
    await writtenBy(webhooks, WEBHOOKS_SCHEMA, version, (sql) => {
      sql.exec("INSERT INTO profile VALUES (1, ?, NULL, ?)", organization_id, version);
      sql.exec(
        "INSERT INTO endpoint VALUES (?, ?, ?, NULL)",
        "whe_1",
        JSON.stringify(endpoint),
        `whsec_${"a".repeat(43)}`,
      );
    });
    expect(await webhooks.listEndpoints()).toMatchObject({ outcome: "endpoints", endpoints: [endpoint] });
    expect(await versionOf(webhooks, "profile")).toBe(WEBHOOKS_SCHEMA.steps.length);
  },
);
