/// <reference types="vite/types/importMeta.d.ts" />
import { expect, test } from "vitest";

const sources = import.meta.glob<string>("../src/**/*.{ts,tsx}", {
  query: "?raw",
  import: "default",
  eager: true,
});
const readme = import.meta.glob<string>("../README.md", { query: "?raw", import: "default", eager: true })[
  "../README.md"
];

/** A folder may import folders with a higher number, and itself. Two folders with one number know nothing of each other. */
const LAYERS: Record<string, number> = {
  "index.ts": 0,
  http: 1,
  dashboard: 1,
  billing: 2,
  "env.ts": 3,
  ledger: 4,
  storage: 5,
  stripe: 5,
  webhooks: 5,
  assets: 5,
  units: 6,
};

/** Packages that only these folders may import, so that "where is…" has one answer. */
const HOMES: [RegExp, string[]][] = [
  [/^drizzle-orm/, ["storage"]],
  [/^stripe/, ["stripe"]],
  [/^hono/, ["http", "dashboard"]],
  [/^cloudflare:workers/, ["ledger", "webhooks", "index.ts"]],
];

interface Import {
  file: string;
  folder: string;
  target: string;
}

function imports(): Import[] {
  return Object.entries(sources).flatMap(([path, text]) => {
    const file = path.replace("../src/", "");
    const targets = text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g);
    return [...targets].map(([, target = ""]) => ({ file, folder: folderOf(file), target }));
  });
}

function folderOf(file: string): string {
  return file.split("/")[0] ?? file;
}

/** The folder (or file at the top of src) that a relative import names. */
function targetFolder({ file, target }: Import): string {
  const path = new URL(target, `http://src/${file}`).pathname.slice(1);
  const folder = folderOf(path);
  return folder in LAYERS ? folder : `${folder}.ts`;
}

test("imports point down, never up and never sideways", () => {
  const wrong = imports()
    .filter(({ target }) => target.startsWith("."))
    .map((found) => ({ ...found, to: targetFolder(found) }))
    .filter(({ folder, to }) => folder !== to && !((LAYERS[folder] ?? -1) < (LAYERS[to] ?? -1)))
    .map(({ file, target }) => `${file} imports ${target}`);
  expect(wrong).toEqual([]);
});

test("packages stay home", () => {
  const wrong = imports()
    .filter(({ folder, target }) =>
      HOMES.some(([name, homes]) => name.test(target) && !homes.includes(folder)),
    )
    .map(({ file, target }) => `${file} imports ${target}`);
  expect(wrong).toEqual([]);
});

test("every source file belongs to a layer", () => {
  const homeless = Object.keys(sources).filter((path) => !(folderOf(path.replace("../src/", "")) in LAYERS));
  expect(homeless).toEqual([]);
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
