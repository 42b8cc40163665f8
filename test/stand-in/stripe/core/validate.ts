import { type OutputUnit, type Schema, validate } from "@cfworker/json-schema";
import selection from "../published/requests.json" with { type: "json" };
import { invalid, notPlayed, type Refusal } from "./errors.ts";
import { type FormFields, type FormValue, parameterName } from "./form.ts";

/** A request of Stripe's API, named as in `published/requests.json`. */
export type RequestName = keyof typeof selection.requests;

/** `left_out`: parameters that Stripe knows and the stand-in does not act upon. */
type RequestSchema = Schema & { left_out?: string[] };

const requests = selection.requests as unknown as Record<RequestName, RequestSchema>;

/**
 * The parameters of a request with the types that the SDK gives them. Throws the refusal that Stripe answers for an
 * unknown parameter, a missing one or a value that is not allowed.
 */
export function validated(name: RequestName, fields: FormFields): unknown {
  const schema = requests[name];
  const value = coerced(schema, fields);
  const errors = errorsOf(schema, value);
  if (errors.length > 0) throw refusalOf(errors, schema, value);
  return value;
}

function errorsOf(schema: Schema, value: unknown): OutputUnit[] {
  const { valid, errors } = validate(value, schema, "7", {}, false);
  return valid ? [] : errors;
}

/** Text becomes the number or boolean that the schema asks for; what cannot, stays text and is refused later. */
function coerced(schema: Schema, value: FormValue): unknown {
  if (schema.anyOf) return coercedByBranch(schema.anyOf, value);
  if (typeof value === "string") return coercedText(schema, value);
  if (Array.isArray(value))
    return value.map((item) => coerced((schema.items as Schema | undefined) ?? {}, item));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, coerced(memberOf(schema, name), inner)]),
  );
}

/** As the first branch that takes it; else as one of its shape, so that what is wrong inside it can be named. */
function coercedByBranch(branches: Schema[], value: FormValue): unknown {
  const shape = typeof value === "string" ? "string" : Array.isArray(value) ? "array" : "object";
  const readings = branches.map((branch) => ({ branch, value: coerced(branch, value) }));
  const fitting = readings.find((reading) => errorsOf(reading.branch, reading.value).length === 0);
  const similar = readings.find(({ branch }) => branch.type === shape);
  return (fitting ?? similar)?.value ?? value;
}

function memberOf({ properties, additionalProperties }: Schema, name: string): Schema {
  const known = properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (typeof known === "object") return known;
  return typeof additionalProperties === "object" ? additionalProperties : {};
}

function coercedText({ type }: Schema, text: string): unknown {
  if (type === "integer" && /^-?\d+$/.test(text)) return Number(text);
  if (type === "boolean" && /^(true|false)$/.test(text)) return text === "true";
  return text;
}

const ORDER = ["additionalProperties", "required", "enum", "type"];

/** The error that says most: the deepest; of these an unknown parameter before a missing one before a wrong value. */
function refusalOf(errors: OutputUnit[], schema: RequestSchema, value: unknown): Refusal {
  const rank = ({ keyword }: OutputUnit) => ORDER.indexOf(keyword);
  const depth = ({ instanceLocation }: OutputUnit) => instanceLocation.split("/").length;
  const [error] = errors
    .filter((one) => rank(one) >= 0)
    .sort((a, b) => depth(b) - depth(a) || rank(a) - rank(b));
  if (!error) return invalid("Invalid request.");
  const path = error.instanceLocation.split("/").slice(1).map(unescaped);
  const named = /"([^"]*)"/.exec(error.error)?.[1] ?? "";
  const param = parameterName([...path, named]);
  if (error.keyword === "required") return missingParameter(param);
  if (error.keyword === "additionalProperties")
    return isLeftOut(schema, path, named)
      ? notPlayed(`the parameter ${param}`, param)
      : unknownParameter(param);
  const at = path.reduce<unknown>(
    (inner, name) => (inner as Record<string, unknown> | undefined)?.[name],
    value,
  );
  return wrongValue(error, parameterName(path), at);
}

/** A step of a JSON pointer within a URI fragment. */
function unescaped(step: string): string {
  return decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
}

function isLeftOut(schema: RequestSchema, [step, ...rest]: string[], name: string): boolean {
  const branches = schema.anyOf ?? [schema];
  return branches.some((branch: RequestSchema) => {
    if (step === undefined) return branch.left_out?.includes(name) ?? false;
    const below = branch.type === "array" ? branch.items : branch.properties?.[step];
    return typeof below === "object" && isLeftOut(below as RequestSchema, rest, name);
  });
}

function unknownParameter(param: string): Refusal {
  return invalid(`Received unknown parameter: ${param}`, { code: "parameter_unknown", param });
}

/** 400 `parameter_missing`. */
export function missingParameter(param: string): Refusal {
  return invalid(`Missing required param: ${param}.`, { code: "parameter_missing", param });
}

function wrongValue({ keyword, error }: OutputUnit, param: string, value: unknown): Refusal {
  if (keyword === "enum") {
    const allowed = /\[(.*)\]/.exec(error)?.[1]?.replaceAll('"', "").split(",").filter(Boolean).join(", ");
    return invalid(`Invalid ${param}: must be one of ${allowed}`, { param });
  }
  const wanted = /Expected "(\w+)"/.exec(error)?.[1] ?? "value";
  const text = typeof value === "string" ? `: ${value}` : "";
  const code = wanted === "integer" ? { code: "parameter_invalid_integer" } : {};
  return invalid(`Invalid ${wanted}${text}`, { param, ...code });
}
