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
  numbers: 13,
  runtime: 13,
  units: 14,
};

/** Packages that only these rooms may import, so that "where is…" has one answer. */
const HOMES: [RegExp, string[]][] = [
  [/^drizzle-orm/, ["storage"]],
  [/^stripe/, ["stripe"]],
  [/^hono/, ["http", "dashboard"]],
  [/^libphonenumber-js/, ["numbers"]],
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

const MOST_LINES_OF_A_FILE = 300;

/** Files that may be longer, and why. A page's dictionary may be too, when it says why itself. */
const LONGER_FILES: Record<string, string> = {
  "../src/env.ts": "every setting of the Worker, in one schema",
  "../src/ledger/object/organization-ledger.ts":
    "all that can be asked of the object by RPC: one line or two a method",
  "../src/ledger/object/engine.ts":
    "the object's group commit with all that follows one, in the order in which it happens",
  "../src/webhooks/object/organization-webhooks.ts":
    "all that can be asked of the object by RPC, its alarm and its one commit",
};
const DICTIONARY = /^\.\.\/src\/dashboard\/pages\/[\w-]+\/words\.ts$/;
const DICTIONARY_REASON = "// Long because it is a dictionary";

const MOST_PARAMETERS = 4;

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

/** The text without comments, for what looks at code only. */
function codeOf(text: string): string {
  return text.replace(/(?<!\S)\/\*[\s\S]*?\*\/|(?<!\S)\/\/.*$/gm, "");
}

/** Whether a file does nothing but hand on what others export. */
function isBarrel(text: string): boolean {
  const reexport = /export\s+(?:type\s+)?(?:\{[^}]*\}|\*(?:\s+as\s+\w+)?)\s+from\s+"[^"]*";?/g;
  const code = codeOf(text);
  return reexport.test(code) && code.replace(reexport, "").trim() === "";
}

/** How many parameters each function declaration has: commas between its brackets, those in nested ones left out. */
function parametersIn(text: string): { name: string; count: number }[] {
  const code = codeOf(text);
  return [...code.matchAll(/\bfunction\b[\s*]*(\w*)\s*(?:<[^(]*>)?\(/g)].map((found) => {
    let [depth, count, is_named] = [1, 0, false];
    for (let i = found.index + found[0].length; depth > 0 && i < code.length; i++) {
      const char = code[i] ?? "";
      if (/[([{<]/.test(char)) depth++;
      else if (/[)\]}]/.test(char) || (char === ">" && code[i - 1] !== "=")) depth--;
      if (depth === 1 && char === ",") is_named = false;
      else if (depth > 0 && !is_named && /\S/.test(char)) [is_named, count] = [true, count + 1];
    }
    return { name: found[1] ?? "", count };
  });
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

test("what was thrown goes to the log as it is, under `error`: the log alone makes text of it", () => {
  const calls = Object.entries(sources).flatMap(([path, text]) =>
    [...codeOf(text).matchAll(/\b(?:log\.(?:info|warn|error)|logPurchase)\([\s\S]*?\);/g)].map(([call]) => ({
      path,
      call,
    })),
  );
  const made = /\bString\(|\.message\b|\.stack\b|\.\.\.failure\b|\.toString\(|JSON\.stringify/;
  expect(calls.filter(({ path, call }) => path !== "../src/units/log.ts" && made.test(call))).toEqual([]);
  expect(calls.length).toBeGreaterThan(50);
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

test("the README's map has the rooms in the order of their ranks, so that imports point down it", () => {
  const map = readme?.match(/<!-- map -->([\s\S]*?)<!-- \/map -->/)?.[1] ?? "";
  const rooms = [...map.matchAll(/^src\/([\w./-]+)/gm)].map(([, path = ""]) => path.replace(/\/$/, ""));
  expect(rooms.toSorted((a, b) => (RANKS[a] ?? Number.NaN) - (RANKS[b] ?? Number.NaN))).toEqual(rooms);
  expect(rooms.toSorted()).toEqual(Object.keys(RANKS).toSorted());
});

test(`no file has more than ${MOST_LINES_OF_A_FILE} lines without a reason`, () => {
  const long = Object.entries({ ...sources, ...tests })
    .filter(([, text]) => text.split("\n").length - 1 > MOST_LINES_OF_A_FILE)
    .filter(([path, text]) => !(DICTIONARY.test(path) && text.includes(DICTIONARY_REASON)))
    .filter(([path]) => !(path in LONGER_FILES));
  expect(long.map(([path]) => path)).toEqual([]);
});

test("no file is a barrel", () => {
  const barrels = Object.entries({ ...sources, ...tests }).filter(([, text]) => isBarrel(text));
  expect(barrels.map(([path]) => path)).toEqual([]);
});

test(`no function takes more than ${MOST_PARAMETERS} things, each by its place`, () => {
  const wrong = Object.entries({ ...sources, ...tests }).flatMap(([path, text]) =>
    parametersIn(text)
      .filter(({ count }) => count > MOST_PARAMETERS)
      .map(({ name, count }) => `${path}: ${name} takes ${count}`),
  );
  expect(wrong).toEqual([]);
});

test("a refusal is made in one file only", () => {
  const makers = Object.entries(sources).filter(([, text]) => text.includes('outcome: "refused"'));
  expect(makers.map(([path]) => path)).toEqual(["../src/units/refusal.ts"]);
});
