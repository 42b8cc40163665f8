import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { shortNumbersOf } from "./short-numbers.ts";
import { ROOT } from "./wrangler.ts";

// Writes the table of emergency and short numbers: to be run again after every new version of google-libphonenumber.
const library = readFileSync(`${ROOT}node_modules/google-libphonenumber/dist/libphonenumber.js`, "utf8");
const table = `${ROOT}src/numbers/short-numbers.json`;
writeFileSync(table, `${JSON.stringify(shortNumbersOf(library))}\n`);
execFileSync("npx", ["biome", "format", "--write", table], { cwd: ROOT, stdio: "inherit" });
