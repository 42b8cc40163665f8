import type { OpenAPIV3_1 } from "openapi-types";
import type { OpenApiDocument } from "../document/document";

export type Schema = OpenAPIV3_1.SchemaObject | OpenAPIV3_1.ReferenceObject;

/** One field of a body, as a row of a table. */
export interface Field {
  name: string;
  type: string;
  required: boolean;
  description: string;
  /** What a value must fulfil, such as `1 to 128 characters`. */
  limits: string[];
  fields: Field[];
}

/** Reads schemas of one document for people. */
export class SchemaReader {
  constructor(private readonly document: OpenApiDocument) {}

  /** The schema itself, with what stands beside a reference added. */
  resolve(schema: Schema): OpenAPIV3_1.SchemaObject {
    if (!("$ref" in schema)) return schema;
    const { $ref: _, ...beside } = schema;
    return { ...this.resolve(this.referred<Schema>(schema)), ...beside };
  }

  /** What stands here, or the component that it refers to. */
  component<Component extends object>(stated: Component | OpenAPIV3_1.ReferenceObject): Component {
    return "$ref" in stated ? this.component(this.referred<Component>(stated)) : stated;
  }

  private referred<Component extends object>({ $ref }: OpenAPIV3_1.ReferenceObject) {
    const path = $ref.split("/").slice(1);
    const found = path.reduce<unknown>((place, name) => Reflect.get(Object(place), name), this.document);
    if (found === undefined) throw new Error(`The document has no ${$ref}.`);
    return found as Component | OpenAPIV3_1.ReferenceObject;
  }

  /** The fields of an object, or of the objects in an array. */
  fields(schema: Schema): Field[] {
    const resolved = this.resolve(schema);
    if (resolved.type === "array") return this.fields(resolved.items as Schema);
    const variants = (resolved.anyOf ?? resolved.oneOf)?.filter((variant) => !isNull(this.resolve(variant)));
    if (variants?.length === 1 && variants[0]) return this.fields(variants[0]);
    return Object.entries(resolved.properties ?? {}).map(([name, property]) =>
      this.field(name, property, resolved.required?.includes(name) ?? false),
    );
  }

  /** The variants that a body can have, one for each that is not null. */
  variants(schema: Schema): Schema[] {
    const resolved = this.resolve(schema);
    const variants = (resolved.anyOf ?? resolved.oneOf) as Schema[] | undefined;
    return variants ? variants.flatMap((variant) => this.variants(variant)) : [schema];
  }

  /** A value that fulfils the schema, made of the examples in it. */
  example(schema: Schema): unknown {
    const resolved = this.resolve(schema);
    if (resolved.examples?.[0] !== undefined) return resolved.examples[0];
    if (resolved.example !== undefined) return resolved.example;
    if (resolved.const !== undefined) return resolved.const;
    if (resolved.enum) return resolved.enum[0];
    const variant = (resolved.anyOf ?? resolved.oneOf)?.[0];
    if (variant) return this.example(variant);
    if (resolved.type === "array") return [this.example(resolved.items as Schema)];
    if (resolved.properties) {
      const entries = Object.entries(resolved.properties);
      return Object.fromEntries(entries.map(([name, property]) => [name, this.example(property)]));
    }
    return EXAMPLES[typeName(resolved)] ?? null;
  }

  private field(name: string, schema: Schema, required: boolean): Field {
    const resolved = this.resolve(schema);
    const { description = "" } = resolved;
    return {
      name,
      type: this.typeOf(schema),
      required,
      description: description || this.variantDescription(resolved),
      limits: limitsOf(resolved),
      fields: this.fields(schema),
    };
  }

  private variantDescription({ anyOf }: OpenAPIV3_1.SchemaObject): string {
    for (const variant of anyOf ?? []) {
      const { description } = this.resolve(variant);
      if (description) return description;
    }
    return "";
  }

  typeOf(schema: Schema): string {
    const resolved = this.resolve(schema);
    const variants = resolved.anyOf ?? resolved.oneOf;
    if (variants) return [...new Set(variants.map((variant) => this.typeOf(variant)))].join(" or ");
    if (resolved.const !== undefined) return JSON.stringify(resolved.const);
    if (resolved.enum) return resolved.enum.map((value) => JSON.stringify(value)).join(" | ");
    if (resolved.type === "array") return `array of ${this.typeOf(resolved.items as Schema)}`;
    return typeName(resolved);
  }
}

const EXAMPLES: Record<string, unknown> = { string: "text", integer: 0, number: 0, boolean: true };

function typeName(schema: OpenAPIV3_1.SchemaObject): string {
  if (schema.format === "date-time" || schema.format === "date") return schema.format;
  if (Array.isArray(schema.type)) return schema.type.join(" or ");
  return schema.type ?? "any";
}

function isNull(schema: OpenAPIV3_1.SchemaObject): boolean {
  return schema.type === "null";
}

function limitsOf(schema: OpenAPIV3_1.SchemaObject): string[] {
  const limits: string[] = [];
  const { minimum, maximum, minItems, maxItems } = schema;
  const bounded = (value: number | undefined) =>
    value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER;
  if (bounded(minimum) && bounded(maximum)) limits.push(`${minimum} to ${maximum}`);
  else if (bounded(minimum)) limits.push(`at least ${minimum}`);
  else if (bounded(maximum)) limits.push(`at most ${maximum}`);
  if (maxItems !== undefined) limits.push(`${minItems ?? 0} to ${maxItems} items`);
  return limits;
}
