import type { generateSpecs } from "hono-openapi";

/** An OpenAPI 3.1 document, as the library makes it. */
export type OpenApiDocument = Awaited<ReturnType<typeof generateSpecs>>;
