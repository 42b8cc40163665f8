import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import {
  createTables,
  latestVersion,
  migrateTables,
  type ObjectSchema,
} from "../../src/runtime/object-migrations";
import { newId } from "../../src/units/id";

const STEPS = [
  [
    "CREATE TABLE owner (id INTEGER PRIMARY KEY, schema_version INTEGER NOT NULL) STRICT",
    "CREATE TABLE thing (name TEXT PRIMARY KEY) STRICT",
  ],
  ["ALTER TABLE thing ADD COLUMN size INTEGER"],
  ["ALTER TABLE thing RENAME TO item", "INSERT INTO item (name, size) VALUES ('made by step 3', 3)"],
];

const schemaOf = (version: number): ObjectSchema => ({
  version_table: "owner",
  steps: STEPS.slice(0, version),
});

/** Works in the storage of an object that nothing has touched. */
function inStorage<Answer>(work: (storage: DurableObjectStorage) => Answer): Promise<Answer> {
  return runInDurableObject(env.LEDGER.getByName(newId("org")), (_, { storage }) => work(storage));
}

const versionIn = ({ sql }: DurableObjectStorage) =>
  sql.exec("SELECT schema_version FROM owner").one().schema_version;

function create(storage: DurableObjectStorage, schema: ObjectSchema): void {
  createTables(storage.sql, schema);
  storage.sql.exec("INSERT INTO owner (id, schema_version) VALUES (1, ?)", latestVersion(schema));
}

test("an object that was never created has no version, and nothing is made of it", async () => {
  await inStorage((storage) => {
    expect(migrateTables(storage, schemaOf(3))).toBe(false);
    expect(storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'owner'").toArray()).toEqual([]);
  });
});

test("a new object has the latest version", async () => {
  await inStorage((storage) => {
    create(storage, schemaOf(3));
    expect(versionIn(storage)).toBe(3);
  });
});

test.for([1, 2, 3])(
  "tables of version %i are led to the latest with what stands in them",
  async (version) => {
    await inStorage((storage) => {
      create(storage, schemaOf(version));
      if (version < 3) storage.sql.exec("INSERT INTO thing (name) VALUES ('from before')");
      expect(migrateTables(storage, schemaOf(3))).toBe(true);
      expect(versionIn(storage)).toBe(3);
      const names = storage.sql.exec("SELECT name FROM item ORDER BY name").toArray();
      expect(names).toEqual([...(version < 3 ? [{ name: "from before" }] : []), { name: "made by step 3" }]);
    });
  },
);

test("a step that fails leaves the tables at the version before it, and is tried again", async () => {
  await inStorage((storage) => {
    create(storage, schemaOf(1));
    const broken = { ...schemaOf(2), steps: [...STEPS.slice(0, 2), ["INSERT INTO nowhere VALUES (1)"]] };
    expect(() => migrateTables(storage, broken)).toThrow("nowhere");
    expect(versionIn(storage)).toBe(2);
    expect(migrateTables(storage, schemaOf(3))).toBe(true);
    expect(versionIn(storage)).toBe(3);
  });
});

test("tables that are up to date cost no row", async () => {
  await inStorage((storage) => {
    create(storage, schemaOf(3));
    const before = storage.sql.exec("SELECT total_changes() AS count").one();
    migrateTables(storage, schemaOf(3));
    expect(storage.sql.exec("SELECT total_changes() AS count").one()).toEqual(before);
  });
});
