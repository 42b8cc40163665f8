import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import spectral from "@stoplight/spectral-core";
import rulesets from "@stoplight/spectral-rulesets";
import { writeOpenApi } from "./openapi.ts";
import { ROOT } from "./wrangler.ts";

// Holds the OpenAPI document to the recommended rules of Redocly and of Spectral: a warning fails as an error does.

/** Redocly asks nobody for newer versions of itself and tells nobody that it runs. */
const SILENT = { REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };

const run = promisify(execFile);

async function redoclyFinds(file: string): Promise<string[]> {
  const cli = `${ROOT}node_modules/@redocly/cli/bin/cli.js`;
  const args = [cli, "lint", file, "--extends=recommended", "--format=json"];
  const options = { cwd: ROOT, env: { ...process.env, ...SILENT }, maxBuffer: 64 * 1024 * 1024 };
  // It exits with 1 when there are errors.
  const { stdout } = await run(process.execPath, args, options).catch((error) => error);
  const { problems } = JSON.parse(stdout) as { problems: RedoclyProblem[] };
  return problems.map(({ ruleId, message, location }) => `${ruleId}: ${location[0]?.pointer}: ${message}`);
}

interface RedoclyProblem {
  ruleId: string;
  message: string;
  location: { pointer?: string }[];
}

async function spectralFinds(file: string): Promise<string[]> {
  const linter = new spectral.Spectral();
  linter.setRuleset({ extends: [[rulesets.oas, "recommended"]] });
  const found = await linter.run(JSON.parse(readFileSync(file, "utf8")));
  return found.map(({ code, path, message }) => `${code}: ${path.join(".")}: ${message}`);
}

const file = await writeOpenApi();
const [redocly, of_spectral] = await Promise.all([redoclyFinds(file), spectralFinds(file)]);
for (const problem of [...redocly, ...of_spectral]) console.error(problem);
console.log(`The OpenAPI document: ${redocly.length} remarks of Redocly, ${of_spectral.length} of Spectral.`);
if (redocly.length + of_spectral.length > 0) process.exitCode = 1;
