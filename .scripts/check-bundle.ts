import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { ROOT } from "./wrangler.ts";

/** What must never be deployed: the stand-in of Stripe, its cards and keys, keys of the demo and of tests. */
const STRANGERS = [
  "STANDIN-",
  "stand-in of Stripe",
  "4242424242424242",
  "sk_test_the_stand_in",
  "sk_test_standin",
  "whsec_the_stand_in",
  "that-only-the-tests-know",
  "DejaVu",
];

const directory = `${ROOT}.wrangler/bundle`;
const scripts = readdirSync(directory).filter((name) => name.endsWith(".js"));
const text = scripts.map((name) => readFileSync(`${directory}/${name}`, "utf8")).join("");
if (text === "") throw new Error("The bundle is empty.");
const found = STRANGERS.filter((stranger) => text.includes(stranger));
if (found.length > 0) throw new Error(`The bundle has in it what must not be deployed: ${found.join(", ")}`);
console.log(
  `The bundle is ${Math.round(gzipSync(text).length / 1_024)} KiB compressed, with nothing of the stand-in.`,
);
