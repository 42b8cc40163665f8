import type { OpenAPIV3_1 } from "openapi-types";
import { schemaOfErrors } from "../error-schema";
import { ApiError, documentedErrors, type ErrorCode, headersOfErrors } from "../errors";
import { ALWAYS, header, RATE_LIMIT } from "./headers";
import { documentedSchema } from "./schemas";

/** The components that errors are made of: an answer for each set of codes, an example for each code, the bodies. */
export function errorComponents() {
  const documented = [...documentedErrors()];
  const codes = new Set(documented.flatMap(([, each]) => each));
  const schemas = documented.map(([, each]) => documentedSchema(schemaOfErrors(each)).named);
  return {
    schemas: Object.assign({}, ...schemas) as Record<string, OpenAPIV3_1.SchemaObject>,
    responses: Object.fromEntries(documented.map(([name, each]) => [name, responseOf(each)])),
    examples: Object.fromEntries([...codes].map((code) => [code, exampleOf(code)])),
  };
}

/** The answer of a route that may have these codes; `x-error-codes` has them for programs, the examples what they mean. */
function responseOf(codes: readonly ErrorCode[]) {
  const { schema } = documentedSchema(schemaOfErrors(codes));
  const examples = codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]);
  return {
    description: codes.map((code) => `\`${code}\``).join(", "),
    headers: { ...ALWAYS, ...RATE_LIMIT, ...ownHeaders(codes) },
    content: { "application/json": { schema, examples: Object.fromEntries(examples) } },
    "x-error-codes": codes,
  };
}

function ownHeaders(codes: readonly ErrorCode[]) {
  const own = [...headersOfErrors(codes)].map(([name, { required }]) => {
    if (name === "WWW-Authenticate") return [name, header("WwwAuthenticate")];
    return [name, header(required ? "RetryAfter" : "SometimesRetryAfter")];
  });
  return Object.fromEntries(own);
}

function exampleOf(code: ErrorCode): OpenAPIV3_1.ExampleObject {
  return { value: new ApiError(code).body("req_01k9z3v8qhe1w9m4c7d2x5n6tp") };
}
