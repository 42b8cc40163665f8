import { loadVendor } from "hono-openapi";
import { z } from "zod";

/** What zod makes of whole numbers that have no bounds of their own. */
const UNBOUNDED = Number.MAX_SAFE_INTEGER;

interface JsonSchema extends Record<string, unknown> {
  $ref?: string;
  oneOf?: { $ref?: string }[];
}

type Override = NonNullable<NonNullable<Parameters<typeof z.toJSONSchema>[1]>["override"]>;

/** A schema as the document has it, with those that have an id beside it, by their ids. */
export function documentedSchema(schema: z.ZodType): {
  schema: JsonSchema;
  named: Record<string, JsonSchema>;
} {
  const made = z.toJSONSchema(schema, { io: "input", unrepresentable: "any", override: toTheDocument });
  const text = JSON.stringify(made).replaceAll('"#/$defs/', '"#/components/schemas/');
  const { $schema: _, $defs, ...root } = JSON.parse(text);
  const named = Object.entries<JsonSchema>($defs ?? {}).map(([name, { id: _, ...each }]) => [name, each]);
  return { schema: root, named: Object.fromEntries(named) };
}

/**
 * Has the library make every schema by `documentedSchema`. Its own way drops what stands beside a reference, such as the
 * description of a field, and the examples of what is transformed.
 */
export function makeSchemasOurWay(): void {
  loadVendor("zod", {
    toOpenAPISchema: async (schema, { components }) => {
      const { schema: root, named } = documentedSchema(schema as unknown as z.ZodType);
      components.schemas = { ...components.schemas, ...named } as typeof components.schemas;
      return root as never;
    },
  });
}

const toTheDocument: Override = ({ zodSchema, jsonSchema }) => {
  const schema: JsonSchema = jsonSchema as JsonSchema;
  // What stands beside a reference is what was said here: the rest is the named schema's.
  if (schema.$ref !== undefined) delete schema.pattern;
  if (schema.minimum === -UNBOUNDED) delete schema.minimum;
  if (schema.maximum === UNBOUNDED) delete schema.maximum;
  if (schema.format === "date") delete schema.pattern;
  if (typeof schema.pattern === "string") schema.pattern = withoutClasses(schema.pattern);
  if (schema.format === "date-time") shortenTimePattern(schema);
  restoreExamples(zodSchema, schema);
  addDiscriminator(zodSchema, schema);
};

/**
 * Half of all validators do not know classes of Unicode characters, and would take their names for letters. So the document
 * calls wrong what is a control character or ends a line; the rest of what is refused is for the description to say.
 */
function withoutClasses(pattern: string): string {
  return pattern.replaceAll("\\p{C}\\p{Zl}\\p{Zp}", "\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029");
}

/** `format` says which days and hours there are; what is left to say is UTC, and milliseconds. */
function shortenTimePattern(schema: JsonSchema): void {
  const { pattern } = schema;
  if (typeof pattern !== "string") return;
  if (pattern.includes("[+-]")) delete schema.pattern;
  else schema.pattern = pattern.includes("\\.\\d{3}(?:Z)") ? "\\.\\d{3}Z$" : "Z$";
}

/** zod takes examples for what a schema makes of its input; ours are always the input. */
function restoreExamples(zodSchema: z.core.$ZodType, schema: JsonSchema): void {
  const examples = z.globalRegistry.get(zodSchema)?.examples;
  if (examples !== undefined && schema.$ref === undefined) schema.examples = examples;
}

/** A union whose members are named and differ in one text is told apart by it. */
function addDiscriminator(zodSchema: z.core.$ZodType, schema: JsonSchema): void {
  const { def } = zodSchema._zod as {
    def: { type: string; discriminator?: string; options?: z.core.$ZodType[] };
  };
  if (def.type !== "union" || !def.discriminator || !def.options) return;
  const propertyName = def.discriminator;
  const mapping: Record<string, string> = {};
  for (const option of def.options) {
    const id = z.globalRegistry.get(option)?.id;
    for (const value of option._zod.propValues?.[propertyName] ?? []) {
      if (typeof value !== "string" || id === undefined) return;
      mapping[value] = `#/components/schemas/${id}`;
    }
  }
  schema.discriminator = { propertyName, mapping };
}
