import { writeFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { openApiJson } from "./openapi.ts";
import { ROOT } from "./wrangler.ts";

// Writes the types that a client of the API has, made of its document as customers make them, to `.wrangler/openapi.ts`.

/** TypeScript 7 has no compiler for programs to use; the generator gets the one before, which this package brings. */
const WITH_A_COMPILER = import.meta.resolve("ts-json-schema-generator");

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier, specifier === "typescript" ? { ...context, parentURL: WITH_A_COMPILER } : context),
});

const { astToString, default: openapiTS } = await import("openapi-typescript");
writeFileSync(`${ROOT}.wrangler/openapi.ts`, astToString(await openapiTS(await openApiJson())));
