import type { OpenAPIV3_1 } from "openapi-types";
import type { OpenApiDocument } from "./document";
import { errorComponents } from "./errors";
import { deliveryHeaders, eventDescriptions } from "./events";
import { ALWAYS, HEADERS, RATE_LIMIT } from "./headers";
import { shareParameters } from "./parameters";

type Schemas = Record<string, OpenAPIV3_1.SchemaObject>;
type Operation = OpenAPIV3_1.OperationObject;

const SCHEMAS = "#/components/schemas/";

/** The document with what all its operations have in common: errors, headers, examples of bodies, and the events. */
export function complete(described: OpenApiDocument): OpenApiDocument {
  const errors = errorComponents();
  const events = eventDescriptions();
  const schemas = { ...described.components.schemas, ...errors.schemas, ...events.schemas } as Schemas;
  const operations = operationsOf(described);
  for (const operation of operations) addHeaders(operation);
  moveExamples(operations, schemas);
  const components = {
    ...described.components,
    ...errors,
    responses: {
      ...errors.responses,
      Taken: { description: "It was taken. Anything else: it is sent again." },
    },
    schemas,
    headers: HEADERS,
    parameters: { ...shareParameters(operations), ...deliveryHeaders() },
  };
  const whole = { ...described, components, webhooks: events.webhooks } as unknown as OpenApiDocument;
  return withoutUnused(whole);
}

function operationsOf({ paths }: OpenApiDocument): Operation[] {
  return Object.values(paths).flatMap((methods) => Object.values(methods ?? {}) as Operation[]);
}

/** Errors have theirs already, where they stand. */
function addHeaders({ responses = {}, security = [] }: Operation): void {
  const has_limit = security.some((each) => "organizationKey" in each);
  for (const response of Object.values(responses)) {
    if ("$ref" in response) continue;
    response.headers = { ...ALWAYS, ...(has_limit ? RATE_LIMIT : {}), ...response.headers };
  }
}

/** The examples of a request's body stand beside its schema, where tools look for them. */
function moveExamples(operations: readonly Operation[], schemas: Schemas): void {
  const moved = new Set<OpenAPIV3_1.SchemaObject>();
  for (const { requestBody } of operations) {
    const media =
      requestBody && "content" in requestBody ? requestBody.content["application/json"] : undefined;
    if (!media?.schema) continue;
    const schema = "$ref" in media.schema ? schemas[media.schema.$ref.replace(SCHEMAS, "")] : media.schema;
    const [first, ...others] = schema?.examples ?? [];
    if (first === undefined || !schema) continue;
    moved.add(schema);
    if (others.length === 0) media.example = first;
    else
      media.examples = Object.fromEntries(
        [first, ...others].map((value, at) => [`example_${at + 1}`, { value }]),
      );
  }
  for (const schema of moved) delete schema.examples;
}

/** Names that nothing refers to, such as an answer that a route has put its own in the place of, are left out. */
function withoutUnused(document: OpenApiDocument): OpenApiDocument {
  const text = JSON.stringify({ ...document, components: null });
  const found = new Set<string>();
  const unread = [text];
  const components = document.components as Record<string, Record<string, unknown>>;
  for (let read = unread.pop(); read !== undefined; read = unread.pop())
    for (const [, kind = "", name = ""] of read.matchAll(/"#\/components\/(\w+)\/(\w+)"/g)) {
      if (found.has(`${kind}/${name}`)) continue;
      found.add(`${kind}/${name}`);
      unread.push(JSON.stringify(components[kind]?.[name]) ?? "");
    }
  const kept = Object.entries(components).map(([kind, named]) => {
    if (kind === "securitySchemes") return [kind, named];
    return [kind, Object.fromEntries(Object.entries(named).filter(([name]) => found.has(`${kind}/${name}`)))];
  });
  return { ...document, components: Object.fromEntries(kept) };
}
