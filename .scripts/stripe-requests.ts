import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import Stripe from "stripe";
import { createGenerator, type Schema } from "ts-json-schema-generator";
import { REQUESTS, RESOURCES } from "./stripe-selection.ts";
import { ROOT } from "./wrangler.ts";

/**
 * Writes what the Stripe stand-in takes and answers, from the types of the installed SDK: to be run again after every
 * new version of it. The stand-in then refuses what Stripe refuses, without a copy of Stripe's OpenAPI file.
 */
const DIRECTORY = `${ROOT}test/stand-in/stripe/published`;

type Definitions = Record<string, Schema>;

/** The SDK's own schemas, a definition for each of its types. */
function definitionsOf(types: string[]): Definitions {
  const directory = `${ROOT}.wrangler/stripe-requests`;
  mkdirSync(directory, { recursive: true });
  const exports = types.map((type, index) => `export type Request${index} = Stripe.${type};`);
  writeFileSync(`${directory}/requests.ts`, `import type Stripe from "stripe";\n${exports.join("\n")}\n`);
  const compilerOptions = { module: "nodenext", target: "es2022", strict: true, types: [] };
  writeFileSync(`${directory}/tsconfig.json`, JSON.stringify({ compilerOptions, files: ["requests.ts"] }));
  const generator = createGenerator({
    path: `${directory}/requests.ts`,
    tsconfig: `${directory}/tsconfig.json`,
    type: "*",
    skipTypeCheck: true,
    jsDoc: "none",
    topRef: true,
    encodeRefs: false,
    additionalProperties: false,
    functions: "hide",
  });
  return generator.createSchema("*").definitions as Definitions;
}

/** The parameters below one, by their first names: `["a.b", "a.c", "d"]` is `a: ["b", "c"], d: []`. */
function byFirstName(paths: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const path of paths) {
    const [first = "", ...rest] = path.split(".");
    const below = found.get(first) ?? [];
    if (rest.length > 0) below.push(rest.join("."));
    found.set(first, below);
  }
  return found;
}

/**
 * A schema as the wire has it, with the chosen parameters only, all of them when none is chosen; the names of the others
 * stand in `left_out`. The SDK's enumerations end in "or any other string" so that a new value is no type error: without
 * that branch a wrong value is found. Null travels as an empty string, a decimal as text, and every number is whole.
 */
function onTheWire(schema: Schema, chosen: readonly string[], definitions: Definitions): Schema {
  const { $ref, anyOf, properties, items, additionalProperties, required, type } = schema;
  const inner = (value: Schema) => onTheWire(value, chosen, definitions);
  if ($ref) return inner(referred($ref, definitions));
  if (anyOf) return branches(anyOf.map((branch) => unwrapped(branch as Schema, definitions)).map(inner));
  if (items) return { type: "array", items: inner(items as Schema) };
  if (properties) return objectOf(schema, chosen, definitions);
  if (type === "object")
    return {
      type,
      ...(isSchema(additionalProperties) && { additionalProperties: inner(additionalProperties) }),
    };
  return { ...schema, ...(type !== undefined && { type: wireType(type) }), ...(required && { required }) };
}

function objectOf(schema: Schema, chosen: readonly string[], definitions: Definitions): Schema {
  const names = byFirstName(chosen);
  const all = Object.keys(schema.properties ?? {});
  const unknown = [...names.keys()].filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new Error(`The SDK knows no ${unknown.join(", ")}, but ${all.join(", ")}.`);
  const kept = names.size === 0 ? all : all.filter((name) => names.has(name));
  const left_out = all.filter((name) => !kept.includes(name));
  const required = (schema.required ?? []).filter((name) => kept.includes(name));
  return {
    type: "object",
    additionalProperties: false,
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(
      kept.map((name) => [
        name,
        onTheWire(schema.properties?.[name] as Schema, names.get(name) ?? [], definitions),
      ]),
    ),
    ...(left_out.length > 0 && { left_out }),
  };
}

function referred($ref: string, definitions: Definitions): Schema {
  const name = $ref.slice("#/definitions/".length);
  if (name === "Decimal") return { type: "string" };
  const found = definitions[name];
  if (!found) throw new Error(`There is no definition ${name}.`);
  return found;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null;
}

function wireType(type: NonNullable<Schema["type"]>): Schema["type"] {
  const types = [type].flat().filter((one) => one !== "null");
  return types.includes("string") ? "string" : types[0] === "number" ? "integer" : types[0];
}

/** A branch that is itself only a choice is looked into by its name, so that "or any other string" is found. */
function unwrapped(branch: Schema, definitions: Definitions): Schema {
  if (branch.$ref === "#/definitions/OtherString") return { type: "null" };
  return branch.$ref ? referred(branch.$ref, definitions) : branch;
}

function branches(all: Schema[]): Schema {
  const kept = all.filter(({ type }) => type !== "null" && type !== undefined);
  const values = kept.flatMap((branch) => ("const" in branch ? [branch.const] : (branch.enum ?? [])));
  const others = kept.filter((branch) => !("const" in branch) && !branch.enum);
  const listed: Schema[] = values.length > 0 ? [{ type: "string", enum: values }] : [];
  const [first, ...rest] = [...listed, ...others];
  if (!first) throw new Error("A choice without a branch.");
  return rest.length === 0 ? first : { anyOf: [first, ...rest] };
}

/** The name under which the generator has a type of the SDK. */
function schemaOf(index: number, chosen: readonly string[], definitions: Definitions): Schema {
  return onTheWire({ $ref: `#/definitions/Request${index}` }, chosen, definitions);
}

/** Fields that the SDK's type of a resource promises to be there. */
function promisedFields(file: string, type: string): string[] {
  const text = readFileSync(`${ROOT}node_modules/stripe/esm/resources/${file}.d.ts`, "utf8");
  const body = text.split(`export interface ${type} {\n`)[1]?.split("\n}")[0];
  if (!body) throw new Error(`${file}.d.ts has no interface ${type}.`);
  return [...body.matchAll(/^ {4}(\w+): /gm)].map(([, name = ""]) => name);
}

function write(name: string, content: object): void {
  const file = `${DIRECTORY}/${name}`;
  const versions = { stripe_version: Stripe.PACKAGE_VERSION, api_version: Stripe.API_VERSION };
  writeFileSync(file, JSON.stringify({ ...versions, ...content }));
  execFileSync(`${ROOT}node_modules/.bin/biome`, ["format", "--write", file], { cwd: ROOT, stdio: "ignore" });
  console.log(`Wrote ${file}.`);
}

const definitions = definitionsOf(Object.values(REQUESTS).map(({ type }) => type));
const requests = Object.entries(REQUESTS).map(([name, { parameters }], index) => [
  name,
  schemaOf(index, parameters, definitions),
]);
write("requests.json", { requests: Object.fromEntries(requests) });
const fields = Object.entries(RESOURCES).map(([name, { file, type, also = [] }]) => [
  name,
  [...promisedFields(file, type), ...also].sort(),
]);
write("resource-fields.json", { fields: Object.fromEntries(fields) });
