/// <reference types="vite/types/importMeta.d.ts" />
import { expect, test } from "vitest";

const sources = import.meta.glob<string>("../src/**/*.{ts,tsx}", {
  query: "?raw",
  import: "default",
  eager: true,
});
const tests = import.meta.glob<string>("./**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });
/** The files of the top level, and those a folder below: their names only. */
const top_level = import.meta.glob(["../*", "../*/*"]);
const readme = import.meta.glob<string>("../README.md", { query: "?raw", import: "default", eager: true })[
  "../README.md"
];

/**
 * Doors → capabilities → ledger → adapters → units. A room may import rooms with a higher number, and itself; two rooms with
 * one number know nothing of each other. The longest name that fits a file is its room.
 */
const RANKS: Record<string, number> = {
  "index.ts": 0,
  http: 1,
  dashboard: 1,
  admin: 2,
  purchases: 3,
  customers: 4,
  calls: 4,
  access: 5,
  notifications: 5,
  pricing: 5,
  organizations: 6,
  tax: 6,
  ledger: 7,
  "ledger/object": 8,
  "ledger/store": 9,
  storage: 10,
  stripe: 10,
  webhooks: 10,
  assets: 10,
  "env.ts": 11,
  "ledger/core": 12,
  runtime: 13,
  units: 14,
};

/** Packages that only these rooms may import, so that "where is…" has one answer. */
const HOMES: [RegExp, string[]][] = [
  [/^drizzle-orm/, ["storage"]],
  [/^stripe/, ["stripe"]],
  [/^hono/, ["http", "dashboard"]],
  [/^cloudflare:workers/, ["ledger/object", "webhooks", "index.ts"]],
];

/** What stands in these files only, once in each. */
const ONCE_IN: [what: string, files: string[]][] = [
  // Each Durable Object writes in one place; the third makes and changes their tables.
  [
    "transactionSync(",
    ["ledger/object/engine.ts", "runtime/object-migrations.ts", "webhooks/object/organization-webhooks.ts"],
  ],
];

/** What the top level holds besides dotfiles. */
const TOP_LEVEL = [
  "README.md",
  "migrations",
  "package-lock.json",
  "package.json",
  "src",
  "test",
  "tsconfig.json",
  "wrangler.toml",
];

const MOST_FILES_IN_A_FOLDER = 25;

interface Import {
  file: string;
  target: string;
}

function imports(): Import[] {
  return Object.entries(sources).flatMap(([path, text]) => {
    const file = path.replace("../src/", "");
    const targets = text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g);
    return [...targets].map(([, target = ""]) => ({ file, target }));
  });
}

/** The room of a file, or of what a relative import names; undefined for a file that stands in none. */
function roomOf(path: string): string | undefined {
  return Object.keys(RANKS)
    .filter((room) => path === room || `${path}.ts` === room || path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function rankOf(path: string): number {
  return RANKS[roomOf(path) ?? ""] ?? Number.NaN;
}

function resolved({ file, target }: Import): string {
  return new URL(target, `http://src/${file}`).pathname.slice(1);
}

/** The file in src that a relative import names. */
function fileOf(found: Import): string | undefined {
  const path = resolved(found);
  return [path, `${path}.ts`, `${path}.tsx`].find((name) => `../src/${name}` in sources);
}

test("imports point down, never up and never sideways", () => {
  const wrong = imports()
    .filter(({ target }) => target.startsWith("."))
    .filter((found) => {
      const to = resolved(found);
      return roomOf(found.file) !== roomOf(to) && !(rankOf(found.file) < rankOf(to));
    })
    .map(({ file, target }) => `${file} imports ${target}`);
  expect(wrong).toEqual([]);
});

test("the ledger's decisions are pure: they import units and each other, and nothing else", () => {
  const wrong = imports()
    .filter(({ file }) => roomOf(file) === "ledger/core")
    .filter((found) => !["ledger/core", "units"].includes(roomOf(resolved(found)) ?? ""))
    .map(({ file, target }) => `${file} imports ${target}`);
  expect(wrong).toEqual([]);
});

test("a door never writes the audit: the function that makes a change does, from the actor that it is given", () => {
  const wrong = imports()
    .filter(({ file }) => ["http", "dashboard"].includes(roomOf(file) ?? ""))
    .filter((found) => resolved(found) === "organizations/audit-log");
  expect(wrong).toEqual([]);
});

test("no file imports itself by a detour", () => {
  const graph = new Map<string, string[]>();
  for (const found of imports()) {
    const to = found.target.startsWith(".") ? fileOf(found) : undefined;
    if (to) graph.set(found.file, [...(graph.get(found.file) ?? []), to]);
  }
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (file: string, way: string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(" → "));
    else if (!done.has(file)) {
      for (const to of graph.get(file) ?? []) walk(to, [...way, file]);
      done.add(file);
    }
  };
  for (const file of graph.keys()) walk(file, []);
  expect(circles).toEqual([]);
});

test("packages stay home", () => {
  const wrong = imports()
    .filter(({ file, target }) =>
      HOMES.some(
        ([name, homes]) =>
          name.test(target) && !homes.some((home) => file === home || file.startsWith(`${home}/`)),
      ),
    )
    .map(({ file, target }) => `${file} imports ${target}`);
  expect(wrong).toEqual([]);
});

test("the log is written by one file", () => {
  const found = Object.entries(sources).filter(([, text]) => /\bconsole\./.test(text));
  expect(found.map(([path]) => path)).toEqual(["../src/units/log.ts"]);
});

test.each(ONCE_IN)("%s stands once in each of %j, and nowhere else", (what, files) => {
  const found = Object.entries(sources).flatMap(([path, text]) =>
    Array(text.split(what).length - 1).fill(path),
  );
  expect(found).toEqual(files.map((file) => `../src/${file}`));
});

test("the top level holds what it is said to hold, and nothing else", () => {
  const names = Object.keys(top_level).map((path) => path.replace(/^\.\//, "../test/").split("/")[1]);
  expect([...new Set(names)].sort()).toEqual(TOP_LEVEL);
});

test("every source file belongs to a room", () => {
  const files = Object.keys(sources).map((path) => path.replace("../src/", ""));
  expect(files.filter((file) => roomOf(file) === undefined)).toEqual([]);
});

test(`no folder has more than ${MOST_FILES_IN_A_FOLDER} files`, () => {
  const counts = new Map<string, number>();
  for (const path of [...Object.keys(sources), ...Object.keys(tests)]) {
    const folder = path.slice(0, path.lastIndexOf("/"));
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  expect([...counts].filter(([, count]) => count > MOST_FILES_IN_A_FOLDER)).toEqual([]);
});

test("the README's map names every folder and nothing that is not there", () => {
  const map = readme?.match(/<!-- map -->([\s\S]*?)<!-- \/map -->/)?.[1] ?? "";
  const named = [...map.matchAll(/^\s*(src\/[\w./-]*)/gm)].map(([, path = ""]) => path.replace(/\/$/, ""));
  const files = Object.keys(sources).map((path) => path.replace("../", ""));
  const folders = new Set(files.map((file) => file.split("/").slice(0, 2).join("/")));
  expect([...folders].filter((folder) => !named.includes(folder))).toEqual([]);
  expect(
    named.filter((path) => path !== "src/assets" && !files.some((file) => file.startsWith(path))),
  ).toEqual([]);
});

test("a refusal is made in one file only", () => {
  const makers = Object.entries(sources).filter(([, text]) => text.includes('outcome: "refused"'));
  expect(makers.map(([path]) => path)).toEqual(["../src/units/refusal.ts"]);
});
