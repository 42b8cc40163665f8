import type { Hono } from "hono";
import { generateSpecs, resolver } from "hono-openapi";
import type { z } from "zod";
import type { AppEnv } from "./context";
import { complete } from "./document/complete";
import type { OpenApiDocument } from "./document/document";
import { DOCUMENTATION } from "./document/introduction";
import { makeSchemasOurWay } from "./document/schemas";

/** A response with a JSON body, for `describeRoute`. */
export function json(schema: z.ZodType, description: string) {
  return { description, content: { "application/json": { schema: resolver(schema) } } };
}

const built = new WeakMap<Hono<AppEnv>, OpenApiDocument>();

/** The OpenAPI 3.1 document of all described routes, built when it is first asked for. */
export async function openApiDocument(app: Hono<AppEnv>): Promise<OpenApiDocument> {
  const known = built.get(app);
  if (known) return known;
  makeSchemasOurWay();
  const described = await generateSpecs(app, {
    documentation: DOCUMENTATION,
    defaultValidationErrorResponse: false,
    // `usage.csv` is no file.
    excludeStaticFile: false,
  });
  const document = complete(described);
  built.set(app, document);
  return document;
}
