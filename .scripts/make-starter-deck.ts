import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { starterDeckOf } from "./starter-deck.ts";
import { ROOT } from "./wrangler.ts";

// Writes the ranges that the starter deck closes: to be run again after every new version of libphonenumber-js.
const metadata = readFileSync(`${ROOT}node_modules/libphonenumber-js/metadata.max.json`, "utf8");
const { table, overlaps } = starterDeckOf(JSON.parse(metadata));
const file = `${ROOT}src/pricing/starter/closed-ranges.json`;
writeFileSync(file, `${JSON.stringify(table)}\n`);
execFileSync("npx", ["biome", "format", "--write", file], { cwd: ROOT, stdio: "inherit" });
const ranges = Object.values(table.ranges).flatMap((kinds) => Object.values(kinds).join(" ").split(" "));
const compressed = gzipSync(JSON.stringify(table)).length;
console.log(
  `${ranges.length} ranges under ${Object.keys(table.ranges).length} calling codes, ${compressed} bytes compressed.`,
);
if (overlaps.length > 0)
  console.log(`Open, because numbers there are of other types, too: ${overlaps.join(" ")}`);
