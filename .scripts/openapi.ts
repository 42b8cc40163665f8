import { mkdirSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { ROOT } from "./wrangler.ts";

const MAKES_IT = `
  import { app } from "./src/http/app";
  import { openApiDocument } from "./src/http/openapi";
  export const made = await openApiDocument(app);
`;

/** The OpenAPI document as JSON, made by the Worker's own code without starting a Worker. */
export async function openApiJson(): Promise<string> {
  const directory = `${ROOT}.wrangler/openapi`;
  const outfile = `${directory}/make.mjs`;
  await build({
    stdin: { contents: MAKES_IT, resolveDir: ROOT },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "es2024",
    jsx: "automatic",
    jsxImportSource: "hono/jsx",
    logLevel: "error",
  });
  const { made } = (await import(outfile)) as { made: object };
  return JSON.stringify(made);
}

/** Writes the document to `.wrangler/openapi.json` and answers the path, for tools that read files. */
export async function writeOpenApi(): Promise<string> {
  const file = `${ROOT}.wrangler/openapi.json`;
  mkdirSync(`${ROOT}.wrangler`, { recursive: true });
  writeFileSync(file, await openApiJson());
  return file;
}

if (import.meta.main) console.log(await openApiJson());
